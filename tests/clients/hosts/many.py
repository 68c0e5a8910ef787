"""many.py URL LIBRARY...: gets the URL by each of them, to stdout."""
import os
import runpy
import sys

url, libraries = sys.argv[1], sys.argv[2:]
script = os.path.join(os.path.dirname(__file__), "get_ctypes.py")
for library in libraries:
    sys.argv = [script, library, url]
    try:
        runpy.run_path(script)
    except SystemExit as end:
        if end.code:
            raise
