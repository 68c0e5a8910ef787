"""slow_backend.py: 127.0.0.2, 127.0.0.3 and 127.0.0.4 on one port, which it
prints. The first one takes 3 s for the first request of a path with "slow" in
it; else all say hello at once.
"""

import socket
import sys
import threading
import time

SLOW = "127.0.0.2"
seen = set()


def serve(peer, address):
    with peer, peer.makefile("rb") as lines:
        while True:
            path = lines.readline().split()[1:2]
            if not path:
                return
            while lines.readline().strip():
                pass
            if address == SLOW and b"slow" in path[0] and path[0] not in seen:
                seen.add(path[0])
                time.sleep(3)
                return
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


def listen(listener, address):
    for _ in range(10000):
        threading.Thread(target=serve, args=(listener.accept()[0], address),
                         daemon=True).start()


def main():
    first = socket.create_server((SLOW, 0), backlog=9)
    port = first.getsockname()[1]
    for address in (SLOW, "127.0.0.3", "127.0.0.4"):
        listener = first if address == SLOW else socket.create_server(
            (address, port), backlog=9)
        threading.Thread(target=listen, args=(listener, address),
                         daemon=True).start()
    print(port, flush=True)
    sys.stdin.read()


main()
