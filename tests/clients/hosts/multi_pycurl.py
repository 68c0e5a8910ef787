"""multi_pycurl.py LOOP URL...: all at once by CurlMulti. LOOP is

  select   perform and select on fdset, as pycurl's own examples
  socket   socket_action, as an event loop does

For each that ended, in that order: NAME CODE STATUS SIZE SHA-256; NAME is the
URL's end.
"""

import hashlib
import io
import selectors
import sys
import time

import pycurl

NEW_EVENTS = {pycurl.POLL_IN: selectors.EVENT_READ,
              pycurl.POLL_OUT: selectors.EVENT_WRITE,
              pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE}


def add(multi, url):
    curl = pycurl.Curl()
    curl.name, curl.body = url.rsplit("/", 1)[1], io.BytesIO()
    curl.setopt(curl.URL, url)
    curl.setopt(curl.WRITEDATA, curl.body)
    multi.add_handle(curl)
    return curl


def report(multi, curl, code):
    body = curl.body.getvalue()
    print(curl.name, code, curl.getinfo(curl.RESPONSE_CODE), len(body),
          hashlib.sha256(body).hexdigest(), flush=True)
    multi.remove_handle(curl)


def read_messages(multi):
    left = 1
    while left:
        left, done, failed = multi.info_read()
        for curl in done:
            report(multi, curl, 0)
        for curl, code, _ in failed:
            report(multi, curl, code)


def run_select(multi):
    running = 1
    while running:
        code, running = multi.perform()
        if code == pycurl.E_CALL_MULTI_PERFORM:
            continue
        read_messages(multi)
        if running:
            multi.select(5.0)


class Loop:
    """Sockets and one timer, as libcurl asks for them."""

    def __init__(self, multi):
        self.multi, self.selector = multi, selectors.DefaultSelector()
        self.due = None
        multi.setopt(pycurl.M_SOCKETFUNCTION, self.watch)
        multi.setopt(pycurl.M_TIMERFUNCTION, self.set_timer)

    def watch(self, what, socket, multi, data):
        if socket in self.selector.get_map():
            self.selector.unregister(socket)
        if what in NEW_EVENTS:
            self.selector.register(socket, NEW_EVENTS[what])

    def set_timer(self, milliseconds):
        self.due = (None if milliseconds < 0
                    else time.monotonic() + milliseconds / 1000)

    def step(self):
        """How many are running after what happens next."""
        left = None if self.due is None else self.due - time.monotonic()
        running = None
        for key, events in self.selector.select(left):
            bits = (events & selectors.EVENT_READ and pycurl.CSELECT_IN) | (
                events & selectors.EVENT_WRITE and pycurl.CSELECT_OUT)
            _, running = self.multi.socket_action(key.fd, bits)
        if self.due is not None and self.due <= time.monotonic():
            self.due = None
            _, running = self.multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return running


def run_socket(multi, loop):
    running = None
    while running != 0:
        running = loop.step()
        read_messages(multi)


def main():
    multi = pycurl.CurlMulti()
    loop = Loop(multi) if sys.argv[1] == "socket" else None
    curls = [add(multi, url) for url in sys.argv[2:]]
    if loop:
        run_socket(multi, loop)
    else:
        run_select(multi)
    for curl in curls:
        curl.close()


main()
