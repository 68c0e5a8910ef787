# syslog.sh - a /dev/log of the test's own, in a mount namespace; sourced after
# setup.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of setup.sh, and for the files with the tests)

# As root nobody else's names are needed: php-fpm changes its user.
[ "$(id -u)" = 0 ] && namespace=(unshare -m) || namespace=(unshare -rm)

needs_namespace() { # else the test is skipped
  "${namespace[@]}" true 2>/dev/null && return
  reason="no mount namespaces"
  return 1
}

# in_namespace COMMAND: run by bash where /dev/log is a socket; what came there
# is in SYSLOG, the command's outputs in $tmp/out and $tmp/err.
in_namespace() { # COMMAND
  mkdir -p "$tmp/dev"
  cat >"$tmp/receiver.py" <<'END'
import os, socket, subprocess, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
log.settimeout(0.2)
child = subprocess.Popen(["bash", "-c", sys.argv[2]])
with open(sys.argv[1], "wb") as out:
    while True:
        try:
            out.write(log.recv(65536) + b"\n")
        except TimeoutError:
            if child.poll() is not None:
                break
sys.exit(child.returncode)
END
  # shellcheck disable=SC2016 # inside
  timeout -k 5 60 "${namespace[@]}" bash -c '
    mount -t tmpfs none "$1/dev" && chmod 755 "$1/dev" &&
      for name in null zero urandom; do
        touch "$1/dev/$name" && mount --bind "/dev/$name" "$1/dev/$name" ||
          exit
      done && mount --rbind "$1/dev" /dev &&
      /usr/bin/python3 "$1/receiver.py" "$1/syslog" "$2"' \
    bash "$tmp" "$1" >"$tmp/out" 2>"$tmp/err"
  SYSLOG=$(cat "$tmp/syslog")
}
