"""check.py FOLDER SITE: what a soak's programs, servers and traces say, put
side by side: a table, then how often each rule was broken (README.md has
them), the first keys of each. Exit status 0: it could be told.
"""

import collections
import glob
import hashlib
import json
import os
import sys

FOLDER, SITE = sys.argv[1:]
RETRIES = 4
STORED = "201", "204"  # not 221, see look.c
BATCH = 40  # transfers of a curl -Z
RULES = ["wrong body", "upload not as told", "POST repeated once seen",
         "request that no attempt made", "attempts beyond the bound",
         "libcurl's own repetitions beyond 5", "trace without the call",
         "trace says another outcome", "torn lines of traces", "memory grew", "descriptors left",
         "threads left", "temporary files left", "hung", "died",
         "transfers missing"]
broken = {rule: [] for rule in RULES}
holes, cut_headers = [], []

Result = collections.namedtuple(
    "Result", "key server operation source body code status size ms trouble")


def breaks(rule, what):
    broken[rule].append(what)


def lines_of(name):
    path = os.path.join(FOLDER, name)
    if not os.path.exists(path):
        return []
    with open(path, errors="replace") as file:
        return [line.split() for line in file]


def read_bodies():
    bodies = {}
    for path in glob.glob(f"{SITE}/files/*"):
        with open(path, "rb") as file:
            data = file.read()
        bodies[os.path.basename(path)] = (
            len(data), hashlib.sha256(data).hexdigest())
    return bodies


def is_body(path, body):
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest() == body[1]
    except OSError:
        return False


# --- what the programs say ---------------------------------------------------

def read_own(name):
    return [Result(*words[:5], int(words[5]), *words[6:])
            for words in lines_of(f"{name}.results") if len(words) == 10]


def judge_stock(job, words, bodies):
    """The trouble with a stock program's transfer; "-": none."""
    operation, body, stored = job[2], bodies[job[3]], job[7]
    code, status, size, sha = int(words[1]), words[2], words[3], words[4]
    if code or (job[1] not in ("ftp", "sftp") and
                status not in (*STORED, "200")):
        return "-"
    if operation == "GET" and (int(size), sha) != body:
        return "short" if int(size) < body[0] else "wrong-bytes"
    if operation == "PUT" and not is_body(stored, body):
        return "stored-wrong"
    return "-"


def read_stock(name, bodies):
    jobs = {words[0]: words for words in lines_of(f"{name}.jobs")}
    results = []
    for words in lines_of(f"{name}.out"):
        job = jobs.pop(words[0], None) if len(words) == 5 else None
        if not job:
            breaks("transfers missing", f"{name}: {' '.join(words)[:80]}")
            continue
        results.append(Result(
            job[0], job[1], job[2], "-", job[3], int(words[1]), words[2],
            words[3], "0", judge_stock(job, words, bodies)))
    ended = {batch_of(result.key) for result in results
             if name == "curl_many" and result.code == 2}
    for key in jobs:
        if batch_of(key) not in ended:
            breaks("transfers missing", key)
    return results


def batch_of(key):
    return int(key.rsplit(".", 1)[1]) // BATCH


def was_begun(result, call, seen):
    """Not what the program took away before its loop came round, nor what a
    curl -Z had left when it met a 2, which it takes for its own end."""
    if call or seen:
        return True
    return not (result.code == -1 or (
        result.key.startswith("curl_many") and result.code == 2))


def is_cut_in_headers(result, call):
    """libcurl takes headers that the connection ended for the whole answer;
    without a byte of the body, and the trace tells of a failure."""
    return (result.trouble in ("short", "header-blocks") and
            not result.code and result.size == "0" and call and call.end and
            call.end[2] == "failed" and call.cause == "partial")


def look_at_results(results, calls):
    rules = {"stored-wrong": "upload not as told", "hung": "hung"}
    for result in results:
        # libcurl's own (see README.md); the program was told of a failure
        if (result.trouble == "wrong-bytes" and result.code > 0 and
                result.server in ("h2", "connect")):
            holes.append(result.key)
        elif is_cut_in_headers(result, calls.get(result.key)):
            cut_headers.append(result.key)
        elif result.trouble != "-":
            breaks(rules.get(result.trouble, "wrong body"),
                   f"{result.key}:{result.trouble}")


# --- what the servers and the traces say -------------------------------------

def read_seen():
    """Of nginx: each key's attempts and how often each was seen; each posted
    file."""
    seen, posted = collections.defaultdict(collections.Counter), {}
    for words in lines_of("nginx.log"):
        if len(words) < 6 or not words[0].startswith("/"):
            continue
        key = words[0].rsplit("/", 1)[1]
        attempt = words[1].rstrip(".")
        seen[key][int(attempt) if attempt not in ("", "-") else 1] += 1
        if words[2] == "POST" and words[3] == "201":
            posted.setdefault(key, []).append(words[6])
    return seen, posted


class Call:
    __slots__ = ("attempts", "bound_run", "run", "end", "cause")

    def __init__(self):
        self.attempts, self.run, self.bound_run = 0, 0, 0
        self.end, self.cause = None, None

    def add(self, line):
        """An attempt. Those repeated at once aren't counted, nor what was
        before a resume that brought 64K."""
        self.attempts = max(self.attempts, line["attempt"])
        self.run += 1
        if line["resumed_from"] and (line["received"] or 0) >= 65536:
            self.run = 0
        self.bound_run = max(self.bound_run, self.run)


def read_trace(name):
    calls = collections.defaultdict(Call)
    for path in glob.glob(f"{FOLDER}/{name}.trace"):
        with open(path) as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:
                    breaks("torn lines of traces", name)
                    continue
                if line["event"] == "note":
                    continue
                call = calls[line["url"].rsplit("/", 1)[1]]
                if line["event"] == "attempt":
                    call.add(line)
                elif call.end:
                    breaks("trace says another outcome", line["url"][-40:])
                else:
                    call.end = (line["code"], line["status"], line["outcome"],
                                line["bytes_down"], line["bytes_up"])
                    call.cause = line["class"]
    return calls


def look_at_call(result, call, seen):
    if not call or not call.end:
        breaks("trace without the call", result.key)
        return
    code = None if result.code == -1 else result.code
    if call.end[0] != code:
        breaks("trace says another outcome",
               f"{result.key}:{call.end[0]}/{code}")
    if call.bound_run > 2 * RETRIES + 1:
        breaks("attempts beyond the bound", f"{result.key}:{call.bound_run}")
    if not seen:
        return
    if max(seen) > call.attempts:
        breaks("request that no attempt made", f"{result.key}:{max(seen)}")
    if max(seen.values()) > 6:
        breaks("libcurl's own repetitions beyond 5", result.key)
    if result.operation == "POST" and call.attempts > min(seen):
        breaks("POST repeated once seen",
               f"{result.key}:{min(seen)}/{call.attempts}")


def look_at_posts(results, posted, bodies):
    for result in results:
        if (result.operation == "POST" and not result.code and
                result.status in STORED and not any(
                    is_body(path, bodies[result.body])
                    for path in posted.get(result.key, []))):
            breaks("upload not as told", result.key)


# --- how the programs ended --------------------------------------------------

def look_at_ends():
    for name, status, files in lines_of("ended"):
        if status in ("124", "137"):
            breaks("hung", name)
        elif status != "0":
            breaks("died", f"{name}:{status}")
        if files != "0":
            breaks("temporary files left", f"{name}:{files}")
        for words in lines_of(f"{name}.err"):
            if words[:1] == ["signal"]:
                breaks("died", f"{name}:{words[1]}")


def look_at_state(name):
    states = {words[1]: dict(zip(words[2::2], map(int, words[3::2])))
              for words in lines_of(f"{name}.out") if len(words) == 10}
    if "end" not in states:
        return
    warm, end = states["warm"], states["end"]
    # After few transfers the pool still grows: some 300 KiB of connections.
    few = len(list(lines_of(f"{name}.results"))) < 200
    if end["heap"] > warm["heap"] + (768 if few else 256):
        breaks("memory grew", f"{name}: heap {warm['heap']}..{end['heap']}")
    if end["resident"] > warm["resident"] + 8192:
        breaks("memory grew",
               f"{name}: {warm['resident']}..{end['resident']} KiB")
    if end["descriptors"] != warm["descriptors"]:
        breaks("descriptors left",
               f"{name}: {warm['descriptors']}..{end['descriptors']}")
    if end["threads"] != warm["threads"]:
        breaks("threads left", name)
    print(f"{name}: warm {warm}, at the end {end}")


# --- the table ---------------------------------------------------------------

FORMAT = ("{:<13}{:<9}{:>9}{:>9}{:>9}{:>9}{:>8}{:>8}{:>7}{:>6}{:>9}{:>9}  "
          "{}")


# Taken away or aborted by the program.
AWAY = -1, 42


def is_failure(result):
    if result.code in AWAY:
        return False
    return result.code > 0 or (result.server not in ("ftp", "sftp") and
                               result.status >= "400" and result.code == 0)


def row_of(who, server, results, calls, seen):
    codes = collections.Counter(
        str(result.code) if result.code else result.status
        for result in results if is_failure(result))
    ends = [calls[result.key] for result in results if result.key in calls]
    rescued = sum(1 for call in ends if call.end and call.end[2] == "rescued")
    own = sum(sum(seen[result.key].values()) - len(seen[result.key])
              for result in results if result.key in seen)
    bodies = [sum(call.end[at] or 0 for call in ends if call.end)
              for at in (3, 4)]
    print(FORMAT.format(
        who, server, len(results), sum(call.attempts for call in ends),
        sum(sum(seen[result.key].values()) for result in results
            if result.key in seen), own,
        sum(1 for result in results
            if not is_failure(result) and result.code not in AWAY) -
        rescued,
        rescued, sum(codes.values()),
        sum(1 for result in results if result.code in AWAY),
        f"{bodies[0] / 1e6:.1f}M", f"{bodies[1] / 1e6:.1f}M",
        " ".join(f"{code}:{count}" for code, count in codes.most_common(6))))


def print_table(tables, seen):
    print(FORMAT.format("client", "server", "calls", "attempts", "seen",
                        "libcurl", "ok", "rescued", "failed", "away", "down",
                        "up", "failures by code or status"))
    everything, all_calls = [], {}
    for name, (results, calls) in tables.items():
        by_server = collections.defaultdict(list)
        for result in results:
            by_server[result.server].append(result)
        for server in sorted(by_server):
            row_of(name, server, by_server[server], calls, seen)
        everything += results
        all_calls.update(calls)
    row_of("all", "", everything, all_calls, seen)


def main():
    bodies = read_bodies()
    seen, posted = read_seen()
    tables = {}
    for name, _, _ in lines_of("ended"):
        results = read_own(name) or read_stock(name, bodies)
        calls = read_trace(name)
        results = [result for result in results if was_begun(
            result, calls.get(result.key), seen.get(result.key))]
        tables[name] = (results, calls)
        look_at_results(results, calls)
        for result in results:
            look_at_call(result, calls.get(result.key), seen.get(result.key))
        look_at_posts(results, posted, bodies)
    print_table(tables, seen)
    for name in tables:
        look_at_state(name)
    look_at_ends()
    print("holes that libcurl left in HTTP/2 bodies, told as failures:",
          len(holes), *holes[:8])
    print("headers that the connection ended, which libcurl takes for an "
          "answer, not repeated:", len(cut_headers), *cut_headers[:8])
    for rule, what in broken.items():
        print(f"{len(what):6} {rule}" + (f": {' '.join(what[:8])}"
                                          if what else ""))


main()
