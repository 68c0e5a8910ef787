"""(f) Starting a program that never uses libcurl, beside other preloads."""

import contextlib
import glob
import os
import subprocess
import time

import count
import measure
from workplace import BUILD, find_library

LAUNCHER = "through the launcher"


def preloads(place):
    """Name → environment of each thing that is preloaded somewhere."""
    names = {"an empty library": place.path("empty.so"),
             "curlretry": place.shim,
             "libeatmydata": find_library("libeatmydata.so*"),
             "libfaketime": find_library("libfaketime.so.1"),
             "proxychains4": find_library("libproxychains.so.4"),
             "torsocks": find_library("libtorsocks.so*")}
    return {"nothing": place.environment(),
            **{name: place.environment((path,), PROXYCHAINS_QUIET_MODE="1")
               for name, path in names.items() if path}}


@contextlib.contextmanager
def swept_shared_memory():
    """libfaketime leaves shared memory behind, named after its process, when
    a program ends by _exit: ours is removed."""
    def leftovers():
        return set(glob.glob("/dev/shm/*faketime_s*_*"))

    before = leftovers()
    yield
    for path in leftovers() - before:
        if not os.path.exists("/proc/" + path.rsplit("_", 1)[1]):
            os.remove(path)


def start_up(place):
    with swept_shared_memory():
        return measure_start_up(place)


def measure_start_up(place):
    loops = 50 if place.quick else 100
    variants = preloads(place)
    counts = {name: count.callgrind(place, [place.path("empty")],
                                    environment)
              for name, environment in variants.items()}
    variants[LAUNCHER] = place.environment()

    def run(name):
        start = os.path.join(BUILD, "curlretry") if name == LAUNCHER else ""
        script = (f"i=0; while [ $i -lt {loops} ]; do {start} /bin/true; "
                  "i=$((i+1)); done")
        began = time.monotonic_ns()
        subprocess.run(["/bin/sh", "-c", script], check=True,
                       env=variants[name],
                       preexec_fn=lambda: os.sched_setaffinity(
                           0, place.own_core))
        return {"wall_ns": time.monotonic_ns() - began}

    turns = measure.alternate(list(variants), "nothing", place.rounds, run)
    wall = measure.compare(turns, "nothing", "wall_ns")
    rows = [[name, f"{counts[name]:,}" if name in counts else "",
             f"{counts[name] - counts['nothing']:+,}" if name in counts
             else "",
             f"{wall[name]['min'] / 1e6 / loops:.2f}",
             f"{wall[name]['median'] / 1e6 / loops:.2f}",
             measure.show_ratio(wall[name], name == "nothing")]
            for name in variants]
    return {"title": "Starting a program that never uses libcurl",
            "columns": ["preloaded", "instructions", "more",
                        "ms per start, min", "median", "wall ratio"],
            "rows": rows, "samples": turns[0], "wall": wall,
            "instructions": counts, "plot": "more",
            "launcher_ms": (wall[LAUNCHER]["median"] -
                            wall["nothing"]["median"]) / 1e6 / loops,
            "intro": "Instructions of a program with an empty `main`; wall "
            "time of a shell loop that runs /bin/true so often: "
            f"{loops} times."}
