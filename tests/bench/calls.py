"""Sections about single calls: small requests, first byte, a million calls
and retries."""

import os
import statistics

import count
import measure


def show_more(values, scale):
    """The median of differences, with their quartiles."""
    row = measure.spread([value / scale for value in values])
    return f"{row['median']:.1f} ({row['low']:.1f}–{row['high']:.1f})"


# --- (a) ----------------------------------------------------------------


def counted(place, mode, variants, url):
    """Instructions per GET by name, of those variants that ask nginx."""
    return {name: count.per_call(place, [mode, url, None], environment)
            for name, (environment, port) in variants.items()
            if port == "plain"}


def header_lines(place, url):
    """How many the client's header callback gets, the empty one left out."""
    seen = measure.run_client(place, ["set", url, 100], place.environment())
    return seen["header_lines"] // 100 - 1


def small_requests(place):
    requests = 1000 if place.quick else 2000
    ports = place.web()
    log = place.path("log.json")
    variants = {
        "plain": (place.environment(), "plain"),
        "shim": (place.shimmed(), "plain"),
        "shim, JSON log (nothing to log)": (
            place.shimmed(LOG=log, LOG_FORMAT="json"), "plain"),
        "shim, TRACE": (place.shimmed(TRACE=place.path("trace")), "plain"),
        "nginx proxy_next_upstream": (place.environment(), "nginx"),
        "HAProxy retry-on": (place.environment(), "haproxy"),
    }

    def run(name, own_core=False):
        environment, port = variants[name]
        url = f"http://127.0.0.1:{ports[port]}/small"
        return measure.run_client(place, ["get", url, requests], environment,
                                  own_core)

    turns = measure.alternate(list(variants), "plain", place.rounds, run)
    table = measure.ratio_table(turns, "plain", f"ms per {requests}", 1e6)
    apart = measure.alternate(list(variants), "plain", place.rounds // 3,
                              lambda name: run(name, True))
    table["wall_two_cores"] = measure.compare(apart, "plain", "wall_ns")
    table["samples_two_cores"] = apart[0]
    table["columns"][4:] = ["µs more per GET", "wall ratio, client on a core "
                            "of its own", "instructions per GET",
                            "the same, with a header callback"]
    url = f"http://127.0.0.1:{ports['plain']}/small"
    lines = table["header_lines"] = header_lines(place, url)
    table["instructions"] = counted(place, "get", variants, url)
    table["instructions_set"] = counted(place, "set", variants, url)
    for row, name in zip(table["rows"], variants):
        more = measure.differences(turns, name, "wall_ns")
        is_base = name == "plain"
        row[4:] = ["" if is_base else show_more(more, requests * 1e3),
                   measure.show_ratio(table["wall_two_cores"][name], is_base)]
        for counts in (table["instructions"], table["instructions_set"]):
            row.append(f"{counts[name]:,.0f} "
                       f"({counts[name] - counts['plain']:+,.0f})"
                       if name in counts else "the client's: as plain")
    if os.path.exists(log):
        raise RuntimeError("successes were logged")
    return {**table, "title": "Small keep-alive GETs", "plot": "wall",
            "intro": f"{requests} GETs of 1,000 bytes on one connection to "
            "nginx, the client's loop timed. Client, proxy and server share "
            "one core, so that wall time is the work of all of them; with "
            "the client on a core of its own the waking of the other core is "
            "in it, for plain as well. In the last column each call sets "
            "its URL, its write and its header callback, as most programs "
            f"do, and nginx answers with {lines} header lines; in the others "
            "there is no header callback, and the options are set once. A "
            "call that succeeds at once logs nothing, whatever the format: "
            "what a logged line costs is in (i). With TRACE a call's two "
            "lines, 950 bytes, are one write()."}


# --- (d) ----------------------------------------------------------------


def first_byte(place):
    base = place.start_faulty()
    bodies = {
        "1,000 bytes at once": "200:size=1000",
        "64 KiB in 2 s, with a length": "200:size=65536:rate=4096~125",
        "64 KiB in 2 s, chunked": "200:size=65536:chunked:rate=4096~125",
        "4 MiB at once, chunked": "200:size=4M:chunked",
        "event stream, 8 in 2 s": "200:events=8~250",
    }
    settings = {
        "plain": place.environment(), "shim": place.shimmed(),
        "HOLD_TIME=100ms": place.shimmed(HOLD_TIME="100ms"),
        "HOLD_BYTES=16K": place.shimmed(HOLD_BYTES="16K"),
        "HOLD_BYTES=off": place.shimmed(HOLD_BYTES="off"),
    }
    rows, values = [], {}
    for body, plan in bodies.items():
        samples, _ = measure.alternate(
            list(settings), "plain", place.few_rounds, lambda name, plan=plan:
            measure.run_client(place, ["first", f"{base}/first/{plan}"],
                               settings[name]), 0)
        values[body] = {
            name: measure.spread([run["first_byte_ns"] / 1e6 for run in runs])
            for name, runs in samples.items()}
        rows.append([body] + [f"{v['min']:.1f} / {v['median']:.1f}"
                              for v in values[body].values()])
    return {"title": "Time to the first byte", "rows": rows,
            "columns": ["ms, min / median", *settings], "values": values,
            "intro": "From `curl_easy_perform` to the first call of the "
            "program's write callback, by what is held back (HOLD_TIME is 1 s "
            "and HOLD_BYTES 1M where not said)."}


# --- (h) ------------------------------------------------------------------


def median_of(values, key):
    return statistics.median(value[key] for value in values)


def long_run(place):
    handles = 200 if place.quick else 500
    calls = 10_000 if place.quick else 100_000
    rounds = place.few_rounds
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    variants = {"plain": place.environment(), "shim": place.shimmed()}

    def run(*words):
        return lambda name: measure.run_client(place, words, variants[name])

    memory = measure.alternate(list(variants), "plain", rounds,
                               run("memory", url, handles))
    short = measure.alternate(list(variants), "plain", rounds,
                              run("get", url, 100))
    long = measure.alternate(list(variants), "plain", rounds,
                             run("get", url, calls), 0)
    cpu = measure.compare(long, "plain", "cpu_ns")
    rows, values = [], {}
    for name in variants:
        first = median_of(short[0][name], "peak_kib")
        grown = measure.spread([run["peak_kib"] - first
                                for run in long[0][name]])
        values[name] = {
            "idle_kib": median_of(memory[0][name], "idle_kib") / handles,
            "used_kib": median_of(memory[0][name], "used_kib") / handles,
            "grown_kib": grown, "cpu": cpu[name],
            "cpu_s": cpu[name]["median"] / calls / 1e3}
        rows.append([name, f"{values[name]['idle_kib']:.1f}",
                     f"{values[name]['used_kib']:.1f}",
                     f"{cpu[name]['min'] / calls / 1e3:.1f}",
                     f"{values[name]['cpu_s']:.1f}",
                     measure.show_ratio(cpu[name], name == "plain"),
                     f"{grown['median']:+.0f} ({grown['low']:+.0f} to "
                     f"{grown['high']:+.0f})"])
    return {"title": "Memory per handle, a million calls", "rows": rows,
            "columns": ["", "KiB per new handle", "KiB per handle after a "
                        "call", "CPU s per million calls, min", "median",
                        "CPU ratio", "peak memory, KiB more after "
                        f"{calls:,} calls than after 100"],
            "values": values,
            "samples": {"memory": memory[0], "short": short[0],
                        "long": long[0]},
            "intro": f"Memory: resident, medians of {handles} handles. CPU: "
            f"the client's user and system time of {2 * rounds * calls:,} "
            f"small GETs with the shim, in runs of {calls:,} between runs of "
            f"plain; a run's times {1_000_000 // calls}."}


# --- (i) --------------------------------------------------------------------


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def retry_cost(place):
    calls = 200 if place.quick else 1000
    quiet = {"BASE_DELAY": "off", "BUDGET": "off"}
    base_name = "plain: the two requests"
    logs = {"the same, logged to a file": ("retry.log", "text"),
            "the same, logged as JSON": ("retry.json", "json")}
    variants = {
        base_name: (place.environment(), 2),
        "shim: the 503 retried, LOG=off": (
            place.shimmed(**quiet, LOG="off"), 1),
        **{name: (place.shimmed(**quiet, LOG=place.path(file),
                                LOG_FORMAT=form), 1)
           for name, (file, form) in logs.items()}}

    def words(base, each, number=calls):
        return ["turns", base, "503,200", number, each]

    def run(name):
        environment, each = variants[name]
        base = place.start_faulty()  # it remembers 8,192 keys
        try:
            result = measure.run_client(place, words(base, each), environment)
        finally:
            place.stop_last()
        if name in logs:
            path = place.path(logs[name][0])
            if lines_of(path) < calls:
                raise RuntimeError(f"{path}: fewer lines than retries")
            os.remove(path)
        return result

    turns = measure.alternate(list(variants), base_name, place.rounds, run)
    table = measure.ratio_table(turns, base_name, f"ms per {calls}", 1e6)
    table["columns"] += ["µs more per retry", "instructions per call"]
    table["extra_us"], table["instructions"] = {}, {}
    base = place.start_faulty()
    for row, (name, (environment, each)) in zip(table["rows"],
                                                variants.items()):
        more = [value / calls / 1e3
                for value in measure.differences(turns, name, "wall_ns")]
        table["extra_us"][name] = measure.spread(more)
        counted = count.per_call(place, words(base, each, None), environment)
        table["instructions"][name] = counted
        less = table["instructions"][base_name]
        row += ["" if name == base_name else show_more(more, 1),
                f"{counted:,.0f} ({counted - less:+,.0f})"]
    return {**table, "title": "A retry beyond its wait and its requests",
            "intro": f"{calls} calls that meet a 503 and then a 200, each of "
            "a URL of its own, BASE_DELAY=off, all on one core; a logged line "
            "is one write to a file. Both requests are in each row: where 1 "
            "call of 20 is retried, a twentieth of the difference is its "
            "share."}
