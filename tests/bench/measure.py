"""Runs on chosen cores, in turns, and the statistics of their ratios."""

import json
import os
import statistics
import subprocess


def run_client(place, words, environment, own_core=False, **options):
    """One run of the bench client, on the servers' core or on its own; what
    it measured."""
    cores = place.own_core if own_core else place.server_core
    done = subprocess.run([place.client, *map(str, words)], check=True,
                          env=environment, stdout=subprocess.PIPE, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores),
                          **options)
    return json.loads(done.stdout)


def alternate(names, base, rounds, run, warm_up=1):
    """run(NAME) in turns: base, a, a, base, b, b, base, so that what drifts
    hits both sides of a ratio alike. Each round begins with another name;
    the first rounds warm up and aren't counted. The samples by name, and
    blocks: by name pairs of (two runs, the runs of base around them)."""
    others = [name for name in names if name != base]
    samples = {name: [] for name in names}
    blocks = {name: [] for name in others}
    for _ in range(warm_up):
        for name in names:
            run(name)
    samples[base].append(run(base))
    for turn in range(rounds):
        shift = turn % max(len(others), 1)
        for name in others[shift:] + others[:shift]:
            before = samples[base][-1]
            pair = [run(name), run(name)]
            samples[name] += pair
            samples[base].append(run(base))
            blocks[name].append((pair, [before, samples[base][-1]]))
    return samples, blocks


def quartile(values, which):
    """The first or third; interpolated between neighbours."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=4, method="inclusive")[which - 1]


def spread(values):
    return {"median": statistics.median(values), "low": quartile(values, 1),
            "high": quartile(values, 3), "min": min(values)}


def total(runs, key):
    return sum(run[key] for run in runs)


def compare(turns, base, key):
    """Minimum and median of each, and the ratios to base block by block."""
    samples, blocks = turns
    least = min(run[key] for run in samples[base])
    result = {}
    for name, runs in samples.items():
        values = [run[key] for run in runs]
        ratios = [total(ours, key) / total(theirs, key)
                  for ours, theirs in blocks.get(name, [])] or [1.0]
        ratio = spread(ratios)
        result[name] = {
            "min": min(values), "median": statistics.median(values),
            "ratio": ratio["median"], "ratio_low": ratio["low"],
            "ratio_high": ratio["high"], "ratios": ratios,
            "ratio_of_min": min(values) / least}
    return result


def differences(turns, name, key):
    """How much more a run took than the runs of base around it."""
    return [(total(ours, key) - total(theirs, key)) / 2
            for ours, theirs in turns[1].get(name, [])] or [0]


def is_noisy(row):
    return row["ratio_high"] - row["ratio_low"] > 0.1


def show_ratio(row, is_base):
    if is_base:
        return "1"
    noise = " ≈" if is_noisy(row) else ""
    return (f"{row['ratio']:.2f} ({row['ratio_low']:.2f}–"
            f"{row['ratio_high']:.2f}){noise}")


def ratio_table(turns, base, unit, scale, extra=()):
    """Rows: name, wall minimum, median, ratio; CPU ratio; and more columns:
    (title, function of the name's samples)."""
    wall, cpu = compare(turns, base, "wall_ns"), compare(turns, base, "cpu_ns")
    columns = ["", f"min, {unit}", f"median, {unit}", "wall ratio",
               "CPU ratio", *(title for title, _ in extra)]
    rows = []
    for name, samples in turns[0].items():
        rows.append([
            name, f"{wall[name]['min'] / scale:.1f}",
            f"{wall[name]['median'] / scale:.1f}",
            show_ratio(wall[name], name == base),
            show_ratio(cpu[name], name == base),
            *(function(samples) for _, function in extra)])
    return {"columns": columns, "rows": rows, "wall": wall, "cpu": cpu,
            "samples": turns[0]}
