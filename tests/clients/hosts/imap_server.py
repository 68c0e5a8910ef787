"""imap_server.py: greets and answers every command of IMAP with "OK", on a
port of 127.0.0.1, which it prints.
"""

from listening import serve_each


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


serve_each(serve)
