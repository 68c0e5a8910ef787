"""Counts, which don't depend on what else the machine does: instructions
(callgrind), system calls (strace), allocations."""

import os
import re
import subprocess


def callgrind(place, command, environment, keep=None, **options):
    """Instructions of one run, whole process. It shares the servers' core:
    then each answer is waited for, and as often (else the count varies by 3
    percent, with how often libcurl polls)."""
    output = keep or place.path("callgrind.out")
    subprocess.run(
        ["valgrind", "-q", "--tool=callgrind",
         f"--callgrind-out-file={output}", *map(str, command)],
        env=environment, check=True, stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, place.server_core),
        **options)
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


def calls_of(output, function, library):
    """Calls of a library's function from other objects, and their
    instructions, callees included. Callgrind's format: a name is written
    "(number) name" once, later "(number)"; a "calls=" line is followed by
    one whose last word is the cost."""
    names, current = {}, {}
    calls, cost, is_wanted, follows = 0, 0, False, False

    def name_of(text):
        number, _, name = text.partition(" ")
        kind = "ob" if key in ("ob", "cob") else key[-2:]
        if name:
            names[kind, number] = name
        return names.get((kind, number), "")

    with open(output, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if follows:
                follows = False
                cost += int(line.split()[-1]) if is_wanted else 0
                continue
            key, equals, text = line.strip().partition("=")
            if not equals or key not in ("ob", "fn", "cob", "cfn", "calls"):
                continue
            if key != "calls":
                current[key] = name_of(text)
                if key == "ob":
                    current.pop("cob", None)
                continue
            target = os.path.basename(current.pop("cob", current.get("ob")))
            is_wanted = (current["cfn"].split("'")[0] == function and
                         target.startswith(library) and
                         not os.path.basename(current["ob"]).startswith(
                             library))
            calls += int(text.split()[0]) if is_wanted else 0
            follows = True
    return calls, cost


def per_call(place, words, environment, few=20, many=120, calls=1):
    """Instructions per call: two counts, their difference. In `words`, None
    stands for the count."""
    def count(times):
        command = [place.client] + [times if w is None else w for w in words]
        return callgrind(place, command, environment)
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


def system_calls(place, command, environment, cores, only=None):
    """How often the process and its threads made each call."""
    output = place.path("strace.out")
    settings = [word for key, value in environment.items()
                if key.startswith(("LD_PRELOAD", "CURLRETRY_", "BENCH_"))
                for word in ("-E", f"{key}={value}")]
    bare = {k: v for k, v in environment.items() if k != "LD_PRELOAD"}
    limits = ["--seccomp-bpf", "-e", "trace=" + only] if only else []
    subprocess.run(
        ["strace", "-f", "-c", "-o", output, *limits, *settings,
         *map(str, command)], env=bare, check=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cores))
    counts = {}
    with open(output, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if len(words) >= 5 and words[3].isdigit() and \
                    words[-1] != "total":
                counts[words[-1]] = int(words[3])
    return counts


def allocations(place, words, environment):
    """Allocations per call, with allocations.so preloaded."""
    output = place.path("allocations")
    counts = []
    for times in (100, 1100):
        subprocess.run(
            [place.client, words[0], words[1], str(times)], check=True,
            env={**environment, "BENCH_ALLOCATIONS": output},
            stdout=subprocess.DEVNULL)
        with open(output, encoding="utf-8") as file:
            counts.append(int(file.read()))
    return (counts[1] - counts[0]) / 1000
