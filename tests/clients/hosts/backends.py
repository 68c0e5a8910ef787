"""backends.py rst|503 LOG: 127.0.0.2, 127.0.0.3 and 127.0.0.4 on one port,
which it prints. The first one is sick: it resets, or answers 503; the others
say hello. LOG gets the address of each request.
"""

import socket
import struct
import sys
import threading

HOW, LOG = sys.argv[1], open(sys.argv[2], "w", 1)
SICK = "127.0.0.2"


def serve(peer, address):
    with peer, peer.makefile("rb") as lines:
        while lines.readline().strip():
            while lines.readline().strip():
                pass
            LOG.write(address + "\n")
            if address != SICK:
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                             b"hello")
            elif HOW == "503":
                peer.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            else:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
                break


def listen(listener, address):
    for _ in range(10000):
        threading.Thread(target=serve, args=(listener.accept()[0], address),
                         daemon=True).start()


def main():
    first = socket.create_server((SICK, 0), backlog=9)
    port = first.getsockname()[1]
    for address in (SICK, "127.0.0.3", "127.0.0.4"):
        listener = first if address == SICK else socket.create_server(
            (address, port), backlog=9)
        threading.Thread(target=listen, args=(listener, address),
                         daemon=True).start()
    print(port, flush=True)
    threading.Event().wait(600)


main()
