"""single_server.py http|ftp|h2 LOG: a server on a port of 127.0.0.1, which it
prints. http and ftp serve one connection at a time and never close it: as
many development servers do. Each GET is answered 503, each RETR 450; of h2
each stream is reset. LOG gets a line a request.
"""

import socket
import struct
import sys
import threading

MODE, LOG = sys.argv[1], open(sys.argv[2], "w", 1)
SETTINGS, RST_STREAM, HEADERS, ACK = 4, 3, 1, 1
REPLIES = {"USER": "331 password", "PASS": "230 in", "PWD": '257 "/"',
           "RETR": "450 busy", "QUIT": "221 bye"}


def serve_http(stream):
    for line in stream:
        LOG.write(line.decode())
        while stream.readline().strip():
            pass
        stream.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy\n")


def serve_ftp(stream):
    data = socket.create_server(("127.0.0.1", 0))
    stream.write(b"220 hello\r\n")
    for line in stream:
        command = line.split()[0].decode()
        LOG.write(command + "\n")
        reply = REPLIES.get(command, "250 ok")
        if command == "EPSV":
            reply = f"229 ok (|||{data.getsockname()[1]}|)"
        stream.write(reply.encode() + b"\r\n")
        if command == "QUIT":
            break


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) +
            struct.pack(">I", stream) + payload)


def serve_h2(stream):
    LOG.write("connection\n")
    stream.read(24)
    stream.write(frame(SETTINGS, 0, 0))
    while len(head := stream.read(9)) == 9:
        stream.read(int.from_bytes(head[:3], "big"))
        kind, flags = head[3], head[4]
        if kind == SETTINGS and not flags & ACK:
            stream.write(frame(SETTINGS, ACK, 0))
        if kind == HEADERS:
            LOG.write("stream\n")
            number = int.from_bytes(head[5:], "big")
            stream.write(frame(RST_STREAM, 0, number, struct.pack(">I", 2)))


def serve(peer):
    try:
        with peer, peer.makefile("rwb", 0) as stream:
            {"http": serve_http, "ftp": serve_ftp, "h2": serve_h2}[MODE](stream)
    except OSError:  # the client has left
        pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=20)
    print(listener.getsockname()[1], flush=True)
    for _ in range(10000):
        peer = listener.accept()[0]
        if MODE == "h2":
            threading.Thread(target=serve, args=(peer,), daemon=True).start()
        else:
            serve(peer)


main()
