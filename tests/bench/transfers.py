"""1 GiB down and up: wall time and memory."""

import contextlib
import subprocess

import measure


def peak_column(samples):
    least = min(run["peak_kib"] for run in samples["plain"])
    return ("peak memory, MiB more", lambda runs:
            f"{(min(r['peak_kib'] for r in runs) - least) / 1024:+.1f}")


def add_counts(place, table, command_of):
    """A column of callgrind's counts. command_of(NAME, MIB): the client's
    words, environment and source of its stdin; None: not for this row."""
    few, many = 8, 24
    table["columns"].append("instructions per MiB")
    table["instructions"] = {}
    for row in table["rows"]:
        counts = []
        for mib in (few, many):
            chosen = command_of(row[0], mib)
            if chosen:
                counts.append(count_once(place, mib << 20, *chosen))
        if not counts:
            row.append("")
            continue
        value = (counts[1] - counts[0]) / (many - few)
        table["instructions"][row[0]] = value
        row.append(f"{value:,.0f}")


def count_once(place, size, words, environment, source):
    with standard_input(place, source, size) as stdin:
        return measure.callgrind(place, [place.client, *words], environment,
                                 stdin=stdin)


@contextlib.contextmanager
def standard_input(place, source, size):
    """What the client reads: a sparse file, a pipe, or nothing."""
    if source == "file":
        with open(place.sparse_file(f"up{size}", size), "rb") as file:
            yield file
    elif source == "pipe":
        with subprocess.Popen(["head", "-c", str(size), "/dev/zero"],
                              stdout=subprocess.PIPE) as writer:
            yield writer.stdout
    else:
        yield subprocess.DEVNULL


def size_name(place):
    return "1 GiB" if place.big == 1 << 30 else f"{place.big >> 20} MiB"


def downloads(place):
    ports = place.web()
    variants = {
        "plain": (place.environment(), "plain", ""),
        "shim, ETag": (place.shimmed(), "plain", ""),
        "shim, no validator (hashed)": (place.shimmed(), "plain", "bare/"),
        "shim, RESUME=off": (place.shimmed(RESUME="off"), "plain", ""),
        "nginx proxy_next_upstream": (place.environment(), "nginx", ""),
        "HAProxy retry-on": (place.environment(), "haproxy", ""),
    }

    def run(name):
        environment, port, folder = variants[name]
        url = f"http://127.0.0.1:{ports[port]}/{folder}big"
        return measure.run_client(place, ["get", url, 1], environment)

    samples = measure.alternate(list(variants), place.big_rounds, run)
    table = measure.ratio_table(samples, "plain", "ms", 1e6,
                                [peak_column(samples)])

    def command_of(name, mib):
        environment, port, folder = variants[name]
        if port != "plain":
            return None
        place.sparse_file(f"mib{mib}", mib << 20)
        url = f"http://127.0.0.1:{ports[port]}/{folder}mib{mib}"
        return ["get", url, 1], environment, None

    add_counts(place, table, command_of)
    return {**table, "title": f"{size_name(place)} down", "plot": "wall",
            "intro": "From nginx (sendfile, default proxy buffers) into a "
            "callback that counts. Without ETag and Last-Modified the shim "
            "hashes what it hands over, to be able to prove a repetition."}


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

    def run(name):
        environment, source = variants[name]
        kind = "callback" if source == "callback" else "stdin"
        with standard_input(place, source, place.big) as stdin:
            return measure.run_client(
                place, ["upload", url, place.big, kind], environment,
                stdin=stdin)

    samples = measure.alternate(list(variants), place.big_rounds, run)
    table = {"columns": None, "rows": [], "wall": {}, "cpu": {}}
    for source in ("FILE*", "callback", "pipe"):
        chosen = {name.replace("plain, " + source, "plain"): runs
                  for name, runs in samples.items() if source in name}
        part = measure.ratio_table(chosen, "plain", "ms", 1e6,
                                   [peak_column(chosen)])
        table["columns"] = part["columns"]
        for row in part["rows"]:
            if row[0] == "plain":
                row[0] = "plain, " + source
            table["rows"].append(row)
        for key in ("wall", "cpu"):
            for name, value in part[key].items():
                own = "plain, " + source if name == "plain" else name
                table[key][own] = value

    def command_of(name, mib):
        environment, source = variants[name]
        kind = "callback" if source == "callback" else "stdin"
        return ["upload", url, mib << 20, kind], environment, source

    add_counts(place, table, command_of)
    return {**table, "title": f"{size_name(place)} up", "plot": "wall",
            "samples": samples,
            "intro": "PUT to the faulty server, which tosses it away; ratios "
            "are to plain with the same source. What exceeds SNAPSHOT_MEMORY "
            "and SNAPSHOT_DISK is sent, but can't be sent again."}
