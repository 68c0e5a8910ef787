"""get_pycurl.py URL: the body on stdout."""
import sys

import pycurl

curl = pycurl.Curl()
curl.setopt(curl.URL, sys.argv[1])
curl.setopt(curl.WRITEFUNCTION, sys.stdout.buffer.write)
curl.perform()
curl.close()
