#!/bin/bash
# Forks, exits, signals and cancellation in the middle of calls (checklist
# 31, 33, 34, 40). SECONDS_EACH bounds the storms, 1000 rounds at most.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

export CURLRETRY_BASE_DELAY=1ms CURLRETRY_BUDGET=off

storm() { # MODE: up to 1000 rounds of it, none bad; leaves ROUNDS
  compile storm storm.c -lcurl || return
  start_http || return # a server counts a few thousand plans
  new_key
  host "$tmp/storm" "$1" "${SECONDS_EACH:-8}" 1000 "$HTTP/$KEY"
  ended 0
  ROUNDS=$(sed -n 's/ rounds$//p' "$tmp/out")
  text_out "$ROUNDS rounds"
  silent
  at_least "rounds" "${ROUNDS:-0}" 50
  echo "# $1: ${ROUNDS:-0} rounds"
}

# A call counts once: each has a URL of its own.
performed() { # WHO: how many of its calls got 503, then 200
  server_lines | awk -v prefix="/$KEY-$1-" '
    index($NF, prefix) == 1 && $8 == 503 { failed[$NF] = 1 }
    index($NF, prefix) == 1 && $8 == 200 && failed[$NF] { count++ }
    END { print count + 0 }'
}

children_of_a_performing_process_perform() {
  storm fork || return
  is "performs of children" "$(performed child)" "$ROUNDS"
  at_least "retries" "$(grep -c ' retry ' <<<"$LOG")" "$ROUNDS"
  at_least "performs of the thread" "$(performed thread)" 10
}

exit_while_threads_perform_does_not_hang() {
  storm leave || return
  at_least "retries" "$(grep -c ' retry ' <<<"$LOG")" "$ROUNDS"
}

atexit_handlers_may_perform() {
  storm atexit || return
  is "performs in handlers" "$(performed atexit)" "$ROUNDS"
  at_least "retries" "$(grep -c ' retry ' <<<"$LOG")" $((2 * ROUNDS))
}

# libcurl is found by many at once, but is one; so there is room for others.
threads_that_make_the_first_handles_find_one_libcurl() {
  local gnutls
  gnutls=$(cc -print-file-name=libcurl-gnutls.so.4)
  have_file libcurl3-gnutls "$gnutls" &&
    compile slow.so slow.c -shared -fPIC &&
    compile together together.c -lcurl || return
  new_key
  SHIM="$SHIM $tmp/slow.so" host "$tmp/together" 16 \
    "$HTTP/$KEY/503,200:body=ok"
  ended 0
  text_out $'16 handles\nok'
  saw GET:503 GET:200
  retries 1
}

# --- while waiting ---------------------------------------------------------

signals_do_not_stretch_or_shorten_the_wait() {
  local mode
  compile waiting waiting.c -lcurl || return
  for mode in itimer restart; do
    new_key
    host env CURLRETRY_BASE_DELAY=500ms CURLRETRY_JITTER=none \
      "$tmp/waiting" $mode "$HTTP/$KEY/503,200"
    ended 0
    saw GET:503 GET:200
    retries 1
    at_least "ms waited" "$(span_ms)" 500
    at_most "ms waited" "$(span_ms)" 5000
  done
}

wait_can_be_cancelled() {
  local first
  compile waiting waiting.c -lcurl || return
  new_key
  first=$HTTP/$KEY/503
  new_key
  host env CURLRETRY_JITTER=none CURLRETRY_RETRY_AFTER=1h \
    CURLRETRY_MAX_TIME=1h "$tmp/waiting" cancel "$tmp/shim.log" \
    "$first:ra=25" "$HTTP/$KEY/503,200"
  ended 0
  saw GET:503 GET:200
  retries 2
}

log_does_not_go_to_a_socket_that_became_descriptor_2() {
  compile waiting waiting.c -lcurl || return
  new_key
  host env CURLRETRY_LOG=stderr CURLRETRY_LOG_LEVEL=debug \
    "$tmp/waiting" closed "$HTTP/$KEY/503,200"
  ended 0
  silent
  saw GET:503 GET:200
}

run_tests "$0"
