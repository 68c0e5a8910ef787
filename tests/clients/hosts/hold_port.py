"""hold_port.py ADDRESS: keeps a port of that address, which it prints, for a
server: nobody else is given it, but who sets SO_REUSEADDR may listen on it.
"""

import socket
import sys
import time

holder = socket.socket()
holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
holder.bind((sys.argv[1], 0))
print(holder.getsockname()[1], flush=True)
time.sleep(600)
