"""slow_server.py http09|ftp PAUSE GO: a server on a port of 127.0.0.1, which
it prints. Each reply of a login takes PAUSE seconds; of a body of 200 bytes
the second half comes when the file GO is there, or after ten seconds.
"""

import os
import socket
import sys
import time

from listening import serve_each

MODE, PAUSE, GO = sys.argv[1], float(sys.argv[2]), sys.argv[3]
REPLIES = {b"USER": b"331 password", b"PASS": b"230 in", b"PWD": b'257 "/"',
           b"TYPE": b"200 done", b"SIZE": b"213 200", b"QUIT": b"221 bye"}


def send_body(peer):
    peer.sendall(b"A" * 100)
    for _ in range(200):
        if os.path.exists(GO):
            break
        time.sleep(0.05)
    peer.sendall(b"B" * 100)
    peer.close()


def serve_ftp(peer):
    data = socket.create_server(("127.0.0.1", 0))
    peer.sendall(b"220 hello\r\n")
    for line in peer.makefile("rb"):
        time.sleep(PAUSE)
        command = line.split()[0].upper()
        if command == b"EPSV":
            reply = b"229 here (|||%d|)" % data.getsockname()[1]
        elif command == b"RETR":
            peer.sendall(b"150 coming\r\n")
            send_body(data.accept()[0])
            reply = b"226 sent"
        else:
            reply = REPLIES.get(command, b"500 what")
        peer.sendall(reply + b"\r\n")


def serve(peer):
    try:
        if MODE == "ftp":
            serve_ftp(peer)
        else:
            peer.recv(4096)
            send_body(peer)
    except OSError:  # the client has left
        pass


serve_each(serve)
