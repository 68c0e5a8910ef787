"""Counts, which don't depend on what else the machine does: instructions
(callgrind), system calls (strace), allocations."""

import os
import subprocess

FEW, MANY = 20, 420  # calls of the two runs whose difference is taken


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


class Profile:
    """What a callgrind output says, by function (object, name): its own
    instructions, and by (caller, callee) how often one called the other and
    what these calls took, callees included.

    The format: "fn=(number) name" once, later "fn=(number)"; a line of cost
    ends with it, and the one after "calls=" is that of the call."""

    def __init__(self, output):
        self.own, self.edges, self.names = {}, {}, {}
        self.object = self.function = self.callee_object = None
        self.callee = None
        with open(output, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self.read(line.strip(), lines)

    def read(self, line, lines):
        key, _, text = line.partition("=")
        if line and line[0] in "0123456789+-*":
            cost = int(line.split()[-1])
            self.own[self.function] = self.own.get(self.function, 0) + cost
        elif key == "ob":
            self.object = self.name("ob", text)
        elif key == "fn":
            self.function = self.object, self.name("fn", text)
        elif key == "cob":
            self.callee_object = self.name("ob", text)
        elif key == "cfn":
            self.callee = (self.callee_object or self.object,
                           self.name("fn", text))
            self.callee_object = None
        elif key == "calls":
            edge = self.function, self.callee
            calls, cost = self.edges.get(edge, (0, 0))
            self.edges[edge] = (calls + int(text.split()[0]),
                                cost + int(next(lines).split()[-1]))

    def name(self, kind, text):
        number, _, name = text.partition(" ")
        if name:
            name = os.path.basename(name) if kind == "ob" else name
            self.names[kind, number] = name.split("'")[0]  # 'N: a recursion
        return self.names[kind, number]


def calls_of(output, function, library):
    """Calls of a library's function from other objects, and their
    instructions, callees included."""
    calls, cost = 0, 0
    for (caller, callee), numbers in Profile(output).edges.items():
        if callee[0].startswith(library) and callee[1] == function and \
                not caller[0].startswith(library):
            calls, cost = calls + numbers[0], cost + numbers[1]
    return calls, cost


def per_call(place, words, environment, few=FEW, many=MANY, calls=1):
    """Instructions per call: two counts, their difference. In `words`, None
    stands for the count."""
    def count(times):
        command = [place.client] + [times if w is None else w for w in words]
        return callgrind(place, command, environment)
    return (count(many) - count(few)) / ((many - few) * calls)


def profile_per_call(place, words, environment, few=FEW, many=MANY):
    """A Profile's `own` and `edges` per call, in the same way."""
    profiles = []
    for times in (few, many):
        output = place.path(f"profile.{times}")
        command = [place.client] + [times if w is None else w for w in words]
        callgrind(place, command, environment, output)
        profiles.append(Profile(output))
    first, last = profiles
    own = {key: (value - first.own.get(key, 0)) / (many - few)
           for key, value in last.own.items()}
    edges = {key: tuple((value - less) / (many - few) for value, less in
                        zip(values, first.edges.get(key, (0, 0))))
             for key, values in last.edges.items()}
    return own, edges


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
