"""backends.py rst|503|slow LOG: 127.0.0.2, 127.0.0.3 and 127.0.0.4 on one
port, which it prints. The first one is sick: it resets, or answers 503, or
takes 3 s, and says nothing, for the first request of a path with "slow" in it;
the others say hello. LOG gets the address of each request.
"""

import socket
import struct
import sys
import threading
import time

HOW, LOG = sys.argv[1], open(sys.argv[2], "w", 1)
SICK = "127.0.0.2"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
seen = set()


def is_slow(path):
    if b"slow" not in path or path in seen:
        return False
    seen.add(path)
    return True


def serve(peer, address):
    with peer, peer.makefile("rb") as lines:
        while request := lines.readline().strip():
            while lines.readline().strip():
                pass
            LOG.write(address + "\n")
            if address != SICK:
                peer.sendall(HELLO)
            elif HOW == "503":
                peer.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            elif HOW == "rst":
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
                break
            elif is_slow(request.split()[1]):
                time.sleep(3)
                break
            else:
                peer.sendall(HELLO)


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
