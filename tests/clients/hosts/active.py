"""active.py URL: what curlretry_active() says before a transfer, after one by
curl_easy_perform() and after one by curl_multi_perform()."""

import ctypes
import io
import sys

import pycurl


def handle():
    curl = pycurl.Curl()
    curl.setopt(curl.URL, sys.argv[1])
    curl.setopt(curl.WRITEDATA, io.BytesIO())
    return curl


active = ctypes.CDLL(None).curlretry_active
before = active()
handle().perform()
easy = active()
multi, curl = pycurl.CurlMulti(), handle()
multi.add_handle(curl)
running = 1
while running:
    running = multi.perform()[1]
    multi.select(1.0)
multi.remove_handle(curl)
print(before, easy, active())
