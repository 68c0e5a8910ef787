"""1 GiB down and up: wall time and memory."""

import contextlib
import os
import subprocess

import count
import measure


def peak_column(samples):
    """Against the first name's."""
    least = min(run["peak_kib"] for run in next(iter(samples.values())))
    return ("peak memory, MiB more", lambda runs:
            f"{(min(r['peak_kib'] for r in runs) - least) / 1024:+.1f}")


def add_counts(place, table, command_of):
    """A column of callgrind's counts. command_of(NAME, MIB): the client's
    words, environment and source of its stdin; None: not for this row."""
    table["columns"].append("instructions per MiB")
    table["instructions"] = {}
    for row in table["rows"]:
        value = per_mib(place, lambda mib, name=row[0]: command_of(name, mib))
        row.append("" if value is None else f"{value:,.0f}")
        if value is not None:
            table["instructions"][row[0]] = value


def per_mib(place, command_of):
    """The difference of two sizes, so that the start isn't in it."""
    few, many = 8, 24
    counts = []
    for mib in (few, many):
        chosen = command_of(mib)
        if not chosen:
            return None
        words, environment, source = chosen
        with standard_input(place, source, mib << 20) as stdin:
            counts.append(count.callgrind(
                place, [place.client, *words], environment, stdin=stdin))
    return (counts[1] - counts[0]) / (many - few)


@contextlib.contextmanager
def standard_input(place, source, size):
    """What the client reads: a file, a pipe (of a program that runs on the
    servers' core), or nothing."""
    path = place.served_file(size >> 20)
    if source == "file":
        with open(path, "rb") as file:
            yield file
    elif source == "pipe":
        with subprocess.Popen(
                ["cat", path], stdout=subprocess.PIPE,
                preexec_fn=lambda: os.sched_setaffinity(
                    0, place.server_core)) as writer:
            yield writer.stdout
    else:
        yield subprocess.DEVNULL


def size_name(place):
    return "1 GiB" if place.big == 1 << 30 else f"{place.big >> 20} MiB"


def downloads(place):
    ports = place.web()
    place.served_file(place.big >> 20)
    shims = {
        "plain": (place.environment(), "plain", ""),
        "shim, ETag": (place.shimmed(), "plain", ""),
        "shim, no validator (hashed)": (place.shimmed(), "plain", "bare/"),
        "shim, RESUME=off": (place.shimmed(RESUME="off"), "plain", ""),
    }
    proxies = {
        "plain": shims["plain"],
        "nginx proxy_next_upstream": (place.environment(), "nginx", ""),
        "HAProxy retry-on": (place.environment(), "haproxy", ""),
    }
    variants = {**shims, **proxies}

    def words(name, mib):
        _, port, folder = variants[name]
        url = f"http://127.0.0.1:{ports[port]}/{folder}mib{mib}"
        return ["get", url, 1]

    def run(name):
        return measure.run_client(place, words(name, place.big >> 20),
                                  variants[name][0], True)

    turns = measure.alternate(list(shims), "plain", place.big_rounds, run)
    place.put_proxies(place.all_cores)
    others = measure.alternate(list(proxies), "plain", place.few_rounds, run)
    place.put_proxies(place.server_core)
    table = join([measure.ratio_table(part, "plain", "ms", 1e6,
                                      [peak_column(part[0])])
                  for part in (turns, others)])

    def command_of(name, mib):
        if variants[name][1] != "plain":
            return None
        return words(name, mib), variants[name][0], None

    add_counts(place, table, command_of)
    return {**table, "title": f"{size_name(place)} down", "plot": "wall",
            "intro": "From nginx (sendfile, default proxy buffers) into a "
            "callback that counts. The client has a core of its own, the "
            "server another, the proxies whichever they get. Without ETag "
            "and Last-Modified the shim hashes what it hands over, to be "
            "able to prove a repetition."}


def join(tables):
    """One table of several; of rows of the same name the first counts."""
    joined = {**tables[0]}
    for table in tables[1:]:
        joined["rows"] = joined["rows"] + [
            row for row in table["rows"] if row[0] not in joined["wall"]]
        for key in ("wall", "cpu", "samples"):
            joined[key] = {**joined[key], **{
                name: value for name, value in table[key].items()
                if name not in joined[key]}}
    return joined


# --- (c) --------------------------------------------------------------------


def uploads(place):
    url = place.start_faulty() + "/up/200:nohash"
    plain, shim = place.environment(), place.shimmed()
    no_disk = place.shimmed(SNAPSHOT_DISK="off", LOG="off")
    variants = {
        "plain, FILE*": (plain, "file"), "shim, FILE*": (shim, "file"),
        "plain, callback": (plain, "callback"),
        "shim, callback": (place.shimmed(LOG="off"), "callback"),
        "shim, callback, SNAPSHOT_DISK=off": (no_disk, "callback"),
        "plain, pipe": (plain, "pipe"),
        "shim, pipe": (place.shimmed(LOG="off"), "pipe"),
        "shim, pipe, SNAPSHOT_DISK=off": (no_disk, "pipe"),
    }

    def words(name, size):
        source = variants[name][1]
        return ["upload", url, size,
                "callback" if source == "callback" else "stdin"]

    def run(name):
        with standard_input(place, variants[name][1], place.big) as stdin:
            return measure.run_client(place, words(name, place.big),
                                      variants[name][0], True, stdin=stdin)

    parts = []
    for source, rounds in (("file", place.big_rounds),
                           ("callback", place.big_rounds),
                           ("pipe", place.few_rounds)):
        names = [name for name in variants if variants[name][1] == source]
        turns = measure.alternate(names, names[0], rounds, run)
        parts.append(measure.ratio_table(turns, names[0], "ms", 1e6,
                                         [peak_column(turns[0])]))
    table = join(parts)

    def command_of(name, mib):
        return words(name, mib << 20), *variants[name]

    add_counts(place, table, command_of)
    return {**table, "title": f"{size_name(place)} up", "plot": "wall",
            "intro": "PUT to the faulty server, which tosses it away; ratios "
            "are to plain with the same source. Client and server have a "
            "core each; what fills the pipe is on the server's. What exceeds "
            "SNAPSHOT_MEMORY and SNAPSHOT_DISK is sent, but can't be sent "
            "again."}
