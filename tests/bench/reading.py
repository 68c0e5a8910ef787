"""(l) Reading traces: time and memory of the report."""

import os
import subprocess
import sys
import time

from workplace import BUILD, ROOT

CALLS = 100_000
LINES = 10_000_000
MAKER = os.path.join(ROOT, "tests", "launcher", "trace.py")


def peak_kib(process):
    """VmHWM is of the program alone; ru_maxrss begins with its parent's."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
            return int(next(line.split()[1] for line in lines
                            if line.startswith("VmHWM")))
    except (OSError, StopIteration):
        return 0


def read(files, form):
    command = [os.path.join(BUILD, "curlretry"), "--report", *form, *files]
    before = os.times()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_kib(process))
            time.sleep(0.02)
    if process.returncode:
        sys.exit(f"bench: {command[:3]} ended with {process.returncode}")
    after = os.times()
    return {"peak_kib": peak,
            "cpu_s": (after.children_user + after.children_system -
                      before.children_user - before.children_system)}


def reading(place):
    trace = place.path("trace")
    with open(trace, "wb") as out:
        subprocess.run([sys.executable, MAKER, str(CALLS)], stdout=out,
                       check=True)
    with open(trace, "rb") as lines:
        in_one = sum(1 for _ in lines)
    megabytes = os.path.getsize(trace) / 1e6
    wanted = LINES // 20 if place.quick else LINES
    rows, samples = [], []
    for name, form, times in (
            ("table", [], 1), ("table", [], wanted // in_one + 1),
            ("`--by url`", ["--by", "url"], 5),
            ("`--html`", ["--html"], wanted // in_one + 1),
            ("`--har`", ["--har"], 5)):
        found = read([trace] * times, form)
        samples.append({"form": name, "times": times, **found})
        rows.append([name, f"{times * in_one:,}",
                     f"{found['cpu_s']:.1f}",
                     f"{times * megabytes / found['cpu_s']:.0f}",
                     f"{found['peak_kib'] / 1024:.1f}"])
    os.remove(trace)
    return {"title": "Reading traces", "rows": rows, "samples": samples,
            "columns": ["`curlretry --report`", "lines", "CPU s", "MB/s",
                        "peak memory, MiB"],
            "intro": "Traces of 20 hosts, 60 peers and 10,000 URLs, lines of "
            f"{megabytes * 1e6 / in_one:.0f} bytes on average; user and "
            "system time on one core. The same file is read again and again."}
