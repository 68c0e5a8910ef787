"""ftp_text.py FILE...: an FTP server of one text, whose lines it sends with
CRLF, whatever name is asked for. The Nth download is of the Nth FILE, the
last one repeats; each but the last is reset half way. SIZE is FILE's. Prints
its port.
"""

import fcntl
import socket
import struct
import sys
import termios
import time

files = sys.argv[1:]


def send(listener):
    """A download. False: it was reset."""
    with open(files[0], "rb") as file:
        text = file.read()
    is_last = len(files) == 1
    if not is_last:
        files.pop(0)
    data = listener.accept()[0]
    data.sendall(text if is_last else text[:len(text) // 2])
    if not is_last:
        for _ in range(200):
            if not pending(data):
                break
            time.sleep(0.01)
        time.sleep(0.05)
        data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    data.close()
    return is_last


def pending(connection):
    """Bytes the client's kernel hasn't acknowledged (SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ,
                                          b"\0" * 4))[0]


def serve(control):
    lines = control.makefile("rwb", 0)

    def say(text):
        lines.write(text.encode() + b"\r\n")

    say("220 here")
    for line in lines:
        command = line.split()[0].decode().upper()
        if command in ("EPSV", "PASV"):
            data = socket.create_server(("127.0.0.1", 0))
            port = data.getsockname()[1]
            say("229 there (|||%d|)" % port if command == "EPSV" else
                "227 there (127,0,0,1,%d,%d)" % divmod(port, 256))
        elif command == "SIZE":
            with open(files[0], "rb") as file:
                say("213 %d" % len(file.read()))
        elif command == "RETR":
            say("150 coming")
            say("226 done" if send(data) else "426 broken")
            data.close()
        elif command == "QUIT":
            say("221 bye")
            break
        else:
            say({"USER": "331 who", "PASS": "230 in", "PWD": '257 "/"',
                 "TYPE": "200 so"}.get(command, "500 no"))
    control.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=9)
    print(listener.getsockname()[1], flush=True)
    while True:
        try:
            serve(listener.accept()[0])
        except OSError:
            pass


main()
