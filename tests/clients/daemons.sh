# daemons.sh - programs that go to the background and stay; sourced after
# setup.sh and hosts/host.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

launcher=$(dirname "$SHIM")/curlretry
policy=() # NAME=VALUE of what begins next
DAEMON=

# begin PRELOAD FILE COMMAND...: the command forks a daemon, whose number comes
# into FILE; waits for that and sets DAEMON. It logs to $tmp/shim.log.
begin() {
  local file=$2 words=()
  [ -z "$1" ] || words=(LD_PRELOAD="$1" "${policy[@]}")
  rm -f "$file"
  : >"$tmp/shim.log"
  : >"$tmp/trace"
  chmod 666 "$tmp/shim.log" "$tmp/trace" # some change their user
  timeout -k 5 30 env CURLRETRY_LOG="$tmp/shim.log" \
    CURLRETRY_TRACE="$tmp/trace" "${words[@]}" "${@:3}" >"$tmp/out" \
    2>"$tmp/err" </dev/null
  soon test -s "$file"
  DAEMON=$(cat "$file" 2>/dev/null)
  [ -n "$DAEMON" ] || problem+="# $3 did not start"$'\n'
}

# examined PROGRAM: what the doctor says of it as it runs.
examined() {
  is verdict "$("$launcher" --doctor "$DAEMON" | tail -n 1)" \
    "verdict: reached: failed transfers of $1 are retried"
}

gone() { ! [ -d "/proc/$DAEMON" ]; } # the daemon

# finish: the daemon is told to stop, and does so in 5 s. Sets LOG.
finish() {
  [ -n "$DAEMON" ] || return
  kill "$DAEMON"
  soon gone || { problem+="# it hangs at its end"$'\n' && kill -9 "$DAEMON"; }
  DAEMON=
  LOG=$(cat "$tmp/shim.log")
}

# named NAME: every line of the log is of this program.
named() {
  is "lines of others" "$(cut -d ' ' -f 2- "$tmp/shim.log" |
    grep -v "^$1\[[0-9]*\] curlretry: ")" ''
}

# reported CALLS RESCUED FAILED: what the report says of the trace.
reported() {
  is report "$("$launcher" --report --json "$tmp/trace" |
    jq -r '.total | "\(.calls) \(.rescued) \(.failed)"')" "$*"
}

# free_port: sets PORT, one that nobody has now.
free_port() {
  PORT=$("$PYTHON" -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  while [ "$PORT" -gt 32767 ]; do # zabbix's last one
    PORT=$((PORT - 16384))
  done
}
