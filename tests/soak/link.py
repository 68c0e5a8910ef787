"""link.py SEED LOSS: a bad link, in a network namespace of its own: what is
sent to 10.9.0.2 comes back to 10.9.0.1 as if from there, so that a server of
10.9.0.1 is met at 10.9.0.2. LOSS percent of the packets are lost, some come
twice, late, or with a changed bit (TCP's checksum is looked at here, as it
isn't on lo); and at times the link is down, by its own word or silently.
Prints "up" when it is ready, and at its end on SIGTERM what it did.
"""

import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
FLAP_EVERY, FLAP_LEAST, FLAP_MOST = 6.0, 0.2, 2.5  # s


class Link:
    def __init__(self, seed, loss):
        self.draw, self.loss = random.Random(seed), loss / 100
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF,
                    struct.pack("16sH", b"t0", IFF_TUN | IFF_NO_PI))
        self.late, self.number = [], 0  # (when, number, packet)
        self.counts = dict.fromkeys(
            ("passed", "lost", "twice", "changed", "flaps"), 0)
        self.flap_at, self.up_at = time.monotonic() + 1, None
        self.is_silent = False

    def set(self, word):
        subprocess.run(["ip", "link", "set", "t0", word], check=False)

    def flap(self, now):
        """The link goes down or up, where it is time."""
        if self.up_at is not None and now >= self.up_at:
            self.up_at = None
            if not self.is_silent:
                self.set("up")
            self.flap_at = now + FLAP_EVERY * self.draw.uniform(0.5, 1.5)
        elif self.up_at is None and now >= self.flap_at:
            self.counts["flaps"] += 1
            self.up_at = now + self.draw.uniform(FLAP_LEAST, FLAP_MOST)
            self.is_silent = self.draw.random() < 0.5
            if not self.is_silent:
                self.set("down")

    def send_late(self, packet, now):
        self.number += 1
        late = self.draw.uniform(0.0005, 0.004)
        if self.draw.random() < 0.01:
            late *= 10  # overtaken by others
        heapq.heappush(self.late, (now + late, self.number, packet))
        self.counts["passed"] += 1

    def take(self, packet, now):
        """Turned round: source and destination, which leaves the checksum as
        it was."""
        if len(packet) < 20 or packet[0] >> 4 != 4:
            return
        fate = self.draw.random()
        if fate < self.loss or self.up_at is not None:
            self.counts["lost"] += 1
            return
        packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
        if fate > 0.999:
            packet[self.draw.randrange(20, len(packet))] ^= (
                1 << self.draw.randrange(8))
            self.counts["changed"] += 1
        if 0.99 < fate < 0.995:
            self.counts["twice"] += 1
            self.send_late(bytes(packet), now)
        self.send_late(bytes(packet), now)

    def receive(self, now):
        try:
            for _ in range(64):
                self.take(bytearray(os.read(self.file, 65536)), now)
        except OSError:  # no more, or down
            pass

    def pass_on(self, now):
        while self.late and self.late[0][0] <= now:
            try:
                os.write(self.file, heapq.heappop(self.late)[2])
            except OSError:
                self.counts["lost"] += 1

    def step(self):
        now = time.monotonic()
        due = self.up_at if self.up_at is not None else self.flap_at
        if self.late:
            due = min(due, self.late[0][0])
        if self.up_at is not None and not self.is_silent:
            time.sleep(min(max(due - now, 0), 0.02))  # reads would fail
        else:
            select.select([self.file], [], [], max(due - now, 0))
        now = time.monotonic()
        self.receive(now)
        self.pass_on(now)
        self.flap(now)


def main():
    is_over = []
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    link = Link(int(sys.argv[1]), float(sys.argv[2]))
    for words in ("addr add 10.9.0.1/24 dev t0", "link set t0 mtu 4000 up"):
        subprocess.run(["ip", *words.split()], check=True)
    print("up", flush=True)
    while not is_over:
        link.step()
    print(link.counts, flush=True)


main()
