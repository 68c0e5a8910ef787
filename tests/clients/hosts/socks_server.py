"""socks_server.py: a SOCKS5 proxy (RFC 1928) without logins on a port of
127.0.0.1, which it prints. Where it can't connect it says 5, refused.
"""

import socket
import struct
import sys
import threading

CONNECT, IPV4, NAME, REFUSED = 1, 1, 3, 5


def read_target(stream):
    version, command, _, kind = stream.read(4)
    assert (version, command) == (5, CONNECT)
    if kind == IPV4:
        host = socket.inet_ntoa(stream.read(4))
    else:
        assert kind == NAME
        host = stream.read(stream.read(1)[0]).decode()
    return host, struct.unpack(">H", stream.read(2))[0]


def answer(stream, code):
    stream.write(bytes([5, code, 0, IPV4]) + bytes(6))
    stream.flush()


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()


def serve(peer):
    stream = peer.makefile("rwb", buffering=0)
    stream.read(stream.read(2)[1])
    stream.write(b"\x05\x00")
    try:
        target = socket.create_connection(read_target(stream))
    except OSError:
        answer(stream, REFUSED)
        peer.close()
        return
    answer(stream, 0)
    threading.Thread(target=pump, args=(target, peer), daemon=True).start()
    pump(peer, target)


listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
sys.stdout.close()
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],),
                     daemon=True).start()
