#!/usr/bin/env python3
"""Writes a trace as CURLRETRY_TRACE does: CALLS calls of some hosts, of which
a part fails. The same for the same numbers.

Usage: trace.py CALLS [SEED]
"""

import json
import random
import sys
import time

PHASES = ("dns", "connect", "tls", "first_byte")
CLASSES = {"dns": (6, "Could not resolve host"),
           "connect": (7, "Failed to connect"),
           "tls": (35, "SSL_ERROR_SYSCALL"),
           "timeout": (28, "Operation timed out"),
           "reset": (56, "Recv failure: Connection reset by peer"),
           "partial": (18, "transfer closed with 12 bytes remaining"),
           "status": (0, None)}


def stamp(seconds):
    return (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) +
            f".{int(seconds * 1000) % 1000:03}Z")


def attempt_of(dice, common, number, call, failure):
    code, message = CLASSES.get(failure, (0, None))
    phases = {name: round(dice.expovariate(0.05), 3) for name in PHASES}
    total = round(sum(phases.values()) + dice.expovariate(0.01), 3)
    status = 200 if failure is None else 503 if failure == "status" else None
    reached = failure not in ("dns", "connect")
    return total, {
        "v": 1, "event": "attempt", **common, "attempt": number,
        "method": "GET", "url": call["url"], "effective_url": call["url"],
        "host": call["host"], "peer": call["peer"] if reached else None,
        "reused": False, "http_version": "1.1" if reached else None,
        "proxy": None, "at_proxy": False, "code": code, "message": message,
        "status": status, "class": failure, "injected": False, **phases,
        "total": total, "sent": 0, "received": 1000 if status == 200 else 0,
        "held": 1000, "replayed": 0, "resumed_from": None}


def calls(count, seed):
    dice = random.Random(seed)
    now = 1795700000.0
    for number in range(1, count + 1):
        host = f"host{dice.randrange(20)}.test:443"
        call = {"url": f"https://{host}/file{dice.randrange(500)}?id=...",
                "host": host, "peer": f"192.0.2.{dice.randrange(60)}:443"}
        common = {"program": "curl", "pid": 4000, "tid": 4000, "call": number}
        share = 0.3 if host.startswith("host3.") else 0.02
        now += dice.expovariate(2)
        at, waited, attempts, failure = now, 0, 0, None
        for attempts in range(1, 5):
            failure = (dice.choice(list(CLASSES)) if dice.random() < share
                       else None)
            total, line = attempt_of(dice, common, attempts, call, failure)
            at += total / 1000
            is_retried = failure is not None and attempts < 4
            delay = dice.randrange(500, 1500) if is_retried else None
            yield {**line, "time": stamp(at),
                   "verdict": "retry" if is_retried else "deliver",
                   "reason": "retries exhausted" if failure and not is_retried
                   else None, "delay_ms": delay, "retry_after_ms": None}
            if not is_retried:
                break
            waited += delay
            at += delay / 1000
        yield {"v": 1, "event": "call", "time": stamp(at), **common,
               "method": "GET", "url": call["url"], "host": call["host"],
               "peer": line["peer"], "proxy": None, "at_proxy": False,
               "class": failure, "outcome": "failed" if failure else
               "rescued" if attempts > 1 else "ok", "code": line["code"],
               "status": line["status"], "attempts": attempts,
               "waited_ms": waited, "total_ms": round((at - now) * 1000, 3),
               "bytes_up": 0, "bytes_down": line["received"],
               "driver": "easy"}


for event in calls(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else 1):
    print(json.dumps(event, separators=(",", ":")))
