"""The Markdown: everything, and the short table of the main README."""

import os
import re

PROXIES = "nginx proxy_next_upstream", "HAProxy retry-on"
RETRIED = "shim: the 503 retried, LOG=off"

# Instructions more per small GET: the design's bar, and what it aims at.
# "get": options set once, no header callback; "set": with one, set anew each.
# "poll", "epoll": as "set", through a multi handle in such a loop.
GET_BARS = {"get": (5000, 3500), "set": (6500, 5000), "poll": (7500,),
            "epoll": (7500,)}
CROWD_BAR = 1.1

HOW = """# Performance

Made by `make bench`, which repeats it: one command, ten to twelve minutes on
two cores, nothing but loopback. `BENCH_QUICK=1 make bench` is shorter and
writes to `build/bench/` only, as do `BENCH_ONLY=a,f make bench`, which runs
these sections, and `SHIM=FILE make bench`, which measures that library. The
raw samples are in `build/bench.json`. `tests/bench/counts [SHIM]` counts the
instructions of a small GET, with and without a header callback and through
a multi handle, and of a download, in half a minute: for use while the code is
being changed; `--functions` shows which functions they are in.

The variants of a table take turns with plain (plain, a, a, plain, b, b,
plain, …) after a round that only warms up. A ratio is that of two runs to
the two of plain around them: the median, with the quartiles in parentheses;
≈ marks those that are more than 0.1 apart. Client and servers stay on the
cores they are given, TCP's congestion control is Reno (BBR, some systems'
default, paces and reorders on loopback), served files are in memory. Wall
time still wants a quiet machine; instructions (callgrind) don't, and the CPU
ratio (the client's user and system time) less. What malloc takes depends on
what else lies in the heap: by 450 instructions of a small GET either way.

![The main results](plot.svg)
"""


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |",
             "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


# --- the design's bars ------------------------------------------------------


def bar(what, limit, value, shown, aim=None):
    return {"what": what, "limit": limit, "value": value, "shown": shown,
            "aim": aim, "met": "yes" if value <= limit else "**no**"}


def ratio_bar(what, limit, row):
    """A bar within the quartiles is neither met nor missed for certain."""
    result = bar(what, limit, row["ratio"],
                 f"{row['ratio']:.2f} ({row['ratio_low']:.2f}–"
                 f"{row['ratio_high']:.2f}); of the minima "
                 f"{row['ratio_of_min']:.2f}")
    if row["ratio_low"] <= limit < row["ratio_high"]:
        result["met"] = "unclear: noise"
    return result


def count_bar(what, limit, value, unit=""):
    return bar(what, limit, value, f"{value:,.0f}{unit}")


def get_bars(found):
    """Per small GET, as most programs make it and with less around it."""
    bars = []
    for mode, key, what in (
            ("set", "instructions_set", f"{found['header_lines']} header "
             "lines; URL, write and header callback set before each"),
            ("get", "instructions", "no header callback, options set once")):
        limit, aim = GET_BARS[mode]
        more = found[key]["shim"] - found[key]["plain"]
        bars.append(bar(f"instructions more per small GET ({what})", limit,
                        more, f"{more:,.0f}", aim))
    return bars


def memory_bar(what, samples, base, name):
    more = (min(r["peak_kib"] for r in samples[name]) -
            min(r["peak_kib"] for r in samples[base])) / 1024
    return bar(what, 4, more, f"{more:.1f} MiB")


def transfer_bars(found):
    bars = []
    if "b" in found:
        wall, runs = found["b"]["wall"], found["b"]["samples"]
        bars += [
            ratio_bar("1 GiB down with an ETag, wall ratio", 1.03,
                      wall["shim, ETag"]),
            memory_bar("1 GiB down, more memory (MiB)", runs, "plain",
                       "shim, ETag"),
            ratio_bar("1 GiB down without a validator, wall ratio", 1.2,
                      wall["shim, no validator (hashed)"])]
    if "c" in found:
        wall, runs = found["c"]["wall"], found["c"]["samples"]
        bars += [
            ratio_bar("1 GiB up from a FILE*, wall ratio", 1.03,
                      wall["shim, FILE*"]),
            memory_bar("1 GiB up, more memory (MiB)", runs, "plain, FILE*",
                       "shim, FILE*"),
            ratio_bar("1 GiB up from a callback, SNAPSHOT_DISK=off, wall "
                      "ratio", 1.03,
                      wall["shim, callback, SNAPSHOT_DISK=off"]),
            ratio_bar("1 GiB up from a callback, 256 MiB of it kept in a "
                      "file, CPU ratio", 1.15,
                      found["c"]["cpu"]["shim, callback"]),
            ratio_bar("1 GiB up from a pipe, 256 MiB of it kept in a file, "
                      "CPU ratio", 1.08, found["c"]["cpu"]["shim, pipe"])]
    return bars


def calls_of_ours(counts):
    """How often libcurl polls depends on the server's speed, not on us."""
    return sum(n for call, n in counts.items() if call != "poll")


def work_bars(values):
    plain, shim = values["plain"], values["shim"]
    options = values["setopt"]
    mean = bar("instructions more per `curl_easy_setopt`, mean of what curl "
               "sets", 100, options["mean_of_tool"],
               f"{options['mean_of_tool']:.0f} (dearest in the table: "
               f"{options['worst_option']}, {options['worst']:.0f})")
    more = shim["allocations"] - plain["allocations"]
    calls = calls_of_ours(shim["system"]) - calls_of_ours(plain["system"])
    return [mean,
            bar("allocations more per GET", 0.01, more, f"{more:.3f}"),
            bar("system calls more per GET, without poll", 0.01, calls,
                f"{calls:.3f}")]


def scaling_bars(values):
    most = max(values, key=lambda name: values[name]["more"])
    return [count_bar("instructions more per GET, the most of 1 to 10,000 "
                      f"handles and 1 to 64 threads ({most})", 8000,
                      values[most]["more"])]


def multi_bars(found):
    bars = []
    for loop, title in found["loops"].items():
        counts = found["instructions"][loop]
        bars.append(count_bar("instructions more per small GET through "
                              f"{title} (set as above)", *GET_BARS[loop],
                              counts["shim"] - counts["plain"]))
    for loop, title in found["loops"].items():
        counts = found["crowd"][loop]["instructions"]
        share = counts["shim"] / counts["plain"]
        what = f"{found['transfers']:,} transfers at once through {title}"
        bars += [ratio_bar(f"{what}, wall ratio", CROWD_BAR,
                           found["crowd"][loop]["wall"]["shim"]),
                 bar(f"{what}, instructions", CROWD_BAR, share,
                     f"{share:.3f}")]
    return bars


def judge_bars(sections):
    """The rows of the design's "Cost" that were measured."""
    found = {section["id"]: section for section in sections}
    bars = []
    if "a" in found:
        bars += get_bars(found["a"])
    if "e" in found:
        bars += scaling_bars(found["e"]["values"])
    bars += transfer_bars(found)
    if "f" in found:
        counts = found["f"]["instructions"]
        more = counts["curlretry"] - counts["nothing"]
        bars.append(bar("instructions more to start a program", 22000, more,
                        f"{more:,.0f}", 18000))
        bars.append(bar("starting through the launcher (ms more)", 2,
                        found["f"]["launcher_ms"],
                        f"{found['f']['launcher_ms']:.2f}"))
    if "i" in found:
        extra = found["i"]["extra_us"][RETRIED]
        bars.append(bar("a retry beyond its wait (µs)", 200,
                        extra["median"], f"{extra['median']:.0f} "
                        f"({extra['low']:.0f}–{extra['high']:.0f})"))
    if "j" in found:
        bars += work_bars(found["j"]["values"])
    if "k" in found:
        bars += multi_bars(found["k"])
    return bars


def bar_rows(bars):
    return [[b["what"], f"≤ {b['limit'] if b['limit'] >= 1 else 0:,}" +
             (f" (aim {b['aim']:,})" if b["aim"] else ""),
             b["shown"], b["met"]] for b in bars]


# --- files ------------------------------------------------------------------


def machine_lines(result):
    m = result["machine"]
    kind = " (quick: not for comparing)" if result["quick"] else ""
    kind += f" (of {m['library']})" if m["library"] else ""
    return (f"Commit {m['commit']}, {m['date']}, {m['seconds']} s{kind}: "
            f"{m['cpu']}, Linux {m['kernel']}, {m['curl']}, "
            f"nginx {m['nginx']}, {m['haproxy']}, {m['valgrind']}. Load "
            f"average {m['load']:.1f} before, {m['load_after']:.1f} after.")


def write(result, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    parts = [HOW, machine_lines(result), "", "## The bars", "",
             table(["", "bar", "measured", "met"], bar_rows(result["bars"]))]
    for section in result["sections"]:
        parts += ["", f"## ({section['id']}) {section['title']}", "",
                  section["intro"], "",
                  table(section["columns"], section["rows"])]
        for more in section.get("more_tables", []):
            parts += ["", more["intro"], "",
                      table(more["columns"], more["rows"])]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts) + "\n")


def short_rows(result):
    found = {section["id"]: section for section in result["sections"]}
    rows = []
    if "a" in found:
        counts = found["a"]["instructions_set"]
        share = (counts["shim"] / counts["plain"] - 1) * 100
        cells = [f"{found['a']['wall'][name]['ratio']:.2f}× "
                 f"({found['a']['wall_two_cores'][name]['ratio']:.2f}×)"
                 for name in ("shim", *PROXIES)]
        cells[0] += (f", {share:.0f} % more instructions with a header "
                     "callback")
        rows.append(["small keep-alive GET, all on one core (client on its "
                     "own)", *cells])
    if "b" in found:
        cells = [f"{found['b']['wall'][name]['ratio']:.2f}×" for name in
                 ("shim, ETag", *PROXIES, "shim, no validator (hashed)")]
        cells[0] += f" (without a validator {cells.pop()})"
        rows.append([found["b"]["title"], *cells])
    if "c" in found:
        wall = found["c"]["wall"]
        rows.append([found["c"]["title"] + " from a file",
                     f"{wall['shim, FILE*']['ratio']:.2f}×", "", ""])
    if "f" in found:
        counts = found["f"]["instructions"]
        peers = [f"{name} {(counts[name] - counts['nothing']) / 1000:.0f},000"
                 for name in ("libeatmydata", "libfaketime")
                 if name in counts]
        more = (counts["curlretry"] - counts["nothing"]) / 1000
        rows.append(["starting any program", f"{more:.0f},000 instructions "
                     f"more ({', '.join(peers)})", "", ""])
    if "i" in found:
        extra = found["i"]["extra_us"][RETRIED]["median"]
        rows.append(["a retry, beyond its wait", f"{extra:.0f} µs", "", ""])
    return rows


def short_table(result):
    return table(["time against no retries at all", "curlretry",
                  "nginx `proxy_next_upstream`", "HAProxy `retry-on`"],
                 short_rows(result))


def update_readme(result, path):
    """Between the two marks, and nowhere else."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    block = (f"<!-- bench -->\n{short_table(result)}\n\n"
             "Median ratios of one run of `make bench`; all of it in\n"
             "[tests/bench/README.md](tests/bench/README.md).\n"
             "<!-- /bench -->")
    new, count = re.subn(r"<!-- bench -->.*?<!-- /bench -->",
                         lambda _: block, text, flags=re.DOTALL)
    if not count:
        print("bench: no <!-- bench --> in README.md; left alone")
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(new)
