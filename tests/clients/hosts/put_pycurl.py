"""put_pycurl.py REWIND MODE FILE URL: uploads FILE ("-": standard input).

REWIND: none, seek (SEEKFUNCTION), fails (one that can't), ioctl
(IOCTLFUNCTION). MODE: plain; and without Expect: follow (redirects), any or
digest (authentication), reused (a GET on the handle first). The answer on
stdout; on stderr how often it was rewound.
"""
import os
import sys

import pycurl

rewind, mode, name, url = sys.argv[1:]
source = sys.stdin.buffer if name == "-" else open(name, "rb")
has_ended = False
rewinds = 0


def read(size):
    global has_ended
    if has_ended:
        sys.exit("asked for more after the end")
    piece = source.read1(size)
    has_ended = not piece
    return piece


def seek(offset, origin):
    global has_ended, rewinds
    rewinds += 1
    if rewind == "fails":
        return pycurl.SEEKFUNC_FAIL
    source.seek(offset, origin)
    has_ended = False
    return pycurl.SEEKFUNC_OK


def ioctl(command):
    if command != pycurl.IOCMD_RESTARTREAD:
        return pycurl.IOE_UNKNOWNCMD
    seek(0, os.SEEK_SET)
    return pycurl.IOE_OK


curl = pycurl.Curl()
curl.setopt(curl.URL, url)
if mode == "reused":
    curl.setopt(curl.WRITEFUNCTION, len)
    curl.perform()
curl.setopt(curl.WRITEFUNCTION, sys.stdout.buffer.write)
curl.setopt(curl.UPLOAD, 1)
curl.setopt(curl.READFUNCTION, read)
if name != "-":
    curl.setopt(curl.INFILESIZE_LARGE, os.stat(name).st_size)
if rewind in ("seek", "fails"):
    curl.setopt(curl.SEEKFUNCTION, seek)
if rewind == "ioctl":
    curl.setopt(curl.IOCTLFUNCTION, ioctl)
curl.setopt(curl.FOLLOWLOCATION, mode == "follow")
if mode in ("any", "digest"):
    curl.setopt(curl.USERPWD, "user:secret")
    curl.setopt(curl.HTTPAUTH, curl.HTTPAUTH_ANY if mode == "any"
                else curl.HTTPAUTH_DIGEST)
if mode != "plain":
    curl.setopt(curl.HTTPHEADER, ["Expect:"])
curl.perform()
print("rewinds", rewinds, file=sys.stderr)
