#!/bin/bash
# What the variables do, seen with a stock curl; each test shows that the
# shim acts, or that the variable is what keeps it from acting.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# --- what is retried -------------------------------------------------------

max_retries_bounds_the_attempts() {
  CURLRETRY_MAX_RETRIES=1 get 503
  saw GET:503 GET:503
  CURLRETRY_MAX_RETRIES=5 get 503*5,200:size=50
  delivered 0 50
  retries 5
}

on_none_retries_nothing() {
  CURLRETRY_ON=none get 503,200
  saw GET:503
  CURLRETRY_ON=none get rst,200
  ended 56
  saw GET:0
}

on_with_a_negated_status() {
  CURLRETRY_ON='!503' get 502,503,200
  saw GET:502 GET:503
  retries 1
}

on_with_more_statuses() {
  CURLRETRY_ON=default,520-527,404 get 521,404,503,200
  saw GET:521 GET:404 GET:503 GET:200
  CURLRETRY_ON=5xx get 599:body=planned,511,200
  saw GET:599 GET:511 GET:200
}

on_with_classes() {
  CURLRETRY_ON=reset get rst,close,503,200
  saw GET:0 GET:0 GET:503
  CURLRETRY_ON=status get 503:connclose,rst,200
  ended 56
  saw GET:503 GET:0
  CURLRETRY_ON=partial get 200:close@500,200
  delivered 0 1000
  retries 1
}

on_with_a_curl_code() {
  CURLRETRY_ON=curl:52 get close,rst,200
  ended 56
  saw GET:0 GET:0
}

on_all_retries_client_errors() {
  CURLRETRY_ON=all get 404,451,200
  saw GET:404 GET:451 GET:200
}

hosts_are_selected() {
  CURLRETRY_HOSTS='!127.0.0.1' get 503,200
  saw GET:503
  CURLRETRY_HOSTS='example.org,127.*' get 503,200
  saw GET:503 GET:200
  CURLRETRY_HOSTS=${HTTP#http://} get 503,200
  saw GET:503 GET:200
  CURLRETRY_HOSTS=127.0.0.1:1 get 503,200
  saw GET:503
}

programs_are_selected() {
  CURLRETRY_PROGRAMS=wget get 503,200
  saw GET:503
  CURLRETRY_PROGRAMS='wget,cur?' get 503,200
  saw GET:503 GET:200
}

dry_run_only_says_what_it_would_do() {
  CURLRETRY_DRY_RUN=1 get 503:size=500,200 -f
  ended 22
  saw GET:503
  like log "$LOG" 'curlretry: would retry *status 503*'
  is lines "$(grep -c . <<<"$LOG")" 1
  CURLRETRY_DRY_RUN=1 get 200:size=900:rst@500,200
  ended 56
  body_begins 500 900
  saw GET:200
}

# --- time ------------------------------------------------------------------

long_retry_after_is_handed_over_at_once() {
  CURLRETRY_RETRY_AFTER=5s get 503:ra=6:size=50,200
  delivered 0 50
  saw GET:503
  get 429:ra=3600:body=later,200
  text_out later
  saw GET:429
}

long_retry_after_is_given_up_with_a_line() {
  get 503:ra=3600,200
  gave_up 'Retry-After is too long'
}

retry_after_of_a_redirect_is_not_the_answers() {
  get 302:next:ra=3600,503,302:next:ra=3600,200:size=50 -L
  delivered 0 50
  saw GET:302 GET:503 GET:302 GET:200
}

retry_after_off_ignores_the_header() {
  CURLRETRY_RETRY_AFTER=off get 503:ra=3600,200:size=50
  delivered 0 50
  saw GET:503 GET:200
}

delays_grow_as_told() {
  local backoff delays
  for backoff in exponential:200,400,800 linear:200,400,600 \
    constant:200,200,200; do
    CURLRETRY_BACKOFF=${backoff%:*} CURLRETRY_JITTER=none \
      CURLRETRY_BASE_DELAY=200ms get 503
    delays=${backoff#*:}
    is "$backoff" "$(grep -o 'retry ./3 in [0-9]*ms' <<<"$LOG" |
      grep -o '[0-9]*ms' | paste -s -d ,)" "${delays//,/ms,}ms"
    at_least "$backoff" "$(span_ms)" $((${delays//,/+}))
  done
}

max_delay_bounds_a_delay() {
  CURLRETRY_BASE_DELAY=1h CURLRETRY_MAX_DELAY=50ms get 503,200:size=50
  delivered 0 50
}

max_time_ends_the_retries() {
  CURLRETRY_MAX_TIME=3s CURLRETRY_JITTER=none CURLRETRY_BASE_DELAY=1600ms \
    get 503:size=50
  delivered 0 50
  saw GET:503 GET:503
}

time_limit_of_the_program_is_kept() {
  get hang,200 -m 1
  ended 28
  saw GET:0
  CURLRETRY_JITTER=none CURLRETRY_BASE_DELAY=3s get 503:size=50,200 -m 2
  delivered 0 50
  saw GET:503
}

time_limit_may_be_each_attempts() {
  CURLRETRY_TIMEOUT_SCOPE=attempt get hang,200:size=50 -m 1
  delivered 0 50
  saw GET:0 GET:200
  retries 1
}

connect_timeout_is_retried() {
  start_dead full
  new_key
  CURLRETRY_MAX_RETRIES=1 shimmed --connect-timeout 0.5 "$DEAD/"
  ended 28
  retries 1
}

stall_is_a_timeout() {
  CURLRETRY_STALL_TIMEOUT=1s get hang,200:size=50
  delivered 0 50
  saw GET:0 GET:200
  CURLRETRY_STALL_TIMEOUT=1s CURLRETRY_HOLD_TIME=off \
    get 200:size=9000:stall@500,200:size=9000
  delivered 0 9000
  like log "$LOG" '*timeout*'
}

low_speed_limit_is_retried() {
  CURLRETRY_HOLD_TIME=off get 200:size=9000:stall@500,200:size=9000 -y 1
  delivered 0 9000
  retries 1
}

budget_ends_the_retries_of_a_process() {
  local urls=() i
  new_key
  for i in 1 2 3 4 5 6; do
    urls+=(-o /dev/null "$HTTP/$KEY/503/$i")
  done
  CURLRETRY_BUDGET=25 shimmed "${urls[@]}"
  is requests "$(server_count "$KEY")" 11
  new_key
  CURLRETRY_BUDGET=off shimmed "${urls[@]//call*\/503/$KEY/503}"
  is requests "$(server_count "$KEY")" 24
}

# --- connections -----------------------------------------------------------

drain_bytes_decides_what_is_read_on() {
  get 503:size=60K,200
  on_connections 1 1
  get 503:size=70K,200
  on_connections 1 2
  CURLRETRY_DRAIN_BYTES=1M get 503:size=900K,200
  on_connections 1 1
  CURLRETRY_DRAIN_BYTES=off get 503:size=500,200:size=50
  delivered 0 50
  on_connections 1 2
}

fresh_connect_always_and_never() {
  CURLRETRY_FRESH_CONNECT=always get 503,503,200
  on_connections 1 2 3
  CURLRETRY_FRESH_CONNECT=never get 503,503,503,200
  on_connections 1 1 1 1
}

close_idle_leaves_no_connection_of_a_retry() {
  local value
  for value in 0:1 1:2; do
    new_key
    CURLRETRY_CLOSE_IDLE=${value%:*} shimmed "$HTTP/$KEY/503,200" \
      "$HTTP/$KEY/200"
    saw GET:503 GET:200 GET:200
    on_connections 1 1 "${value#*:}"
  done
}

attempt_header_tells_the_number() {
  CURLRETRY_ATTEMPT_HEADER=X-Attempt get 503,503,200 -H 'X-Own: yes'
  is "first request" "$(request_header 0 x-attempt)" absent
  is "second request" "$(request_header 1 x-attempt)" 2
  is "third request" "$(request_header 2 x-attempt)" 3
  is "own header" "$(request_header 2 x-own)" yes
}

# --- the log ---------------------------------------------------------------

log_file_holds_the_lines() {
  CURLRETRY_LOG=$tmp/log get 503,200:size=50
  delivered 0 50
  silent
  is lines "$(grep -c ' curlretry: retry 1/3 ' "$tmp/log")" 1
  CURLRETRY_LOG=$tmp/log get 503,200:size=50
  is "lines, appended" "$(grep -c ' curlretry: retry 1/3 ' "$tmp/log")" 2
}

log_off_writes_nothing() {
  CURLRETRY_LOG=off get 503,200:size=50
  delivered 0 50
  saw GET:503 GET:200
  silent
}

log_level_error_writes_no_retries() {
  CURLRETRY_LOG_LEVEL=error get 503,200:size=50
  saw GET:503 GET:200
  silent
}

log_level_info_tells_the_success() {
  CURLRETRY_LOG_LEVEL=info get 503,200:size=50
  like log "$LOG" '*: 200 after *, 2 attempts*'
}

json_lines_are_objects() {
  rm -f "$tmp/log"
  CURLRETRY_LOG=$tmp/log CURLRETRY_LOG_FORMAT=json CURLRETRY_LOG_LEVEL=debug \
    get 'rst,503,200:body=%22%5C' -A 'quote " backslash \ end'
  saw GET:0 GET:503 GET:200
  is "retry events" "$(jq -r 'select(.event == "retry") | .attempt' \
    "$tmp/log" | paste -s -d ' ')" '1 2'
  is "lines that aren't objects" "$(jq -R 'fromjson? | objects | 1' \
    "$tmp/log" | wc -l)" "$(wc -l <"$tmp/log")"
  is "members missing" "$(jq -r 'select(has("time") and has("level") and
    has("program") and has("pid") and has("event") and
    (has("url") or .event == "start") | not)' \
    "$tmp/log")" ''
}

no_secret_is_logged() {
  local format
  for format in text json; do
    rm -f "$tmp/log"
    new_key
    CURLRETRY_LOG=$tmp/log CURLRETRY_LOG_FORMAT=$format \
      CURLRETRY_LOG_LEVEL=debug shimmed -H 'Authorization: Bearer s3cret' \
      -b 'session=s3cret' -H 'X-Key: s3cret' \
      "${HTTP/\/\////me:s3cret@}/$KEY/503,rst,404?token=s3cret&s3cret#s3cret"
    is requests "$(server_count "$KEY")" 3
    at_least lines "$(grep -c "$KEY" "$tmp/log")" 2
    is secrets "$(grep -c s3cret "$tmp/log")" 0
    is users "$(grep -c 'me[:@]' "$tmp/log")" 0
  done
}

# Descriptor 2 is then the first one the program opens: its own socket.
closed_stderr_is_not_written_to() {
  new_key
  { timeout 30 env LD_PRELOAD="$SANITIZER$SHIM" "$CURL_PROGRAM" -q -sS \
    "$HTTP/$KEY/503,rst,200:size=5000" | cat >"$tmp/out"; } 2>&-
  body 5000
  is "requests, malformed ones too" "$(server_lines "$KEY" |
    awk '{ print $2 }' | paste -s -d ' ')" 'GET GET GET'
}

run_tests "$0"
