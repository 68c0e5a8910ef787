"""Sections about single calls: small requests, first byte, retries, and a
hundred thousand of them."""

import statistics

import measure


def small_requests(place):
    count = 1000 if place.quick else 2000
    ports = place.web()
    log = place.path("log.json")
    variants = {
        "plain": (place.environment(), "plain"),
        "shim": (place.shimmed(), "plain"),
        "shim, debug log as JSON": (
            place.shimmed(LOG=log, LOG_LEVEL="debug", LOG_FORMAT="json"),
            "plain"),
        "nginx proxy_next_upstream": (place.environment(), "nginx"),
        "HAProxy retry-on": (place.environment(), "haproxy"),
    }

    def run(name):
        environment, port = variants[name]
        url = f"http://127.0.0.1:{ports[port]}/small"
        return measure.run_client(place, ["get", url, count], environment)

    table = measure.ratio_table(
        measure.alternate(list(variants), place.rounds, run), "plain",
        f"ms per {count}", 1e6)
    url = f"http://127.0.0.1:{ports['plain']}/small"
    table["columns"].append("instructions per request")
    counts = {}
    for row, name in zip(table["rows"], variants):
        environment, port = variants[name]
        if port == "plain":
            counts[name] = measure.per_call(place, ["get", url, None],
                                            environment)
            row.append(f"{counts[name]:,.0f} "
                       f"({counts[name] - counts['plain']:+,.0f})")
        else:
            row.append("the client's: as plain")
    return {**table, "title": "Small keep-alive GETs", "plot": "wall",
            "instructions": counts,
            "intro": f"{count} GETs of 1,000 bytes on one connection to "
            "nginx, the client's loop timed. The proxies run with one worker "
            "thread each; their own CPU time isn't in the CPU ratio, which "
            "is the client's. A call that succeeds at once logs nothing, "
            "at debug level either."}


# --- (d) ----------------------------------------------------------------


def first_byte(place):
    rounds = 1 if place.quick else 3
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
        samples = measure.alternate(
            list(settings), rounds, lambda name, plan=plan:
            measure.run_client(place, ["get", f"{base}/first/{plan}", 1],
                               settings[name]), 0)
        values[body] = {
            name: statistics.median(run["first_byte_ns"] for run in runs)
            for name, runs in samples.items()}
        rows.append([body] + [f"{values[body][name] / 1e6:.1f}"
                              for name in settings])
    return {"title": "Time to the first byte", "rows": rows,
            "columns": ["ms, median", *settings], "values": values,
            "intro": "From `curl_easy_perform` to the first call of the "
            "program's write callback, by what is held back."}


# --- (h) ------------------------------------------------------------------


def long_run(place):
    handles = 200 if place.quick else 500
    many = 10_000 if place.quick else 100_000
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    variants = {"plain": place.environment(), "shim": place.shimmed()}
    rows, values = [], {}
    for name, environment in variants.items():
        idle = measure.run_client(place, ["memory", url, handles],
                                  environment)
        short = measure.run_client(place, ["get", url, 100], environment)
        long = measure.run_client(place, ["get", url, many], environment)
        cpu = long["cpu_ns"] * (1_000_000 / many) / 1e9
        grown = long["peak_kib"] - short["peak_kib"]
        values[name] = {
            "idle_kib": idle["idle_kib"] / handles, "cpu_s": cpu,
            "used_kib": idle["used_kib"] / handles, "grown_kib": grown}
        rows.append([name, f"{idle['idle_kib'] / handles:.1f}",
                     f"{idle['used_kib'] / handles:.1f}", f"{cpu:.1f}",
                     str(grown)])
    return {"title": "Memory per handle, a million calls", "rows": rows,
            "columns": ["", "KiB per new handle", "KiB per handle after a "
                        "call", "CPU s per million calls", "KiB more after "
                        f"{many:,} calls than after 100"],
            "values": values,
            "intro": f"Memory: resident, {handles} handles. CPU: user and "
            f"system time of {many:,} small GETs, extrapolated to a "
            "million."}


# --- (i) --------------------------------------------------------------------


def retry_cost(place):
    count = 200 if place.quick else 1000
    quiet = {"BASE_DELAY": "off", "BUDGET": "off", "LOG": "off"}
    variants = {
        "plain: the two requests": (place.environment(), 2),
        "shim: the 503 retried": (place.shimmed(**quiet), 1),
        "the same, logged to a file": (place.shimmed(
            **{**quiet, "LOG": place.path("retry.log")}), 1),
    }

    def run(name):
        environment, each = variants[name]
        base = place.start_faulty()  # it remembers 8,192 keys
        try:
            return measure.run_client(
                place, ["turns", base, "503,200", count, each], environment)
        finally:
            place.stop_last()

    table = measure.ratio_table(
        measure.alternate(list(variants), place.rounds, run),
        "plain: the two requests", f"ms per {count}", 1e6)
    plain = table["wall"]["plain: the two requests"]["min"]
    table["columns"].append("µs more per retry")
    table["extra_us"] = {}
    for row in table["rows"]:
        extra = (table["wall"][row[0]]["min"] - plain) / count / 1e3
        table["extra_us"][row[0]] = extra
        row.append(f"{extra:.1f}")
    return {**table, "title": "A retry beyond its wait and its requests",
            "intro": f"{count} calls that meet a 503 and then a 200, each of "
            "a URL of its own, BASE_DELAY=off; the last column is the "
            "difference of the minima."}
