"""(e) Many handles and many threads: instructions, and futex calls, which a
lock makes only when somebody has to wait for it."""

import statistics

import count

COLUMNS = ["plain", "shim", "plain, own arenas", "shim, own arenas"]
FEW, MORE = 50, 8_000  # calls of a thread, and of all beyond those


def futexes(place, words, environment, kind, number):
    """Per 1,000 calls: the difference of a long and a short run, so that the
    start of the process and of its threads isn't in it."""
    each = MORE // (number if kind == "threads" else 1)
    seen = []
    for times in (FEW, FEW + each):
        command = [place.client] + [times if w is None else w for w in words]
        calls = count.system_calls(place, command, environment,
                                   place.all_cores, "futex")
        seen.append(calls.get("futex", 0))
    return (seen[1] - seen[0]) * 1000 / MORE


def show(row):
    if not row:
        return ""
    return f"{row['median']:.1f} ({row['least']:.1f}–{row['most']:.1f})"


def futex_counts(place, words, kind, number):
    """Plain and shim in turns; threads also with an arena for each."""
    arenas = {"MALLOC_ARENA_MAX": "128"}
    variants = {"plain": place.environment(), "shim": place.shimmed()}
    if kind == "threads" and number > 1:
        variants["plain, own arenas"] = place.environment(**arenas)
        variants["shim, own arenas"] = {**place.shimmed(), **arenas}
    seen = {name: [] for name in variants}
    for _ in range(place.few_rounds):
        for name, environment in variants.items():
            seen[name].append(futexes(place, words, environment, kind,
                                      number))
    return {name: {"median": statistics.median(values),
                   "least": min(values), "most": max(values), "runs": values}
            for name, values in seen.items()}


def instructions(place, words, kind, number):
    few, many = (32, 96) if kind == "handles" else (5, 15)
    calls = number if kind == "threads" else 1
    return {name: count.per_call(place, words, environment, few, many, calls)
            for name, environment in (("plain", place.environment()),
                                      ("shim", place.shimmed()))}


def scaling(place):
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    rows, values = [], {}
    for kind, numbers in (("handles", (1, 100, 10_000)),
                          ("threads", (1, 4, 16, 64))):
        if place.quick:
            numbers = numbers[:1] + numbers[-1:]
        for number in numbers:
            words = [kind, url, None, number]
            counts = instructions(place, words, kind, number)
            seen = futex_counts(place, words, kind, number)
            more = counts["shim"] - counts["plain"]
            title = f"{number:,} {kind if number > 1 else kind[:-1]}"
            values[title] = {"more": more, **counts, "futexes": seen}
            rows.append([title, f"{counts['plain']:,.0f}",
                         f"{counts['shim']:,.0f}", f"{more:+,.0f}",
                         *(show(seen.get(name)) for name in COLUMNS)])
    return {"title": "Many handles, many threads", "rows": rows,
            "columns": ["", "instructions per call, plain", "shim",
                        "difference", "futex calls per 1,000 calls, plain",
                        *COLUMNS[1:]],
            "values": values,
            "intro": "Handles: so many are alive, 16 of them make the calls. "
            "Threads: each has a handle. Futex calls: what a long run makes "
            "more than a short one, median (least–most) of three; with "
            "MALLOC_ARENA_MAX=128 no two threads share one of glibc's memory "
            "arenas, whose locks are what plain waits for."}
