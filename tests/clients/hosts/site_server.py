"""site_server.py FOLDER LOG FAULTS: the folder's files over HTTP/1.1, with
ranges, ETag and Last-Modified, and what is in FOLDER/git by git-http-backend
(chunked), on a port of 127.0.0.1, which it prints.

FAULTS is a file of lines "METHOD GLOB STEP,STEP,...": a request whose method
is this one (* is any) and whose path, with its query, matches the GLOB of the
first such line takes that line's next step; after the last one nothing fails:

  ok                nothing fails
  503               any status: that, with a body of 12 bytes
  rst               RST without an answer
  close@N, rst@N    FIN, RST after N bytes of the answer's body
  ok!, 503!         the same, and the answer says Connection: close: libcurl
                    repeats by itself what fails on a reused connection

A new file begins anew. LOG gets a line for each request, before its answer's
last byte is sent: METHOD PATH STATUS SENT RECEIVED RANGE. STATUS is 0 without
an answer, SENT and RECEIVED count bytes of bodies, RANGE may be "-".
"""

import fcntl
import fnmatch
import hashlib
import http.server
import os
import re
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

FOLDER, LOG, FAULTS = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
SIOCOUTQ = termios.TIOCOUTQ


class Plan:
    """The steps of the file, and which were taken."""

    def __init__(self):
        self.lock, self.known, self.lines = threading.Lock(), None, []

    def load(self):
        status = os.stat(FAULTS)
        if (status.st_ino, status.st_mtime_ns) != self.known:
            self.known = status.st_ino, status.st_mtime_ns
            with open(FAULTS) as file:
                self.lines = [line.split() for line in file if line.strip()]
            for line in self.lines:
                line[2] = line[2].split(",")

    def take(self, method, path):
        with self.lock:
            self.load()
            for wanted, glob, steps in self.lines:
                if wanted in ("*", method) and fnmatch.fnmatch(path, glob):
                    return steps.pop(0) if steps else "ok"
        return "ok"


plan, log_lock = Plan(), threading.Lock()


class Answer:
    def __init__(self, status, body=b"", headers=()):
        self.status, self.body, self.headers = status, body, list(headers)
        self.is_chunked = False


def range_of(text, size):
    """The first byte and the one after the last; None: the text is no
    range."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", text)
    if not match or text == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last or size) + 1, size)


def answer_with_file(path, headers):
    try:
        with open(path, "rb") as file:
            body, status = file.read(), os.fstat(file.fileno())
    except OSError:
        return Answer(404, b"not here\n")
    etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
    answer = Answer(200, body, [
        ("ETag", etag), ("Accept-Ranges", "bytes"),
        ("Content-Type", "application/octet-stream"),
        ("Last-Modified", Handler.date_time_string(None, status.st_mtime))])
    part = range_of(headers.get("Range", ""), len(body))
    if part and headers.get("If-Range", etag) == etag:
        answer.status, answer.body = 206, body[part[0]:part[1]]
        bounds = f"{part[0]}-{part[1] - 1}"
        if part[0] >= part[1]:
            answer.status, answer.body, bounds = 416, b"", "*"
        answer.headers.append(("Content-Range", f"bytes {bounds}/{len(body)}"))
    return answer


def answer_with_git(method, path, headers, body):
    path, _, query = path.partition("?")
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("LD_")}
    environment.update(
        GIT_PROJECT_ROOT=FOLDER, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
        QUERY_STRING=query, REQUEST_METHOD=method, REMOTE_USER="somebody",
        REMOTE_ADDR="127.0.0.1", CONTENT_TYPE=headers.get("Content-Type", ""),
        CONTENT_LENGTH=str(len(body)),
        HTTP_CONTENT_ENCODING=headers.get("Content-Encoding", ""),
        GIT_PROTOCOL=headers.get("Git-Protocol", ""))
    output = subprocess.run(["git", "http-backend"], env=environment,
                            input=body, stdout=subprocess.PIPE).stdout
    head, _, body = output.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
    status = int(fields.pop("Status", "200").split()[0])
    answer = Answer(status, body, fields.items())
    answer.is_chunked = True
    return answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def note(self, status, sent, received):
        with log_lock, open(LOG, "a") as file:
            print(self.command, self.path, status, sent, received,
                  self.headers.get("Range", "-"), file=file)

    def send_head(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def send_body(self, answer, end):
        for at in range(0, end, 16384):
            part = answer.body[at:min(at + 16384, end)]
            if answer.is_chunked:
                part = b"%x\r\n%b\r\n" % (len(part), part)
            self.wfile.write(part)
        if answer.is_chunked and end == len(answer.body):
            self.wfile.write(b"0\r\n\r\n")

    def reset(self):
        """RST, once the client has what was sent, see faulty's README."""
        for _ in range(1000):
            left = fcntl.ioctl(self.connection, SIOCOUTQ, bytes(4))
            if not struct.unpack("i", left)[0]:
                break
            time.sleep(0.001)
        time.sleep(0.02)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def find(self, body):
        path = self.path.partition("?")[0]
        if path.startswith("/git/"):
            return answer_with_git(self.command, self.path, self.headers,
                                   body)
        return answer_with_file(os.path.normpath(FOLDER + "/" + path),
                                self.headers)

    def serve(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.read_chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        step = plan.take(self.command, self.path)
        self.close_connection |= step.endswith("!")
        kind, _, at = step.rstrip("!").partition("@")
        if kind == "rst" and not at:
            self.note(0, 0, len(body))
            self.close_connection = True
            return self.reset()
        answer = (Answer(int(kind), b"503 planned\n") if kind.isdigit()
                  else self.find(body))
        end = min(int(at), len(answer.body)) if at else len(answer.body)
        if self.command == "HEAD":
            end = 0
        self.note(answer.status, end, len(body))
        self.send_head(answer)
        self.send_body(answer, end)
        if kind in ("rst", "close"):
            self.close_connection = True
        if kind == "rst":
            self.reset()
        return None

    do_GET = do_HEAD = do_POST = serve


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_):  # the client has left
        pass


def main():
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
