"""OUTPUT URL: a download as urllib3's manual does it, retried by Retry. It
repeats what it reads itself, so the body is read into memory."""

import sys

import urllib3

retry = urllib3.Retry(total=3, backoff_factor=0.5,
                      status_forcelist=[429, 500, 502, 503, 504])
pool = urllib3.PoolManager(retries=retry)
answer = pool.request("GET", sys.argv[2], enforce_content_length=True)
with open(sys.argv[1], "wb") as file:
    file.write(answer.data)
sys.exit(0 if answer.status == 200 else 1)
