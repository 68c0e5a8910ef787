#!/bin/bash
# What the log says is so, and one event is one line, whatever is in it.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=syslog.sh
. "$(dirname "$0")/syslog.sh"

log=$tmp/log

# logged FORMAT PLAN [ARG...]: a call whose log alone is in LOG.
logged() { # FORMAT PLAN [ARG...]
  : >"$log"
  CURLRETRY_LOG=$log CURLRETRY_LOG_FORMAT=$1 CURLRETRY_LOG_LEVEL=info \
    get "${@:2}"
  LOG=$(sed 's/^[^ ]*Z [^ ]*\] curlretry: /curlretry: /' "$log")
}

# outcome PLAN [ARG...]: what the log says became of the call.
outcome() { # PLAN [ARG...]
  logged json "$@"
  OUTCOME=$(jq -r 'select(.event == "call") | .outcome' <"$log")
}

# lines COUNT: so many, each an object where they are JSON's.
lines() { # COUNT
  is "lines in '$LOG'" "$(wc -l <"$log")" "$1"
  [[ $LOG != '{'* ]] || is objects "$(jq -c type <"$log" |
    grep -c object)" "$1"
  is "bytes that are no visible ASCII" \
    "$(tr -d ' -~\n' <"$log" | wc -c)" 0
}

method_with_a_line_break_forges_no_line() {
  local format
  for format in text json; do
    CURLRETRY_METHODS=all logged $format rst*4,200 \
      -X $'GET\ncurlretry: forged \xff\xc2\x85\xe2\x80\xa8"\\' \
      -o /dev/null
    lines 6
  done
}

long_url_leaves_the_object_whole() {
  local length url
  for length in 700 1450 1530 3000 9000; do
    url=$(head -c "$length" /dev/zero | tr '\0' '"')
    new_key
    : >"$log"
    CURLRETRY_LOG=$log CURLRETRY_LOG_FORMAT=json shimmed \
      "$HTTP/$KEY/503,200/$url"
    lines 1
    is "cause after $length quotes" "$(jq -r .cause <"$log")" \
      'status 503'
  done
}

password_in_a_broken_url_is_not_logged() {
  local url
  for url in ' http://user:sec/ret@127.0.0.1/' 'http://user:sec#ret@h/' \
    'http://user:sec?ret@h/'; do
    : >"$log"
    CURLRETRY_LOG=$log CURLRETRY_LOG_LEVEL=debug shimmed "$url"
    is "the log of '$url'" "$(grep -c 'sec\|ret@' "$log")" 0
  done
}

log_at_the_size_limit_kills_no_program() {
  local got
  head -c 4096 /dev/zero >"$log"
  new_key
  got=$(
    ulimit -f 4
    CURLRETRY_LOG=$log shimmed "$HTTP/$KEY/503,200:body=whole"
    echo "$RC $(cat "$tmp/out")"
  )
  is 'exit and body' "$got" '0 whole'
}

# One line when the process first calls, one a call.
info_says_what_runs_and_what_became_of_each_call() {
  logged text 503,200
  lines 3
  like log "$LOG" "curlretry: start: version *, libcurl *; \
*LOG_LEVEL=info*"$'\n'"\
curlretry: retry 1/3 in *ms: GET $HTTP/$KEY/503,200: status 503 after *s \
(127.0.0.1:${HTTP##*:})"$'\n'"curlretry: GET $HTTP/$KEY/503,200: 200 after *, \
2 attempts"
  logged json rst,503,200
  lines 4
  is events "$(jq -r .event <"$log" | paste -s -d ' ')" \
    'start retry retry call'
  is "the call" "$(jq -c 'select(.event == "call") |
    [.method, .outcome, .code, .status, .attempts]' <"$log")" \
    '["GET","rescued",0,200,3]'
  logged text 200
  lines 2
  like log "$LOG" "*: GET $HTTP/$KEY/200: 200 after *s, 1 attempt"
}

file_has_time_program_and_pid() {
  logged text 503,200
  local time='[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}\.[0-9]{3}Z'
  is "lines that have them" \
    "$(grep -c -E "^$time curl\[[0-9]+\] curlretry: " "$log")" 3
}

failure_after_retries_is_no_success() {
  local plan
  for plan in 503,404 503,404:size=0 503,404:chunked 503,503,501:size=2M \
    rst,599 503,401:auth=digest; do
    outcome "$plan"
    is "outcome of $plan" "$OUTCOME" failed
    outcome "$plan" -f
    is "outcome of $plan with -f" "$OUTCOME" failed
  done
  outcome 503,200:auth=digest --anyauth -u user:wrong
  is "outcome with a wrong password" "$OUTCOME" failed
  CURLRETRY_DRY_RUN=1 outcome 503,200
  is events "$(jq -r .event <"$log" | paste -s -d ' ')" \
    'start would retry call'
  is "outcome of a dry run" "$OUTCOME" failed
}

write_that_the_program_refused_is_no_success() {
  local plan
  for plan in 200:size=90000 200:size=90000:chunked 200:size=3M; do
    outcome "503,$plan" -o /dev/full
    ended 23
    is "outcome of $plan" "$OUTCOME" program
  done
}

# --- who failed ------------------------------------------------------------

# Also where a status had come before; of a status it says nothing.
failure_in_a_body_has_the_message_of_libcurl() {
  local plan
  logged text 200:size=900:close@300,200
  like log "$LOG" "*: retry 1/3 in *: partial (18) after *ms (127.0.0.1:*): \
transfer closed with * bytes remaining to read"$'\n'*
  logged text 200:size=900:rst@300,200
  like log "$LOG" "*: retry 1/3 in *: reset (56) after *ms (127.0.0.1:*): \
Recv failure: Connection reset by peer"$'\n'*
  for plan in 503,200 503:size=900:close@300,200; do
    logged text "$plan" -f
    like log "$LOG" "*: retry 1/3 in *: status 503 after *ms \
(127.0.0.1:${HTTP##*:})"$'\n'*
  done
}

redirected_hop_is_named() {
  new_key
  shimmed -L "$HTTP/$KEY/302:loc=%2F$KEY-there%2F503*4"
  like log "$LOG" "*: status 503 at $HTTP/$KEY-there/503[*]4 after *s \
(127.0.0.1:*)*"
}

dead_proxy_is_named() {
  local port
  start_dead refuse
  port=$DEAD_PORT
  shimmed -x "http://user:secret@127.0.0.1:$port" http://a.test/
  ended 7
  like log "$LOG" "*GET http://a.test/: connect (7) at proxy 127.0.0.1:$port \
after *s: Failed to connect to *127.0.0.1*"
  http_proxy=http://127.0.0.1:$port shimmed http://a.test/
  like log "$LOG" "*connect (7) at proxy 127.0.0.1:$port after*"
  is secrets "$(grep -c secret <<<"$LOG")" 0
}

status_of_a_refused_tunnel_is_in_the_calls_line() {
  start_faulty proxy 503 || return
  CURLRETRY_LOG_LEVEL=info CURLRETRY_MAX_RETRIES=1 \
    shimmed -x "127.0.0.1:$SERVER_PORT" https://a.test/
  # of later libcurls 7
  like log "$LOG" \
    "*GET https://a.test/: status 503 (@(56|7)) after *, 2 attempts*"
}

proxy_that_worked_is_not_blamed() {
  new_key
  shimmed -x "$HTTP" "http://a.test/$KEY/503,200"
  like log "$LOG" "*: status 503 after *s (127.0.0.1:${HTTP##*:}, \
proxy 127.0.0.1:${HTTP##*:})"
}

parallel_calls_can_be_told_apart() {
  new_key
  rm -f "$log"
  CURLRETRY_LOG=$log shimmed -Z "$HTTP/$KEY/503,200" "$HTTP/$KEY-b/503,200" \
    -o /dev/null -o /dev/null
  LOG=$(cat "$log")
  is "lines of call 2" "$(grep -c 'retry 1/3 .*call 2)' <<<"$LOG")" 1
  is "retries" "$(grep -c 'retry 1/3' <<<"$LOG")" 2
}

# --- a log that is lost ----------------------------------------------------

log_that_cant_be_opened_is_complained_about_once() {
  new_key
  CURLRETRY_LOG=$tmp/none/log shimmed "$HTTP/$KEY/503*2,200"
  ended 0
  is stderr "$(cat "$tmp/err")" "curlretry: CURLRETRY_LOG=$tmp/none/log: no \
such file or folder; lines of the log are lost"
}

syslog_gets_priority_program_and_pid() {
  needs_namespace || return
  new_key
  in_namespace "CURLRETRY_LOG=syslog LD_PRELOAD=$SHIM $CURL_PROGRAM -q -sS \
    $HTTP/$KEY/503,200:body=whole"
  is stdout "$(cat "$tmp/out")" whole
  is stderr "$(cat "$tmp/err")" ''
  like syslog "$SYSLOG" "<12>curl[[][0-9]*[]]: 20*Z curlretry: \
retry 1/3 in *ms: GET $HTTP/$KEY/*: status 503 after *"
}

# A daemon has put its stderr somewhere else: the log's default has no reader.
closed_stderr_is_complained_about_in_syslog() {
  needs_namespace || return
  new_key
  cat >"$tmp/daemon.py" <<'END'
import os, pycurl, sys
os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
for url in sys.argv[1:]:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.WRITEFUNCTION, lambda data: None)
    curl.perform()
    print(curl.getinfo(pycurl.RESPONSE_CODE))
END
  in_namespace "LD_PRELOAD=$SHIM /usr/bin/python3 $tmp/daemon.py \
    $HTTP/$KEY/503,200 $HTTP/$KEY-b/503,200"
  is stdout "$(paste -s -d ' ' "$tmp/out")" '200 200'
  like syslog "$SYSLOG" "<12>python3[[][0-9]*[]]: curlretry: \
CURLRETRY_LOG=stderr: closed since the process started; \
lines of the log are lost"
}

run_tests "$0"
