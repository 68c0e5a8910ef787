"""http2_death.py LOG STREAMS CERTIFICATE KEY: an HTTP/2 server on a port of
127.0.0.1, which it prints. Its first connection dies when STREAMS requests came
over it; later ones answer each with its path. LOG has a line per connection and
per request: WHAT CONNECTION.
"""

import itertools
import ssl
import sys

import h2.config
import h2.connection
import h2.events

import listening

LOG, STREAMS, CERTIFICATE, KEY = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
log = open(LOG, "a", buffering=1)
numbers = itertools.count(1)


def answer(http, stream, path):
    http.send_headers(stream, [(":status", "200")])
    http.send_data(stream, path.encode(), end_stream=True)


def serve(peer):
    number = next(numbers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    context.set_alpn_protocols(["h2"])
    peer = context.wrap_socket(peer, server_side=True)
    http = h2.connection.H2Connection(h2.config.H2Configuration(
        client_side=False, header_encoding="utf-8"))
    http.initiate_connection()
    log.write(f"connection {number}\n")
    requests = 0
    while True:
        peer.sendall(http.data_to_send())
        data = peer.recv(65536)
        if not data:
            return
        for event in http.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                requests += 1
                log.write(f"request {number}\n")
                if number > 1:
                    answer(http, event.stream_id, dict(event.headers)[":path"])
        if number == 1 and requests >= STREAMS:
            return


listening.serve_each(serve)
