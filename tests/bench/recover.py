"""Finishing a download that is cut: the shim and what people use instead."""

import hashlib
import os
import shutil
import statistics
import subprocess
import time
import urllib.request

import measure
from workplace import BUILD, HERE

SERVERS = {
    "ETag, ranges": ":etag=v1:ranges",
    "no validator, no ranges": "",
}


def go_client(place):
    """The go-retryablehttp client, where Go and the package are there."""
    source = "/usr/share/gocode/src/github.com/hashicorp/go-retryablehttp"
    if not shutil.which("go") or not os.path.isdir(source):
        return None
    program = os.path.join(BUILD, "bench/go_client")
    done = subprocess.run(
        ["go", "build", "-o", program, os.path.join(HERE, "go_client.go")],
        check=False, env=place.environment(
            GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="",
            GOCACHE=os.path.join(BUILD, "bench/go"), CGO_ENABLED="0"))
    return program if done.returncode == 0 else None


def has_urllib3():
    done = subprocess.run(["/usr/bin/python3", "-c", "import urllib3"],
                          check=False, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def clients(place):
    """Name → (command without output and URL, environment). Each as its
    manual says, with its own default waits."""
    plain = place.environment()
    curl = ["curl", "-q", "-fsS", "--noproxy", "*"]
    result = {
        "curlretry curl": (curl + ["-o"], place.shimmed(LOG="off")),
        "curlretry curl, BASE_DELAY=off": (
            curl + ["-o"], place.shimmed(LOG="off", BASE_DELAY="off")),
        "curl --retry-all-errors": (
            curl + ["--retry", "3", "--retry-all-errors", "-o"], plain)}
    if shutil.which("wget"):
        result["wget"] = (["wget", "-q", "--no-config", "-O"], plain)
    if shutil.which("aria2c"):
        result["aria2c"] = (
            ["aria2c", "-q", "--no-conf", "--allow-overwrite=true",
             "--file-allocation=none", "-d", "/", "-o"], plain)
    if has_urllib3():
        result["urllib3 (in memory)"] = (
            ["/usr/bin/python3", os.path.join(HERE, "urllib3_client.py")],
            plain)
    go = go_client(place)
    if go:
        result["go-retryablehttp"] = ([go], plain)
    return result


def sent_bytes(base, key):
    """What the server sent for the key, over all requests."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{base}/_lines/{key}") as answer:
        lines = answer.read().decode().splitlines()
    # seq method connection request length sha state status sent time ...
    return sum(int(line.split()[8]) for line in lines), len(lines)


def is_whole(path, size, digest):
    if not os.path.exists(path) or os.path.getsize(path) != size:
        return False
    if digest is None:
        return True
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest() == digest


def body_digest(place):
    done = subprocess.run(
        f"'{BUILD}/faulty' body bench {place.big} | sha256sum",
        shell=True, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[0]


class Trial:
    """One server kind and one cut; runs clients against it."""

    def __init__(self, place, base, variants, options, percent, digest):
        self.place, self.base, self.variants = place, base, variants
        body = f"size={place.big}:seed=bench{options}"
        cut = place.big * percent // 100
        self.plan = f"200:{body}:close@{cut},200:{body}"
        self.digest = digest
        self.checked = set()
        self.number = 0

    def run(self, name):
        words, environment = self.variants[name]
        output = self.place.path("download")
        self.number += 1
        key = f"g{id(self)}-{self.number}"
        url = f"{self.base}/{key}/{self.plan}"
        if name == "aria2c":
            output = output.lstrip("/")
        began = time.monotonic_ns()
        done = subprocess.run([*words, output, url], check=False,
                              env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        wall = time.monotonic_ns() - began
        path = self.place.path("download")
        digest = None if name in self.checked else self.digest
        whole = done.returncode == 0 and is_whole(path, self.place.big,
                                                  digest)
        self.checked.add(name)
        for leftover in (path, path + ".aria2"):
            if os.path.exists(leftover):
                os.remove(leftover)
        sent, requests = sent_bytes(self.base, key)
        return {"wall_ns": wall, "sent": sent, "requests": requests,
                "is_whole": whole}


BASE = "curl --retry-all-errors"


def take_turns(names, rounds, run):
    """Each name once a round, each round beginning with another: these runs
    are long, and what they differ by is far more than noise."""
    samples = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            samples[name].append(run(name))
    return samples


def summarize(place, server, percent, name, samples):
    runs = samples[name]
    wall = [run["wall_ns"] / 1e9 for run in runs]
    ratios = [run["wall_ns"] / other["wall_ns"]
              for run, other in zip(runs, samples[BASE])]
    whole = all(run["is_whole"] for run in runs)
    return {"server": server, "cut": percent, "client": name,
            "min": min(wall), "median": statistics.median(wall),
            "ratio": statistics.median(ratios), "ratio_low": min(ratios),
            "ratio_high": max(ratios),
            "sent": statistics.median(run["sent"] for run in runs) /
            place.big, "requests": max(run["requests"] for run in runs),
            "is_whole": whole}


def cut_downloads(place):
    rounds = 1 if place.quick else 2
    base = place.start_faulty()
    variants = clients(place)
    digest = body_digest(place)
    values = []
    for server, options in SERVERS.items():
        for percent in (50, 90):
            trial = Trial(place, base, variants, options, percent, digest)
            samples = take_turns(list(variants), rounds, trial.run)
            values += [summarize(place, server, percent, name, samples)
                       for name in variants]
    rows = [[v["server"], f"{v['cut']} %", v["client"], f"{v['min']:.2f}",
             f"{v['median']:.2f}", measure.show_ratio(v, v["client"] == BASE),
             f"{v['sent']:.2f}", str(v["requests"]),
             "yes" if v["is_whole"] else "**no**"] for v in values]
    return {"title": "Finishing a download that is cut", "rows": rows,
            "columns": ["server", "cut at", "client", "min, s", "median, s",
                        "ratio to curl's own retry (least–most)",
                        "sent, × the size", "requests", "whole"],
            "values": values, "plot": "cut",
            "intro": f"{place.big >> 20} MiB into a file; the connection is "
            "closed once at that part of the body. Where there is a validator "
            "curlretry resumes with a Range; else it skips what it has "
            "delivered, once its hash proved equal. Each client with its "
            "default waits (curlretry 0.5–1 s, curl, urllib3 and "
            "go-retryablehttp 0–1 s, wget 1 s, aria2 none). urllib3 keeps "
            "the body in memory, since it repeats only what it reads itself; "
            "go-retryablehttp repeats requests, not bodies: its program "
            "begins the request again. aria2 gives up where it can't "
            "resume."}
