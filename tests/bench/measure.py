"""Runs, counts and the statistics of alternating runs."""

import json
import os
import re
import statistics
import subprocess


def run_client(place, words, environment, **options):
    """One run of the bench client; what it measured."""
    done = subprocess.run([place.client, *map(str, words)], check=True,
                          env=environment, stdout=subprocess.PIPE,
                          text=True, **options)
    return json.loads(done.stdout)


def alternate(names, rounds, run, warm_up=1):
    """run(NAME) for every name, round after round, each round beginning with
    another; the first round warms up and isn't counted."""
    samples = {name: [] for name in names}
    for turn in range(rounds + warm_up):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            sample = run(name)
            if turn >= warm_up:
                samples[name].append(sample)
    return samples


def quartile(values, which):
    """The first or third; interpolated between neighbours."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=4, method="inclusive")[which - 1]


def compare(samples, base, key):
    """Minimum and median of each, and the ratios to `base` pair by pair."""
    result = {}
    for name, runs in samples.items():
        values = [run[key] for run in runs]
        ratios = [run[key] / other[key]
                  for run, other in zip(runs, samples[base])]
        result[name] = {
            "min": min(values), "median": statistics.median(values),
            "ratio": statistics.median(ratios),
            "ratio_low": quartile(ratios, 1),
            "ratio_high": quartile(ratios, 3), "ratios": ratios,
            "ratio_of_min": min(values) / min(r[key] for r in samples[base])}
    return result


def is_noisy(row):
    return row["ratio_high"] - row["ratio_low"] > 0.1


def show_ratio(row, is_base):
    if is_base:
        return "1"
    noise = " ≈" if is_noisy(row) else ""
    return (f"{row['ratio']:.2f} ({row['ratio_low']:.2f}–"
            f"{row['ratio_high']:.2f}){noise}")


def ratio_table(samples, base, unit, scale, extra=()):
    """Rows: name, wall minimum, median, ratio; CPU ratio; and more columns:
    (title, function of the name's samples)."""
    wall = compare(samples, base, "wall_ns")
    cpu = compare(samples, base, "cpu_ns")
    columns = ["", f"min, {unit}", f"median, {unit}", "wall ratio",
               "CPU ratio", *(title for title, _ in extra)]
    rows = []
    for name in samples:
        rows.append([
            name, f"{wall[name]['min'] / scale:.1f}",
            f"{wall[name]['median'] / scale:.1f}",
            show_ratio(wall[name], name == base),
            show_ratio(cpu[name], name == base),
            *(function(samples[name]) for _, function in extra)])
    return {"columns": columns, "rows": rows, "wall": wall, "cpu": cpu,
            "samples": samples}


# --- instructions -----------------------------------------------------------


def callgrind(place, command, environment, keep=None, **options):
    """Instructions of one run, whole process."""
    output = keep or place.path("callgrind.out")
    subprocess.run(
        ["valgrind", "-q", "--tool=callgrind",
         f"--callgrind-out-file={output}", *map(str, command)],
        env=environment, check=True, stdout=subprocess.DEVNULL, **options)
    with open(output, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(("totals:", "summary:")):
                return int(line.split()[1])
    raise RuntimeError("callgrind counted nothing")


def functions_of(output):
    """Own instructions by (object, function) of a callgrind output."""
    done = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--show-percs=no", output],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=True)
    counts = {}
    for line in done.stdout.splitlines():
        found = re.match(r"\s*([\d,]+)\s+\S*?:(\S+)(?: \[(.*)\])?$", line)
        if found:
            where = os.path.basename(found.group(3) or "")
            key = where, found.group(2)
            count = int(found.group(1).replace(",", ""))
            counts[key] = counts.get(key, 0) + count
    return counts


def per_call(place, words, environment, few=20, many=120, calls=1, runs=3):
    """Instructions per call: two counts, their difference. In `words`, None
    stands for the count."""
    def count(times):
        command = [place.client] + [times if w is None else w for w in words]
        return min(callgrind(place, command, environment) for _ in range(runs))
    return (count(many) - count(few)) / ((many - few) * calls)


def functions_per_call(place, words, environment, few=20, many=120):
    counts = []
    for times in (few, many):
        output = place.path(f"functions.{times}")
        command = [place.client] + [times if w is None else w for w in words]
        callgrind(place, command, environment, output)
        counts.append(functions_of(output))
    return {key: (value - counts[0].get(key, 0)) / (many - few)
            for key, value in counts[1].items()}


# --- system calls ------------------------------------------------------------


def system_calls(place, command, environment, only=None):
    """How often the process and its threads made each call."""
    output = place.path("strace.out")
    settings = [word for key, value in environment.items()
                if key.startswith(("LD_PRELOAD", "CURLRETRY_", "BENCH_"))
                for word in ("-E", f"{key}={value}")]
    bare = {k: v for k, v in environment.items() if k != "LD_PRELOAD"}
    subprocess.run(
        ["strace", "-f", "-c", "-o", output,
         *(["-e", "trace=" + only] if only else []), *settings,
         *map(str, command)], env=bare, check=True,
        stdout=subprocess.DEVNULL)
    counts = {}
    with open(output, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if len(words) >= 5 and words[3].isdigit() and \
                    words[-1] != "total":
                counts[words[-1]] = int(words[3])
    return counts
