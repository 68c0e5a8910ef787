"""(k) The multi interface: single GETs, a thousand transfers at once, and
programs that use it."""

import os
import shutil
import subprocess
import time

import calls
import count
import measure

# The client's modes.
LOOPS = {"poll": "`curl_multi_perform` and `curl_multi_poll`",
         "epoll": "`curl_multi_socket_action` and epoll"}
TRANSFERS = 1000
FILES = 200
COMMITS = 300


def variants(place):
    """As calls.counted wants them: environment, and which server."""
    return {"plain": (place.environment(), "plain"),
            "shim": (place.shimmed(), "plain")}


# --- GETs one after the other -----------------------------------------------


def counted(place, loop, url):
    """Instructions per GET, plain's and the shim's."""
    return calls.counted(place, loop, variants(place), url)


def single_gets(place, url):
    rows, counts = [], {}
    for loop, title in LOOPS.items():
        counts[loop] = counted(place, loop, url)
        seen = measure.run_client(place, [loop, url, 1000],
                                  place.environment())
        plain, shim = counts[loop]["plain"], counts[loop]["shim"]
        rows.append([title, f"{seen['drives'] / 1000:.2f}", f"{plain:,.0f}",
                     f"{shim:,.0f}", f"{shim - plain:+,.0f}"])
    return rows, counts


# --- many at once -----------------------------------------------------------


def crowd_of(place, loop, url):
    """One loop: wall times, instructions per transfer, memory."""
    kinds = {name: kind[0] for name, kind in variants(place).items()}
    turns = measure.alternate(
        list(kinds), "plain", place.rounds, lambda name: measure.run_client(
            place, [loop, url, TRANSFERS, TRANSFERS], kinds[name], True))
    return {"wall": measure.compare(turns, "plain", "wall_ns"),
            "cpu": measure.compare(turns, "plain", "cpu_ns"),
            "instructions": {
                name: count.per_call(place, [loop, url, None, TRANSFERS],
                                     environment, 0, TRANSFERS)
                for name, environment in kinds.items()},
            "peak_kib": {name: min(run["peak_kib"] for run in runs)
                         for name, runs in turns[0].items()},
            "samples": turns[0]}


def crowds(place, url):
    rows, values = [], {}
    for loop in LOOPS:
        value = values[loop] = crowd_of(place, loop, url)
        base = value["instructions"]["plain"]
        least = value["peak_kib"]["plain"]
        for name, counts in value["instructions"].items():
            wall, is_base = value["wall"][name], name == "plain"
            rows.append([
                f"{loop}, {name}", f"{wall['min'] / 1e6:.1f}",
                f"{wall['median'] / 1e6:.1f}",
                measure.show_ratio(wall, is_base),
                measure.show_ratio(value["cpu"][name], is_base),
                f"{counts:,.0f} ({counts - base:+,.0f})",
                "1" if is_base else f"{counts / base:.3f}",
                f"{(value['peak_kib'][name] - least) / TRANSFERS:+.1f}"])
    return rows, values


# --- programs ---------------------------------------------------------------


def make_repository(place):
    """www/repo.git, each object a file of its own: git's dumb protocol gets
    them by GETs, five at once."""
    folder = place.path("www/repo.git")
    git = ["git", "-C", folder, "-c", "fastimport.unpackLimit=1000000"]
    commits = []
    for number in range(COMMITS):
        body = f"{number}\n" * 50
        commits += ["commit refs/heads/main",
                    f"committer A <a@b.invalid> {number} +0000",
                    "data 0", f"M 644 inline file{number % 10}",
                    f"data {len(body)}", body]
    environment = git_environment(place.environment(), place)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder],
                   check=True, env=environment)
    subprocess.run([*git, "fast-import", "--quiet"], check=True, text=True,
                   input="\n".join(commits), env=environment)
    subprocess.run([*git, "update-server-info"], check=True, env=environment)


def git_environment(environment, place):
    """Nobody's settings."""
    return {**environment, "HOME": place.folder, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}


def timed(place, command, environment):
    began = time.monotonic_ns()
    subprocess.run(command, check=True, env=environment,
                   preexec_fn=lambda: os.sched_setaffinity(
                       0, place.own_core))
    return {"wall_ns": time.monotonic_ns() - began}


def parallel_curl(place, base):
    """curl -Z by name, in turns."""
    curl = ["curl", "-q", "-sSfZ", "--no-progress-meter",
            "--noproxy", "*", "--create-dirs", "-o",
            place.path("files/#1"), f"{base}/small?[1-{FILES}]"]
    plain = place.environment()
    kinds = {"plain": (curl, plain), "shim": (curl, place.shimmed()),
             "--retry 3": ([*curl, "--retry", "3"], plain)}
    return measure.alternate(
        list(kinds), "plain", place.rounds,
        lambda name: timed(place, *kinds[name]))


def git_clone(place, base):
    make_repository(place)
    target = place.path("clone")
    command = ["git", "clone", "-q", "--bare", f"{base}/repo.git", target]
    kinds = {"plain": place.environment(), "shim": place.shimmed()}

    def run(name):
        environment = git_environment(kinds[name], place)
        try:
            return timed(place, command, environment)
        finally:
            shutil.rmtree(target)

    return measure.alternate(list(kinds), "plain",
                             max(place.rounds // 2, 2), run)


def programs(place, base):
    rows, values = [], {}
    for what, turns in (
            (f"curl -Z, {FILES} files", parallel_curl(place, base)),
            (f"git clone, {COMMITS} commits", git_clone(place, base))):
        wall = values[what] = measure.compare(turns, "plain", "wall_ns")
        rows += [[what, name, f"{row['min'] / 1e6:.1f}",
                  f"{row['median'] / 1e6:.1f}",
                  measure.show_ratio(row, name == "plain")]
                 for name, row in wall.items()]
    return rows, values


# --- the section ------------------------------------------------------------


def multi(place):
    base = f"http://127.0.0.1:{place.web()['plain']}"
    url = base + "/small"
    lines = calls.header_lines(place, url)
    with place.patient_servers():
        rows, counts = single_gets(place, url)
        crowd_rows, crowd = crowds(place, url)
    program_rows, peers = programs(place, base)
    return {
        "title": "The multi interface", "rows": rows,
        "columns": ["loop", "drive calls per GET", "instructions per GET, "
                    "plain", "shim", "more"],
        "loops": LOOPS, "instructions": counts, "crowd": crowd,
        "transfers": TRANSFERS, "programs": peers,
        "more_tables": [
            {"intro": f"{TRANSFERS:,} GETs of 1,000 bytes that are added to "
             "one multi handle at once, each on a connection of its own, to "
             "the last one's end; the easy handles are there before, and make "
             "their first transfer. The client has a core of its own, but for "
             "the counts. callgrind counts each byte of a large memset as an "
             "instruction.",
             "columns": ["loop", "min, ms", "median, ms", "wall ratio",
                         "CPU ratio", "instructions per transfer",
                         "their ratio", "peak memory, KiB more per "
                         "transfer"], "rows": crowd_rows},
            {"intro": "Programs, where nothing fails: curl into files, and a "
             "bare clone of a repository whose every object is a GET (git's "
             "dumb protocol). The wall time of the whole program on a core "
             "of its own.", "columns": ["", "", "min, ms", "median, ms",
                                        "wall ratio"],
             "rows": program_rows}],
        "intro": "GETs as in the last column of (a): one after the other on "
        "one connection, URL, write and header callback set before each, "
        f"{lines} header lines; here each is added to a multi handle, driven "
        "until its message is read, and removed. Client and server share a "
        "core, and the server has its turn when the client waits, so that "
        "each answer is waited for, as on a network."}
