"""http2_server.py LOG PLAN [CERTIFICATE KEY]: an HTTP/2 server on a port of
127.0.0.1, which it prints; without a certificate the client has to know that
it speaks HTTP/2, or asks for it with Upgrade: h2c in a GET. PLAN is
STEP,STEP,...; each request takes the next one, the last one repeats:
  201        any status: the request is read, then answered
  push       200, and a stream with /pushed is pushed before it
  refuse@N   RST_STREAM with REFUSED_STREAM after N bytes of the upload
  goaway@N   GOAWAY, which says that no stream was processed
  leave      the connection ends without a word
  unended@N  the headers of a 200 without a body, then the connection is reset
             before the end of the stream
  reset@N    RST_STREAM with INTERNAL_ERROR: it may have been processed
LOG has a line per request: METHOD STEP CONNECTION LENGTH SHA256.
"""

import hashlib
import socket
import ssl
import struct
import sys
import threading
import time

import h2.config
import h2.connection
import h2.errors
import h2.events

LOG, PLAN, TLS = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
lock = threading.Lock()
taken = 0


def next_step():
    global taken
    with lock:
        taken += 1
        return PLAN[min(taken, len(PLAN)) - 1]


class Request:
    def __init__(self, headers):
        self.headers = dict(headers)
        self.method = self.headers[":method"]
        self.kind, _, at = next_step().partition("@")
        self.at = int(at or 0)
        self.digest, self.length = hashlib.sha256(), 0

    def add(self, data):
        self.digest.update(data)
        self.length += len(data)

    def fails(self):
        return not self.kind.isdigit() and self.length >= self.at

    def log(self, number):
        with lock, open(LOG, "a") as log:
            log.write(f"{self.method} {self.kind} {number} {self.length} "
                      f"{self.digest.hexdigest()}\n")


class Connection:
    """One client's connection, until it leaves."""

    def __init__(self, peer, number):
        self.peer, self.number, self.requests = peer, number, {}
        config = h2.config.H2Configuration(client_side=False,
                                           header_encoding="utf-8")
        self.http = h2.connection.H2Connection(config)

    def send(self):
        self.peer.sendall(self.http.data_to_send())

    def end(self, stream, request):
        """The request is over: its log line is there before its end is."""
        del self.requests[stream]
        request.log(self.number)
        if request.kind == "goaway":
            self.http.close_connection(last_stream_id=0)
        elif request.kind == "refuse":
            self.http.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif request.kind == "reset":
            self.http.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif request.kind == "leave":
            self.send()
            self.peer.shutdown(socket.SHUT_WR)
        elif request.kind == "unended":
            self.http.send_headers(stream, [(":status", "200"),
                                            ("content-length", "0")])
            self.send()
            self.leave_abruptly()
        elif request.kind == "push":
            self.push(stream, request.headers[":authority"])
            self.answer(stream, "200", b"answered\n")
        else:
            self.answer(stream, request.kind, b"answered\n")
        return request.kind in ("goaway", "leave")

    def leave_abruptly(self):
        """When the client has had the time to read what came before."""
        time.sleep(0.1)
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.peer.close()

    def answer(self, stream, status, body):
        self.http.send_headers(stream, [(":status", status)])
        self.http.send_data(stream, body, end_stream=True)

    def push(self, stream, authority):
        promised = self.http.get_next_available_stream_id()
        self.http.push_stream(stream, promised, [
            (":method", "GET"), (":path", "/pushed"), (":scheme", "https"),
            (":authority", authority)])
        self.answer(promised, "200", b"pushed\n")

    def handle(self, event):
        """Whether the connection is over."""
        stream = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.RequestReceived):
            self.requests[stream] = Request(event.headers)
        request = self.requests.get(stream)
        if isinstance(event, h2.events.DataReceived) and request:
            request.add(event.data)
            self.http.acknowledge_received_data(event.flow_controlled_length,
                                                stream)
        ended = isinstance(event, h2.events.StreamEnded)
        if request and (ended or request.fails()):
            return self.end(stream, request)
        return isinstance(event, h2.events.ConnectionTerminated)

    def upgrade(self):
        """Reads an HTTP/1.1 request, which becomes stream 1."""
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            text += self.peer.recv(1)
        self.peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\n"
                          b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        lines = text.decode().split("\r\n")
        settings = next(line for line in lines
                        if line.lower().startswith("http2-settings:"))
        self.http.initiate_upgrade_connection(settings.split()[1])
        method = lines[0].split()[0]
        self.requests[1] = Request([(":method", method)])
        self.end(1, self.requests[1])

    def serve(self):
        is_over = False
        if (isinstance(self.peer, ssl.SSLSocket) or
                self.peer.recv(3, socket.MSG_PEEK) == b"PRI"):
            self.http.initiate_connection()
        else:
            self.upgrade()
        self.send()
        while not is_over:
            data = self.peer.recv(65536)
            if not data:
                break
            for event in self.http.receive_data(data):
                is_over = is_over or self.handle(event)
            self.send()
        self.peer.settimeout(5)
        while is_over and self.peer.recv(65536):  # until the client leaves
            pass


def serve(peer, number, context):
    try:
        if context:
            peer = context.wrap_socket(peer, server_side=True)
        Connection(peer, number).serve()
    except OSError:  # the client has left
        pass
    peer.close()


def main():
    context = None
    if TLS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*TLS)
        context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    for number in range(1, 1000):
        threading.Thread(target=serve,
                         args=(listener.accept()[0], number, context),
                         daemon=True).start()


main()
