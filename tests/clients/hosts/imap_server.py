"""imap_server.py: greets and answers every command of IMAP with "OK", on a
port of 127.0.0.1, which it prints.
"""

import socket
import threading


def serve(peer):
    try:
        with peer, peer.makefile("rwb", 0) as stream:
            stream.write(b"* OK hello\r\n")
            for line in stream:
                tag, command = line.split()[:2]
                if command == b"CAPABILITY":
                    stream.write(b"* CAPABILITY IMAP4\r\n")
                stream.write(tag + b" OK done\r\n")
                if command == b"LOGOUT":
                    break
    except OSError:  # the client has left
        pass


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    for _ in range(100):
        threading.Thread(target=serve, args=(listener.accept()[0],),
                         daemon=True).start()


main()
