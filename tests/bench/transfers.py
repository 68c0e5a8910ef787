"""1 GiB down and up: wall time and memory."""

import subprocess

import measure


def peak_column(samples):
    least = min(run["peak_kib"] for run in samples["plain"])
    return ("peak memory, MiB more", lambda runs:
            f"{(min(r['peak_kib'] for r in runs) - least) / 1024:+.1f}")


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
    # the snapshot goes to the file system a program would use
    for environment, _ in variants.values():
        environment.pop("TMPDIR", None)

    def run(name):
        environment, source = variants[name]
        words = ["upload", url, place.big,
                 "callback" if source == "callback" else "stdin"]
        if source == "file":
            with open(place.path("www/big"), "rb") as file:
                return measure.run_client(place, words, environment,
                                          stdin=file)
        if source == "callback":
            return measure.run_client(place, words, environment)
        with subprocess.Popen(["head", "-c", str(place.big), "/dev/zero"],
                              stdout=subprocess.PIPE) as writer:
            return measure.run_client(place, words, environment,
                                      stdin=writer.stdout)

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
    return {**table, "title": f"{size_name(place)} up", "plot": "wall",
            "samples": samples,
            "intro": "PUT to the faulty server, which tosses it away; ratios "
            "are to plain with the same source. What exceeds SNAPSHOT_MEMORY "
            "and SNAPSHOT_DISK is sent, but can't be sent again."}
