#!/bin/bash
# A short soak, see README.md: a few seconds of what long_chaos.sh does.
set -u
# shellcheck source-path=SCRIPTDIR source=chaos.sh
. "$(dirname "$0")/chaos.sh"

transfers_through_chaos_are_right() {
  soak "${SOAK_TRANSFERS:-1500}" "${SOAK_SECONDS:-300}" || return
  no_rule_is_broken
}

transfers_over_a_bad_link_are_right() {
  in_a_namespace tun "${SOAK_LINKED:-150}"
}

transfers_over_netem_are_right() {
  in_a_namespace netem "${SOAK_LINKED:-150}"
}

# A line of a trace.
trace_line() { # EVENT KEY ATTEMPT CODE [CLASS OUTCOME]
  printf '{"event": "%s", "url": "http://h/get/b/%s", "attempt": %s, ' "$1" \
    "$2" "$3"
  printf '"class": "%s", "outcome": "%s", ' "${5-}" "${6-ok}"
  printf '"code": %s, "status": 200, "bytes_down": 1, ' "$4"
  printf '"bytes_up": 1, "resumed_from": null, "received": 0}\n'
}

# A world of few lines in which all goes wrong.
write_broken_world() { # sets broken
  local attempt
  broken=$tmp/broken
  mkdir -p "$broken" "$tmp/broken_site/files"
  echo b >"$tmp/broken_site/files/b"
  printf '%s h2 %s - b 0 201 0 5 %s\n' own.1 GET short own.2 PUT \
    stored-wrong own.3 POST - own.4 GET - own.5 GET hung own.6 GET - \
    own.7 GET short own.8 GET short \
    >"$broken/own.results"
  {
    for attempt in 1 2; do trace_line attempt own.3 $attempt 0; done
    trace_line call own.3 2 0
    for attempt in {1..10}; do trace_line attempt own.4 "$attempt" 56; done
    trace_line call own.4 10 56
    trace_line attempt own.6 1 0
    echo '{"event": "att{"event": "call"}'
    trace_line call own.6 1 0
    trace_line call own.7 1 0 partial failed
    trace_line call own.8 1 0 partial rescued
  } >"$broken/own.trace"
  {
    echo '/post/b/own.3 -. POST 201 HTTP/1.1 OK. /nowhere'
    echo '/get/b/own.6 2. GET 200 HTTP/1.1 OK. -'
    for attempt in {1..7}; do echo '/get/b/own.4 -. GET 200 1 OK. -'; done
  } >"$broken/nginx.log"
  echo 'own warm heap 1 resident 1 descriptors 1 threads 1' >"$broken/own.out"
  echo 'own end heap 999 resident 1 descriptors 2 threads 2' \
    >>"$broken/own.out"
  echo 'stock.1 h2 GET b http://h/get/b/stock.1 - 2 -' >"$broken/stock.jobs"
  printf '%s\n' 'own 139 1' 'stock 124 0' >"$broken/ended"
}

# A soak that finds nothing says something if each rule can be broken.
every_rule_that_is_broken_is_counted() {
  write_broken_world
  "$PYTHON" "$soak_folder/check.py" "$broken" "$tmp/broken_site" \
    >"$tmp/report" 2>"$tmp/err"
  is "exit code and errors" "$? $(cat "$tmp/err")" '0 '
  is "rules that aren't told of" "$(grep -E '^ *0 [a-zA-Z]' "$tmp/report")" ''
  at_least "rules that are" "$(grep -c -E '^ *[1-9][0-9]* [a-zA-Z]' \
    "$tmp/report")" 16
}

# What libcurl takes for an answer is told aside, if the trace doesn't.
headers_cut_off_are_told_aside_where_the_trace_knows() {
  write_broken_world
  "$PYTHON" "$soak_folder/check.py" "$broken" "$tmp/broken_site" \
    >"$tmp/report" 2>/dev/null
  like "told aside" "$(grep '^headers' "$tmp/report")" '*: 1 own.7'
  is "wrong body" "$(sed -n 's/.* wrong body: //p' "$tmp/report")" \
    'own.1:short own.8:short'
}

run_tests "$0"
