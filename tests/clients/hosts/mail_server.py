"""mail_server.py imap|pop3|smtp LOG: answers every command with success, on a
port of 127.0.0.1, which it prints. Each list, mail or search has one line.
LOG has a line a connection, one a command, and one with a mail's size.
"""

import re
import sys

from listening import serve_each

KIND, LOG = sys.argv[1], open(sys.argv[2], "a", 1)
LINES = {"LIST": "LIST () / INBOX", "LSUB": "LSUB () / INBOX",
         "SEARCH": "SEARCH 1", "EXAMINE": "1 EXISTS", "SELECT": "1 EXISTS",
         "FETCH": "1 FETCH (BODY[TEXT] {4}\r\nmail)",
         "CAPABILITY": "CAPABILITY IMAP4"}


def answer_imap(stream, line):
    tag, command = line.split()[:2]
    if command == "UID":
        command = line.split()[2]
    size = re.search(r"{(\d+)}$", line)
    if size:
        stream.write(b"+ go on\r\n")
        stream.flush()
        stream.read(int(size[1]) + 2)
    if command in LINES:
        stream.write(f"* {LINES[command]}\r\n".encode())
    stream.write(f"{tag} OK done\r\n".encode())
    return command != "LOGOUT"


def answer_pop3(stream, line):
    command = line.split()[0]
    if command == "CAPA":
        stream.write(b"-ERR no\r\n")
        return True
    stream.write(b"+OK 1 4\r\n")
    if command in ("RETR", "TOP") or line in ("LIST", "UIDL"):
        stream.write(b"1 mail\r\n.\r\n")
    return command != "QUIT"


def answer_smtp(stream, line):
    command = line.split()[0]
    if command == "DATA":
        stream.write(b"354 go on\r\n")
        stream.flush()
        size = 0
        while (text := stream.readline()) not in (b".\r\n", b""):
            size += len(text)
        LOG.write(f"{size} bytes\n")
    stream.write(b"221 bye\r\n" if command == "QUIT" else b"250 done\r\n")
    return command != "QUIT"


def serve(peer):
    greeting, answer = {"imap": ("* OK hello", answer_imap),
                        "pop3": ("+OK hello", answer_pop3),
                        "smtp": ("220 hello", answer_smtp)}[KIND]
    LOG.write("connection\n")
    try:
        with peer, peer.makefile("rwb") as stream:
            stream.write(greeting.encode() + b"\r\n")
            stream.flush()
            for line in stream:
                LOG.write(line.decode().strip() + "\n")
                if not answer(stream, line.decode().strip()):
                    break
                stream.flush()
    except OSError:  # the client has left
        pass


serve_each(serve)
