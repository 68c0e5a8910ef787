#!/bin/bash
# Servers that pause: what is held is handed over after HOLD_TIME whatever the
# protocol is, and a login that goes on is no stall.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

has_half() { # the first of two pieces, on curl's stdout
  [ "$(stat -c %s "$tmp/out")" -ge 100 ]
}

# The second piece comes when the first was seen, or so late that this fails.
first_half_comes_first() { # MODE URL ARG...
  have "$PYTHON" || return
  rm -f "$tmp/go"
  : >"$tmp/out"
  serve_python slow_server.py "$1" 0 "$tmp/go"
  (
    CURLRETRY_HOLD_TIME=300ms shimmed -N "${@:3}" "$2:$PORTS/x"
    echo "$RC" >"$tmp/rc"
  ) &
  soon has_half
  is "bytes before the second half" "$(stat -c %s "$tmp/out")" 100
  : >"$tmp/go"
  wait $!
  is "exit code" "$(cat "$tmp/rc")" 0
  is "bytes in all" "$(stat -c %s "$tmp/out")" 200
}

held_body_of_http_is_handed_over_in_time() {
  first_half_comes_first http09 http://127.0.0.1 --http0.9
}

held_body_of_ftp_is_handed_over_in_time() {
  first_half_comes_first ftp ftp://127.0.0.1
}

# Eight replies, each within the limit, together far beyond it.
login_that_goes_on_is_no_stall() {
  have "$PYTHON" || return
  : >"$tmp/go"
  serve_python slow_server.py ftp 0.5 "$tmp/go"
  CURLRETRY_STALL_TIMEOUT=2s shimmed "ftp://127.0.0.1:$PORTS/x"
  ended 0
  is bytes "$(stat -c %s "$tmp/out")" 200
  silent
}

run_tests "$0"
