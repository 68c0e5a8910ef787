"""get_ctypes.py LIBRARY URL: the body on stdout, by libcurl's own fwrite()."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.curl_easy_init.restype = ctypes.c_void_p
curl = ctypes.c_void_p(library.curl_easy_init())
library.curl_easy_setopt(curl, 10002, sys.argv[2].encode())
code = library.curl_easy_perform(curl)
library.curl_easy_cleanup(curl)
ctypes.CDLL(None).fflush(None)
sys.exit(code)
