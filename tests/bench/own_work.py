"""(j) What the shim does per call and per option, counted."""

import statistics

import count

# As in client_options.c.
OPTIONS = ["URL", "WRITEFUNCTION", "WRITEDATA", "TIMEOUT", "HTTPHEADER",
           "RANGE", "POSTFIELDS", "USERAGENT", "FOLLOWLOCATION",
           "TCP_NODELAY"]


def pairs(place):
    return {"plain": place.environment(), "shim": place.shimmed()}


# --- curl_easy_setopt -------------------------------------------------------


def of_the_curl_tool(place, url, upload):
    """What a stock curl sets for one transfer: options and instructions per
    option, by name; four transfers less one, since its first bears what is
    done once."""
    source = ["-T", place.path("www/small")] if upload else []
    output = place.path("setopt.out")
    found = {}
    for name, environment in pairs(place).items():
        library = "libcurlretry" if name == "shim" else "libcurl.so"
        seen = []
        for transfers in (1, 4):
            words = ["-o", "/dev/null", *source, url] * transfers
            count.callgrind(
                place, ["curl", "-q", "-sS", "--noproxy", "*", *words],
                environment, output)
            seen.append(count.calls_of(output, "curl_easy_setopt", library))
        calls = seen[1][0] - seen[0][0]
        if calls <= 0:
            raise RuntimeError("no curl_easy_setopt in callgrind's output")
        found[name] = {"calls": calls // 3,
                       "each": (seen[1][1] - seen[0][1]) / calls}
    return found


def single_options(place, url, environment):
    """Instructions per call, by option: a long run less one without any."""
    def run(times, option):
        return count.callgrind(
            place, [place.client, "setopt", url, times, option], environment)

    start = run(0, OPTIONS[0])
    return {option: (run(2000, option) - start) / 2000 for option in OPTIONS}


def setopt(place, url):
    """Rows and values: single options, then what curl sets."""
    rows, each, faulty = [], {}, place.start_faulty()
    counts = {name: single_options(place, url, environment)
              for name, environment in pairs(place).items()}
    for option in OPTIONS:
        plain, shim = counts["plain"][option], counts["shim"][option]
        each[option] = shim - plain
        rows.append([f"`CURLOPT_{option}`", f"{plain:.0f}", f"{shim:.0f}",
                     f"{shim - plain:+.0f}"])
    tool = {}
    for title, address, upload in (("download", url, False),
                                   ("upload", faulty + "/put/201", True)):
        found = of_the_curl_tool(place, address, upload)
        plain, shim = found["plain"]["each"], found["shim"]["each"]
        tool[title] = shim - plain
        rows.append([f"mean of the {found['shim']['calls']} options of a "
                     f"curl {title}", f"{plain:.0f}", f"{shim:.0f}",
                     f"{shim - plain:+.0f}"])
    worst = max(each, key=each.get)
    return rows, {"each": each, "tool": tool, "mean_of_tool":
                  statistics.mean(tool.values()), "worst": each[worst],
                  "worst_option": worst}


# --- the section ------------------------------------------------------------


def own_work(place):
    url = f"http://127.0.0.1:{place.web()['plain']}/small"
    counter = place.path("allocations.so")
    counting = {"plain": place.environment((counter,)),
                "shim": place.shimmed(counter)}
    values = {}
    for name, environment in pairs(place).items():
        calls = [count.system_calls(
            place, [place.client, "get", url, times], environment,
            place.server_core)
            for times in (100, 600)]
        values[name] = {
            "system": {call: (number - calls[0].get(call, 0)) / 500
                       for call, number in calls[1].items()
                       if number != calls[0].get(call, 0)},
            "allocations": count.allocations(place, ("get", url),
                                             counting[name])}
        values[name]["system_total"] = sum(values[name]["system"].values())
    rows = [[name, f"{v['system_total']:.3f}",
             ", ".join(f"{call} {number:.3g}" for call, number in
                       sorted(v["system"].items())),
             f"{v['allocations']:.3f}"] for name, v in values.items()]
    set_rows, values["setopt"] = setopt(place, url)
    functions = own_functions(place, "set", url)
    return {"title": "Work of ours per call, after warm-up", "rows": rows,
            "columns": ["", "system calls per GET", "which",
                        "allocations per GET"],
            "values": values, "functions": functions,
            "more_tables": [
                {"intro": "Instructions of `curl_easy_setopt`, libcurl's own "
                 "included:", "columns": ["", "plain", "shim", "more"],
                 "rows": set_rows},
                {"intro": "Where the shim's instructions per small GET go "
                 "that sets its URL, write and header callback (own "
                 "instructions, against plain; from 60 on):",
                 "columns": ["more", "function", "in"],
                 "rows": [[f"{more:+,.0f}", f"`{name}`", where]
                          for more, name, where in functions
                          if abs(more) >= 60]}],
            "intro": "Differences of a long and a short run (strace -c, an "
            "allocation counter, callgrind)."}


def named(counts):
    """Functions that the library doesn't name are counted as one."""
    result = {}
    for (place, function), number in counts.items():
        if function.startswith("0x"):
            function = "(static functions)"
        key = function, place
        result[key] = result.get(key, 0) + number
    return result


def own_functions(place, mode, url):
    """What the shim adds per small GET, function by function, in whichever
    library: [(difference, function, object)]."""
    plain, shim = (named(count.profile_per_call(
        place, [mode, url, None], environment)[0])
        for environment in pairs(place).values())
    more = [(shim.get(key, 0) - plain.get(key, 0), *key)
            for key in set(plain) | set(shim)]
    return sorted((entry for entry in more if abs(entry[0]) >= 10),
                  reverse=True)
