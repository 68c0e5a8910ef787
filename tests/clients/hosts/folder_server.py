"""folder_server.py FOLDER: its files over HTTP/1.0, on a port of 127.0.0.1,
which it prints. The requests are logged on stderr.
"""

import functools
import http.server
import sys

handler = functools.partial(http.server.SimpleHTTPRequestHandler,
                            directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
server.serve_forever()
