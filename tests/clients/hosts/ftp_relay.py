"""ftp_relay.py WAY BYTES...: data connections to an FTP server on 127.0.0.2,
through the same port of 127.0.0.1, which it prints. Each is reset after so
many bytes of an upload (WAY: up) or a download (down); "all": not at all; the
last number repeats.
"""

import select
import socket
import struct
import sys

HERE, SERVER = "127.0.0.1", "127.0.0.2"


def listen():
    """On a port that is kept for the server too: it sets SO_REUSEADDR."""
    while True:
        listener = socket.create_server((HERE, 0))
        port = listener.getsockname()[1]
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind((SERVER, port))
            return listener, holder, port
        except OSError:
            holder.close()
            listener.close()


def pass_on(client, server, counted, left):
    """Until one of them ends. False: the counted one sent so much."""
    other = {client: server, server: client}
    while left:
        for side in select.select([client, server], [], [])[0]:
            piece = side.recv(min(left, 65536) if side is counted else 65536)
            if not piece:
                return True
            other[side].sendall(piece)
            if side is counted:
                left -= len(piece)
    return False


def main():
    way, cuts = sys.argv[1], sys.argv[2:]
    listener, holder, port = listen()
    print(port, flush=True)
    for number in range(1000):
        client = listener.accept()[0]
        try:
            server = socket.create_connection((SERVER, port))
        except OSError:  # the client did not wait for us
            client.close()
            continue
        cut = cuts[min(number, len(cuts) - 1)]
        is_whole = True
        try:
            is_whole = pass_on(client, server,
                               {"up": client, "down": server}[way],
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
