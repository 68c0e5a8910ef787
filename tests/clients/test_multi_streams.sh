#!/bin/bash
# Many transfers on one HTTP/2 connection, and one death of all of them.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

STREAMS=41 # a charge for each would be twice the budget

fetch() { # RUNNER: all of them at once, each into a file of its own
  local i
  : >"$tmp/served"
  serve_python http2_death.py "$tmp/served" $STREAMS \
    "$tmp/cert.pem" "$tmp/key.pem"
  for i in $(seq $STREAMS); do
    echo "url=\"https://127.0.0.1:$PORTS/path$i\""
    echo "output=\"$tmp/got$i\""
    rm -f "$tmp/got$i"
  done >"$tmp/config"
  "$1" -k -Z --parallel-max $STREAMS -K "$tmp/config"
}

right() { # how many files are what was asked for
  local i count=0
  for i in $(seq $STREAMS); do
    [ "$(cat "$tmp/got$i" 2>/dev/null)" != "/path$i" ] || count=$((count + 1))
  done
  echo $count
}

served() { # WHAT: how many lines say so
  grep -c "$1" "$tmp/served"
}

# Each by itself would make a connection of its own, always. Some do so where
# the new one's TLS is slow: libcurl itself repeats the odd stream while the
# dead connection is still there, and what comes then isn't told to wait.
a_dead_connection_costs_one_new_one_and_one_charge() {
  have "$PYTHON" && needs_certificate && has_feature HTTP2 || return
  fetch bare # libcurl itself repeats the odd stream; curl may exit with 0
  at_most "right without the shim" "$(right)" $((STREAMS / 2))
  for _ in 1 2 3 4 5; do
    fetch shimmed
    ended 0
    is "right with it" "$(right)" $STREAMS
    is "requests on the first connection" "$(served '^request 1$')" $STREAMS
    is "requests" "$(served '^request')" $((2 * STREAMS))
    [ "$(served '^connection')" -gt 3 ] || break
  done
  # one for all, and maybe one for the last, when it is alone
  at_most "connections" "$(served '^connection')" 3
  # libcurl itself repeats some that were on a connection of the pool, and
  # curl's meter stands on a line
  at_least "retries" "$(grep -o 'curlretry: retry 1/3' "$tmp/err" | wc -l)" 1
}

# 5 tokens are one charge: more, and one stream alone would be rescued.
the_last_tokens_rescue_all_streams() {
  have "$PYTHON" && needs_certificate && has_feature HTTP2 || return
  CURLRETRY_BUDGET=5 fetch shimmed
  ended 0
  is "right" "$(right)" $STREAMS
  is "requests" "$(served '^request')" $((2 * STREAMS))
}

# One drive call may see several die.
separate_connections_are_charged_each() {
  new_key
  CURLRETRY_BUDGET=25 shimmed -Z --no-globoff --no-progress-meter \
    --parallel-max 12 --http1.1 "$HTTP/$KEY-[1-12]/rst"
  ended 56
  is "requests" "$(server_lines | grep -c " /$KEY-")" $((12 + 5))
  is "given up" "$(grep -o -F 'budget exhausted (BUDGET)' "$tmp/err" |
    wc -l)" 12
}

run_tests "$0"
