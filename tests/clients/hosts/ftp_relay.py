"""ftp_relay.py BYTES...: data connections to an FTP server on 127.0.0.2,
through the same port of 127.0.0.1. Each upload is reset after so many bytes;
"all": not at all; the last one repeats. Prints that port and a free one of
127.0.0.2 for the server's control connections.
"""

import socket
import struct
import sys

HERE, SERVER = "127.0.0.1", "127.0.0.2"


def listen():
    """On a port that is free for the server too."""
    while True:
        listener = socket.create_server((HERE, 0))
        try:
            port = listener.getsockname()[1]
            socket.create_server((SERVER, port)).close()
            return listener, port
        except OSError:
            listener.close()


def free_port():
    with socket.create_server((SERVER, 0)) as server:
        return server.getsockname()[1]


def pass_on(client, server, left):
    """What the client sends. False: so much was passed on."""
    while left:
        piece = client.recv(min(left, 65536))
        if not piece:
            return True
        server.sendall(piece)
        left -= len(piece)
    return False


def main():
    listener, port = listen()
    print(port, free_port(), flush=True)
    for number in range(1000):
        client = listener.accept()[0]
        server = socket.create_connection((SERVER, port))
        cut = sys.argv[min(number + 1, len(sys.argv) - 1)]
        is_whole = True
        try:
            is_whole = pass_on(client, server,
                               1 << 62 if cut == "all" else int(cut))
        except OSError:  # one of them has left
            pass
        if not is_whole:
            for side in client, server:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        client.close()
        server.close()


main()
