"""For the servers beside it, that need nothing of their own here."""

import socket
import threading


def serve_each(serve):
    """serve(peer) in a thread of its own for each of the first 100
    connections to a port of 127.0.0.1, which is printed."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    for _ in range(100):
        threading.Thread(target=serve, args=(listener.accept()[0],),
                         daemon=True).start()
