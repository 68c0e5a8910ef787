"""The temporary folder, the programs under test and the servers.

Everything listens on 127.0.0.1, on ports the kernel picked, and ends with
this process. Servers get their listening sockets from us, already bound.

What made wall times noise, and what is done about it here: the scheduler
moving client and server between cores (servers stay on the first core we may
use, a run's client is put on the same or on the last one), and TCP's pacing
and reordering on loopback where the system's congestion control is BBR
(ours is Reno, which every Linux has and lets everybody choose).
"""

import contextlib
import ctypes
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("B") or "build")
GIB = 1 << 30
STRICT = ("-O2 -g -std=gnu11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion "
          "-Wstrict-prototypes -Werror").split()
LIBC = ctypes.CDLL(None)


def library():
    """What is measured: SHIM=FILE, or the build's."""
    return os.path.abspath(os.environ.get("SHIM") or
                           os.path.join(BUILD, "libcurlretry.so"))


def end_with_parent(cores):
    LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    os.sched_setaffinity(0, cores)


def find_library(name):
    """A library that a Debian package put below /usr/lib, or None."""
    for pattern in ("/usr/lib/*/", "/usr/lib/*/*/", "/usr/lib/", "/usr/lib/*"):
        found = sorted(glob.glob(pattern + name))
        if found:
            return found[0]
    return None


def roomy_folder():
    """Where 1 GiB files cost no disk traffic, if there is such a place."""
    try:
        room = os.statvfs("/dev/shm")
        if room.f_bavail * room.f_frsize > 4 * GIB:
            return "/dev/shm"
    except OSError:
        pass
    return None


class Workplace:
    def __init__(self, quick):
        self.quick = quick
        self.library = library()
        self.rounds = 3 if quick else 12
        self.big_rounds = 2 if quick else 10
        self.few_rounds = 1 if quick else 3  # of slow runs far from any bar
        self.big = GIB // 8 if quick else GIB
        self.folder = tempfile.mkdtemp(prefix="curlretry-bench.",
                                       dir=roomy_folder())
        self.servers = []
        cores = sorted(os.sched_getaffinity(0))
        self.all_cores = set(cores)
        self.server_core, self.own_core = {cores[0]}, {cores[-1]}

    def __enter__(self):
        try:
            self.build()
            self.make_files()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in reversed(self.servers):
            server.terminate()
        for server in self.servers:
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def build(self):
        """The bench's programs, and a copy of the shim: a build meanwhile
        must not change what is measured."""
        compiler = os.environ.get("CC", "cc")
        os.makedirs(os.path.join(BUILD, "bench"), exist_ok=True)
        os.chdir(HERE)
        for output, words in {
                "client": [*sorted(glob.glob("client*.c")), "-pthread",
                           "-lcurl"],
                "empty": ["empty.c"],
                "empty.so": ["-shared", "-fPIC", "empty_library.c"],
                "allocations.so": ["-shared", "-fPIC", "allocations.c"]
        }.items():
            subprocess.run([compiler, *STRICT, "-o", self.path(output),
                            *words], check=True)
        self.shim = self.path("libcurlretry.so")
        shutil.copy(self.library, self.shim)
        self.client = self.path("client")

    def make_files(self):
        os.mkdir(self.path("www"))
        with open(self.path("www/small"), "wb") as file:
            file.write(b"0123456789" * 100)

    def served_file(self, mib):
        """The path of www/mibN. Real pages: those of a sparse file are all
        the same one, which stays in the fastest cache."""
        path = self.path(f"www/mib{mib}")
        if not os.path.exists(path):
            piece = os.urandom(1 << 20)
            with open(path, "wb") as file:
                for _ in range(mib):
                    file.write(piece)
        return path

    def environment(self, preload=(), **variables):
        """Ours without any policy, and these."""
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("CURLRETRY_") and k != "LD_PRELOAD" and
                 not k.lower().endswith("_proxy")}
        if preload:
            clean["LD_PRELOAD"] = " ".join(preload)
        return {**clean, **variables}

    def shimmed(self, *others, **policy):
        return self.environment(
            (self.shim, *others),
            **{"CURLRETRY_" + k: v for k, v in policy.items()})

    # --- servers ---------------------------------------------------------

    def start(self, command, **options):
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: end_with_parent(self.server_core), **options)
        self.servers.append(server)
        return server

    def stop_last(self):
        server = self.servers.pop()
        server.kill()
        server.wait()

    def listen(self):
        """A bound, listening socket and its port."""
        listener = socket.socket()
        # Accepted connections inherit it: it is what sends the downloads.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION,
                            b"reno")
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        return listener, listener.getsockname()[1]

    def wait_for(self, server, port, what):
        """A connection is taken by the kernel at once: ask for an answer."""
        with socket.create_connection(("127.0.0.1", port), 10) as asked:
            asked.sendall(b"GET /small HTTP/1.0\r\n\r\n")
            asked.settimeout(10)
            if server.poll() is not None or b"200" not in asked.recv(64):
                raise RuntimeError(f"{what} did not start")

    def start_faulty(self, life=3600):
        server = self.start(
            [os.path.join(BUILD, "faulty"), "http", "--life", str(life)],
            stdout=subprocess.PIPE, text=True, env=self.environment())
        port = server.stdout.readline().strip()
        if not port:
            raise RuntimeError("build/faulty did not start")
        return f"http://127.0.0.1:{port}"

    def start_nginx(self, name, body):
        """`body`: the server block's content; {folder} is replaced."""
        listener, port = self.listen()
        config = self.path(name + ".conf")
        with open(os.path.join(HERE, "nginx.conf"),
                  encoding="utf-8") as file:
            text = file.read()
        user = "user root;" if os.geteuid() == 0 else ""
        for key, value in {"@user@": user, "@server@": body,
                           "@port@": str(port), "@name@": name,
                           "@folder@": self.folder}.items():
            text = text.replace(key, value)
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        server = self.start(
            ["nginx", "-p", self.folder, "-e", self.path(name + ".log"),
             "-c", config],
            pass_fds=[listener.fileno()],
            env=self.environment(NGINX=f"{listener.fileno()};"))
        listener.close()
        self.wait_for(server, port, "nginx")
        return port

    def start_haproxy(self, upstream):
        listener, port = self.listen()
        config = self.path("haproxy.cfg")
        with open(os.path.join(HERE, "haproxy.cfg"),
                  encoding="utf-8") as file:
            text = file.read()
        text = text.replace("@fd@", str(listener.fileno()))
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("@upstream@", str(upstream)))
        server = self.start(
            ["haproxy", "-db", "-q", "-f", config],
            pass_fds=[listener.fileno()], env=self.environment())
        listener.close()
        self.wait_for(server, port, "haproxy")
        return port

    def web(self):
        """nginx with the files, and the two proxies before it; once."""
        if not hasattr(self, "ports"):
            plain = self.start_web()
            proxy = PROXY.replace("@upstream@", str(plain))
            first = len(self.servers)
            self.ports = {"plain": plain,
                          "nginx": self.start_nginx("proxy", proxy),
                          "haproxy": self.start_haproxy(plain)}
            self.proxies = self.servers[first:]
        return self.ports

    def start_web(self):
        return self.start_nginx("web", WEB)

    def put_proxies(self, cores):
        for pid in processes_of(self.proxies):
            os.sched_setaffinity(pid, cores)

    @contextlib.contextmanager
    def patient_servers(self):
        """On a core that they share, a request wakes the server in the
        middle of the client's send(), and the answer is there when that
        returns: the client needn't wait, as it must on any network. Here
        the server has its turn once the client waits."""
        def schedule(policy):
            for pid in processes_of(self.servers):
                os.sched_setscheduler(pid, policy, os.sched_param(0))

        schedule(os.SCHED_BATCH)
        try:
            yield
        finally:
            schedule(os.SCHED_OTHER)


def processes_of(servers):
    for server in servers:
        children = f"/proc/{server.pid}/task/{server.pid}/children"
        with open(children, encoding="utf-8") as file:
            yield from [server.pid, *map(int, file.read().split())]


WEB = """root @folder@/www;
location /bare/ {
  alias @folder@/www/;
  etag off;
  add_header Last-Modified "";
}"""

PROXY = """location / {
  proxy_pass http://upstream_@upstream@;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_next_upstream error timeout http_500 http_502 http_503 http_504;
}
}
upstream upstream_@upstream@ {
  server 127.0.0.1:@upstream@;
  server 127.0.0.1:@upstream@;
  keepalive 64;
"""
