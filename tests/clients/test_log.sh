#!/bin/bash
# What the log says is so, and one event is one line, whatever is in it.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

export CURLRETRY_LOG=$tmp/log

# logged FORMAT PLAN [ARG...]: a call whose log alone is in LOG.
logged() { # FORMAT PLAN [ARG...]
  : >"$CURLRETRY_LOG"
  CURLRETRY_LOG_FORMAT=$1 CURLRETRY_LOG_LEVEL=info get "${@:2}"
  LOG=$(cat "$CURLRETRY_LOG")
}

# lines COUNT: so many, each an object where they are JSON's.
lines() { # COUNT
  is "lines in '$LOG'" "$(wc -l <"$CURLRETRY_LOG")" "$1"
  [[ $LOG != '{'* ]] || is objects "$(jq -c type <"$CURLRETRY_LOG" |
    grep -c object)" "$1"
  is "bytes that are no visible ASCII" \
    "$(tr -d ' -~\n' <"$CURLRETRY_LOG" | wc -c)" 0
}

method_with_a_line_break_forges_no_line() {
  local format
  for format in text json; do
    CURLRETRY_METHODS=all logged $format rst*4,200 \
      -X $'GET\ncurlretry: forged \xff\xc2\x85\xe2\x80\xa8"\\' \
      -o /dev/null
    lines 4
  done
}

long_url_leaves_the_object_whole() {
  local length url
  for length in 700 1450 1530 3000 9000; do
    url=$(head -c "$length" /dev/zero | tr '\0' '"')
    new_key
    : >"$CURLRETRY_LOG"
    CURLRETRY_LOG_FORMAT=json shimmed "$HTTP/$KEY/503,200/$url"
    lines 1
    is "cause after $length quotes" "$(jq -r .cause <"$CURLRETRY_LOG")" \
      'status 503'
  done
}

password_in_a_broken_url_is_not_logged() {
  local url
  for url in ' http://user:sec/ret@127.0.0.1/' 'http://user:sec#ret@h/' \
    'http://user:sec?ret@h/'; do
    : >"$CURLRETRY_LOG"
    CURLRETRY_LOG_LEVEL=debug shimmed "$url"
    is "the log of '$url'" "$(grep -c 'sec\|ret@' "$CURLRETRY_LOG")" 0
  done
}

log_at_the_size_limit_kills_no_program() {
  local got
  head -c 4096 /dev/zero >"$CURLRETRY_LOG"
  new_key
  got=$(
    ulimit -f 4
    shimmed "$HTTP/$KEY/503,200:body=whole"
    echo "$RC $(cat "$tmp/out")"
  )
  is 'exit and body' "$got" '0 whole'
}

success_after_retries_is_said() {
  logged text 503,200
  like log "$LOG" "*: status 503"$'\n'"curlretry: succeeded after 2 attempts: \
GET $HTTP/$KEY/503,200"
  logged json rst,503,200
  lines 3
  is event "$(jq -r .event <"$CURLRETRY_LOG" | tail -n 1)" succeeded
}

failure_after_retries_is_no_success() {
  local plan
  for plan in 503,404 503,404:size=0 503,404:chunked 503,503,501:size=2M \
    rst,599 503,401:auth=digest; do
    logged text "$plan"
    is "successes after $plan" "$(grep -c succe <<<"$LOG")" 0
    logged text "$plan" -f
    is "successes after $plan with -f" "$(grep -c succe <<<"$LOG")" 0
  done
  logged text 503,200:auth=digest --anyauth -u user:wrong
  is "successes with a wrong password" "$(grep -c succe <<<"$LOG")" 0
  CURLRETRY_DRY_RUN=1 logged text 503,200
  like log "$LOG" 'curlretry: would retry *'
  is "successes of a dry run" "$(grep -c succe <<<"$LOG")" 0
}

write_that_the_program_refused_is_no_success() {
  local plan
  for plan in 200:size=90000 200:size=90000:chunked 200:size=3M; do
    logged text "503,$plan" -o /dev/full
    ended 23
    retries 1
    is "successes of $plan" "$(grep -c succe <<<"$LOG")" 0
  done
}

run_tests "$0"
