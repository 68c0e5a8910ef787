"""client.py easy|multi FILES JOBS: the transfers of jobs.py by pycurl, one
after the other or up to 16 at once. Prints KEY CODE STATUS SIZE SHA-256.
"""

import hashlib
import io
import sys

import pycurl

WAY, FILES, JOBS = sys.argv[1:]


def set_options(curl, line):
    key, _, operation, body, url, proxy, version, _ = line.split()
    curl.key, curl.body = key, io.BytesIO()
    curl.setopt(curl.URL, url)
    curl.setopt(curl.WRITEDATA, curl.body)
    curl.setopt(curl.SSL_VERIFYPEER, 0)
    curl.setopt(curl.SSL_VERIFYHOST, 0)
    curl.setopt(curl.DNS_CACHE_TIMEOUT, -1)  # see job.c
    curl.setopt(curl.PROXY, "" if proxy == "-" else proxy)
    curl.setopt(curl.HTTP_VERSION, curl.CURL_HTTP_VERSION_2TLS
                if version == "2" else curl.CURL_HTTP_VERSION_1_1)
    if operation == "GET":
        return
    with open(f"{FILES}/{body}", "rb") as file:
        source = io.BytesIO(file.read())
    size = len(source.getvalue())
    curl.setopt(curl.READFUNCTION, source.read)
    if operation == "POST":
        curl.setopt(curl.POST, 1)
        curl.setopt(curl.POSTFIELDSIZE_LARGE, size)
    else:
        curl.setopt(curl.UPLOAD, 1)
        curl.setopt(curl.INFILESIZE_LARGE, size)


def report(curl, code):
    body = curl.body.getvalue()
    print(curl.key, code, curl.getinfo(curl.RESPONSE_CODE), len(body),
          hashlib.sha256(body).hexdigest())


def run_easy(lines):
    curl = pycurl.Curl()
    for line in lines:
        curl.reset()
        set_options(curl, line)
        code = 0
        try:
            curl.perform()
        except pycurl.error as error:
            code = error.args[0]
        report(curl, code)


def run_multi(lines):
    multi, open_ones = pycurl.CurlMulti(), set()
    while open_ones or lines:
        while lines and len(open_ones) < 16:
            curl = pycurl.Curl()
            set_options(curl, lines.pop())
            open_ones.add(curl)
            multi.add_handle(curl)
        multi.perform()
        multi.select(1.0)
        left = 1
        while left:
            left, done, failed = multi.info_read()
            for curl, code in ([(curl, 0) for curl in done] +
                               [(curl, code) for curl, code, _ in failed]):
                report(curl, code)
                multi.remove_handle(curl)
                open_ones.remove(curl)
                curl.close()


with open(JOBS) as file:
    {"easy": run_easy, "multi": run_multi}[WAY](file.read().splitlines())
