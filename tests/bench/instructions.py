"""Sections that count instead of timing: instructions, system calls,
allocations."""

import contextlib
import glob
import os
import time

import measure
from workplace import find_library


def pairs(place):
    return {"plain": place.environment(), "shim": place.shimmed()}


# --- (e) ----------------------------------------------------------------


def scaling(place):
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    rows, values = [], {}
    for kind, numbers in (("handles", (1, 100, 10_000)),
                          ("threads", (1, 4, 16, 64))):
        if place.quick:
            numbers = numbers[:1] + numbers[-1:]
        for number in numbers:
            few, many = (32, 96) if kind == "handles" else (5, 15)
            calls = 1 if kind == "handles" else number
            words = [kind, url, None, number]
            counts = {name: measure.per_call(place, words, environment, few,
                                             many, calls, 2)
                      for name, environment in pairs(place).items()}
            futexes = {
                name: measure.system_calls(
                    place, [place.client, kind, url, 50, number],
                    environment, "futex").get("futex", 0)
                for name, environment in pairs(place).items()}
            more = counts["shim"] - counts["plain"]
            values[f"{number} {kind}"] = {"more": more, **counts,
                                          "futexes": futexes}
            rows.append([f"{number:,} {kind}", f"{counts['plain']:,.0f}",
                         f"{counts['shim']:,.0f}", f"{more:+,.0f}",
                         f"{futexes['plain']} / {futexes['shim']}"])
    return {"title": "Many handles, many threads", "rows": rows,
            "columns": ["", "instructions per call, plain", "shim",
                        "difference", "futex calls, plain / shim"],
            "values": values,
            "intro": "Handles: so many are alive, 16 of them make the calls. "
            "Threads: each has a handle. Futex calls of the whole process, "
            "50 calls a thread or in all; with threads their number varies "
            "from run to run, also without the shim."}


# --- (f) ------------------------------------------------------------------


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
    loops = 50 if place.quick else 200
    variants = preloads(place)
    counts = {name: measure.callgrind(place, [place.path("empty")],
                                      environment)
              for name, environment in variants.items()}
    script = f"i=0; while [ $i -lt {loops} ]; do /bin/true; i=$((i+1)); done"

    def run(name):
        began = time.monotonic_ns()
        measure.subprocess.run(["/bin/sh", "-c", script], check=True,
                               env=variants[name])
        return {"wall_ns": time.monotonic_ns() - began}

    samples = measure.alternate(list(variants), place.rounds, run)
    wall = measure.compare(samples, "nothing", "wall_ns")
    rows = [[name, f"{counts[name]:,}",
             f"{counts[name] - counts['nothing']:+,}",
             f"{wall[name]['min'] / 1e6 / loops:.2f}",
             f"{wall[name]['median'] / 1e6 / loops:.2f}",
             measure.show_ratio(wall[name], name == "nothing")]
            for name in variants]
    return {"title": "Starting a program that never uses libcurl",
            "columns": ["preloaded", "instructions", "more",
                        "ms per start, min", "median", "wall ratio"],
            "rows": rows, "samples": samples, "wall": wall,
            "instructions": counts, "plot": "more",
            "intro": "Instructions of a program with an empty `main`; wall "
            f"time of a shell loop that runs /bin/true {loops} times."}


# --- (j) --------------------------------------------------------------------


def allocations(place, words, environment):
    output = place.path("allocations")
    counts = []
    for times in (100, 1100):
        measure.subprocess.run(
            [place.client, words[0], words[1], str(times)], check=True,
            env={**environment, "BENCH_ALLOCATIONS": output},
            stdout=measure.subprocess.DEVNULL)
        with open(output, encoding="utf-8") as file:
            counts.append(int(file.read()))
    return (counts[1] - counts[0]) / 1000


def own_work(place):
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    counter = place.path("allocations.so")
    counting = {"plain": place.environment((counter,)),
                "shim": place.shimmed(counter)}
    values = {}
    for name, environment in pairs(place).items():
        calls = [measure.system_calls(
            place, [place.client, "get", url, times], environment)
            for times in (100, 600)]
        values[name] = {
            "system": {call: (count - calls[0].get(call, 0)) / 500
                       for call, count in calls[1].items()
                       if count != calls[0].get(call, 0)},
            "allocations": allocations(place, ("get", url), counting[name]),
            "setopt": measure.per_call(place, ["setopt", url, None],
                                       environment, 100, 1100, 3)}
        values[name]["system_total"] = sum(values[name]["system"].values())
    rows = [[name, f"{v['system_total']:.3f}",
             ", ".join(f"{call} {count:.3g}" for call, count in
                       sorted(v["system"].items())),
             f"{v['allocations']:.3f}", f"{v['setopt']:.0f}"]
            for name, v in values.items()]
    return {"title": "Work of ours per call, after warm-up", "rows": rows,
            "columns": ["", "system calls per GET", "which",
                        "allocations per GET", "instructions per setopt"],
            "values": values, "functions": own_functions(place, url),
            "intro": "Differences of a long and a short run (strace -c, an "
            "allocation counter, callgrind)."}


def own_functions(place, url):
    """What the shim adds per small GET, function by function, in whichever
    library: [(difference, function, object)]."""
    counts = {name: measure.functions_per_call(place, ["get", url, None],
                                               environment)
              for name, environment in pairs(place).items()}
    keys = set(counts["plain"]) | set(counts["shim"])
    more = [(counts["shim"].get(key, 0) - counts["plain"].get(key, 0),
             key[1], key[0]) for key in keys]
    return sorted((entry for entry in more if abs(entry[0]) >= 10),
                  reverse=True)
