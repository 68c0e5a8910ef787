"""tls_server.py CERT KEY: HTTPS on a port of 127.0.0.1, which it prints. The
path says how a body's end is known: length, chunked, or close, where the
connection ends; "redirect" has no Location. "busy" in it: a 503 comes first.
"""

import socket
import ssl
import sys
import threading

HEADS = {"length": "200 OK\r\nContent-Length: 5\r\n\r\nhello",
         "chunked": "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "5\r\nhello\r\n0\r\n\r\n",
         "close": "200 OK\r\n\r\nhello",
         "redirect": "302 Found\r\nContent-Length: 0\r\n\r\n"}
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
was_busy = set()


def answer(stream, path):
    if "busy" in path and path not in was_busy:
        was_busy.add(path)
        stream.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
        return True
    kind = path.split("/")[-1]
    stream.write(f"HTTP/1.1 {HEADS[kind]}".encode())
    return kind != "close"


def serve(peer):
    try:
        with context.wrap_socket(peer, server_side=True) as connection:
            stream = connection.makefile("rwb")
            for line in stream:
                while stream.readline().strip():
                    pass
                goes_on = answer(stream, line.split()[1].decode())
                stream.flush()
                if not goes_on:
                    break
            stream.close()
    except OSError:
        pass


server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],),
                     daemon=True).start()
