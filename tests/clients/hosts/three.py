"""three.py DIRECTORY URL URL URL: libcurl.so.4 and libcurl-gnutls.so.4 by
dlsym(), and pycurl, in one process. Bodies go to DIRECTORY/0, 1, 2; stdout
says which library and TLS backend answered for each."""
import ctypes
import sys

import pycurl

folder, urls = sys.argv[1], sys.argv[2:]
URL, WRITEDATA, TLS_SSL_PTR = 10002, 10001, 0x40002D
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p


class Session(ctypes.Structure):
    _fields_ = [("backend", ctypes.c_int), ("internals", ctypes.c_void_p)]


def load(name):
    library = ctypes.CDLL(name)
    library.curl_version.restype = ctypes.c_char_p
    library.curl_easy_init.restype = ctypes.c_void_p
    library.curl_easy_duphandle.restype = ctypes.c_void_p
    return library


def backend(library, curl):
    found = ctypes.POINTER(Session)()
    library.curl_easy_getinfo(curl, TLS_SSL_PTR, ctypes.byref(found))
    return {1: "OpenSSL", 2: "GnuTLS"}.get(found.contents.backend)


libraries = [load("libcurl.so.4"), load("libcurl-gnutls.so.4")]
handles = [ctypes.c_void_p(each.curl_easy_init()) for each in libraries]
other = pycurl.Curl()
for index, (library, curl) in enumerate(zip(libraries, handles)):
    copy = ctypes.c_void_p(library.curl_easy_duphandle(curl))
    file = ctypes.c_void_p(libc.fopen(f"{folder}/{index}".encode(), b"w"))
    library.curl_easy_setopt(curl, URL, urls[index].encode())
    library.curl_easy_setopt(curl, WRITEDATA, file)
    code = library.curl_easy_perform(curl)
    libc.fclose(file)
    print(code, library.curl_version().split()[1].split(b"/")[0].decode(),
          backend(library, curl), backend(library, copy))
    library.curl_easy_cleanup(copy)
with open(f"{folder}/2", "wb") as file:
    other.setopt(other.URL, urls[2])
    other.setopt(other.WRITEFUNCTION, file.write)
    other.perform()
print(other.getinfo(other.RESPONSE_CODE), pycurl.version.split()[2])
other.close()
for library, curl in zip(libraries, handles):
    library.curl_easy_cleanup(curl)
