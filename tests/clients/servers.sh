# servers.sh - servers of other protocols than the faulty server's, written
# with libraries of Python's; sourced after setup.sh and hosts/host.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

# serve_python SCRIPT ARG...: until the tests end; sets PORTS, its first line.
serve_python() {
  [ -p "$tmp/ports" ] || mkfifo "$tmp/ports"
  "$PYTHON" "$hosts/$1" "${@:2}" >"$tmp/ports" </dev/null &
  SERVER_PIDS+=($!)
  PORTS=
  read -r PORTS <"$tmp/ports" || problem+="# $1 did not start"$'\n'
}

# has_feature NAME: curl's; else the test is skipped.
has_feature() {
  "$CURL_PROGRAM" --version | grep -q -w "$1" && return
  reason="$CURL_PROGRAM is without $1"
  return 1
}

# from_pipe RUNNER ARG...: bare or shimmed, with $UPLOAD from a pipe.
from_pipe() {
  [ -p "$tmp/pipe" ] || mkfifo "$tmp/pipe"
  cat "$UPLOAD" >"$tmp/pipe" 2>/dev/null &
  local writer=$!
  "$@" -T - <"$tmp/pipe"
  kill "$writer" 2>/dev/null
  wait "$writer" 2>/dev/null
}
