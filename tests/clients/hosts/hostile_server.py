"""hostile_server.py: prints its port; answers each path without end, or with
far more than anybody wants, up to what is said there.
"""

import socket
import sys
import threading
import time
import zlib

MILLION = 1 << 20


def interim(send):
    for _ in range(20000):
        send(b"HTTP/1.1 103 Early Hints\r\nLink: <" + b"x" * 900 + b">\r\n\r\n")


def headers(send, status=200, count=20000):
    send(b"HTTP/1.1 %d OK\r\n" % status)
    for i in range(count):
        send(b"X-%d: " % i + b"x" * 1000 + b"\r\n")


def trailers(send):
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         b"5\r\nhello\r\n0\r\n")
    for i in range(1000):
        send(b"".join(b"X-%d-%d: x\r\n" % (i, j) for j in range(100)))


def body(send):
    send(b"HTTP/1.1 503 Busy\r\n\r\n")
    for _ in range(200):
        send(bytes(MILLION))


def slow(send):
    send(b"HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(150):
        send(b"x")
        time.sleep(0.1)


def bomb(send):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    for _ in range(200):
        send(pack.compress(bytes(MILLION)))
    send(pack.flush())


def line(send):
    send(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(20000):
        send(b"x" * 1000)


PATHS = {
    b"/interim": interim, b"/headers": headers, b"/trailers": trailers,
    b"/errors": lambda send: headers(send, 503), b"/body": body,
    b"/slow": slow, b"/bomb": bomb, b"/line": line,
}


def serve(peer):
    with peer, peer.makefile("rb") as lines:
        path = lines.readline().split()[1]
        while lines.readline().strip():
            pass
        try:
            PATHS[path](peer.sendall)
        except OSError:
            pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=9)
    print(listener.getsockname()[1], flush=True)
    for _ in range(1000):
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer,), daemon=True).start()


main()
