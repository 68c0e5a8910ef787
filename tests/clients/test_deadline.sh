#!/bin/bash
# How long a call may take, and what retries do to the server: deadlines,
# stalls, Retry-After, connections. Bounds are generous, events are counted.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

soon=4000 # ms; "at once" on a busy machine, less than any wait here

# timed COMMAND...: sets TOOK, in ms.
timed() { # COMMAND...
  local begin=${EPOCHREALTIME/./}
  "$@"
  TOOK=$(((${EPOCHREALTIME/./} - begin) / 1000))
}

took() { # LEAST MOST
  at_least "ms it took" "$TOOK" "$1"
  at_least "ms left of $2" $(($2 - TOOK)) 0
}

# steady DELAY: the same wait before each of many retries.
steady() { # DELAY
  export CURLRETRY_BASE_DELAY=$1 CURLRETRY_BACKOFF=constant
  export CURLRETRY_JITTER=none CURLRETRY_MAX_RETRIES=50
}

usual() { # after steady: what the other tests expect
  export CURLRETRY_BASE_DELAY=20ms
  unset CURLRETRY_BACKOFF CURLRETRY_JITTER CURLRETRY_MAX_RETRIES
}

# --- the program's own time limit ------------------------------------------

# The last attempt, after 2.2 s, has time enough.
time_limit_bounds_the_whole_call() {
  steady 1100ms
  timed get 503 -m 3
  usual
  ended 0
  text_out '503 planned'
  gave_up "program's timeout"
  took 2000 $((3000 + soon))
  at_most "ms from first to last request" "$(span_ms)" 3000
  is requests "$(server_count "$KEY")" 3
}

reaching_the_time_limit_is_never_retried() {
  local plan
  for plan in hang 200:size=9000:stall@500 200:size=9000:stall@0; do
    timed get "$plan,200" -m 1
    ended 28
    is "requests of $plan" "$(server_count "$KEY")" 1
    took 900 $((1000 + soon))
  done
  body 0
}

what_came_before_the_time_limit_is_delivered() {
  CURLRETRY_HOLD_TIME=off get 200:size=9000:stall@500,200 -m 1
  ended 28
  body_begins 500 9000
}

later_attempts_have_what_is_left_of_the_limit() {
  steady 500ms
  timed get 503,hang,200 -m 1.5
  usual
  ended 28
  saw GET:503 GET:0
  retries 1
  took 1300 $((1500 + soon))
}

wait_that_passes_the_limit_is_not_begun() {
  steady 5s
  timed get 503,200 -m 4
  usual
  text_out '503 planned'
  saw GET:503
  took 0 $soon
}

time_limit_that_is_not_reached_changes_nothing() {
  get 503:connclose,rst,200:size=5000 -m 20
  delivered 0 5000
  retries 2
}

attempt_scope_gives_each_attempt_the_limit() {
  export CURLRETRY_TIMEOUT_SCOPE=attempt
  timed get hang,hang,200:size=50 -m 1
  delivered 0 50
  saw GET:0 GET:0 GET:200
  retries 2
  took 1900 $((2000 + soon))
  CURLRETRY_MAX_RETRIES=1 timed get hang -m 1
  unset CURLRETRY_TIMEOUT_SCOPE
  ended 28
  saw GET:0 GET:0
  gave_up exhausted
}

time_limit_holds_while_a_body_is_continued() {
  local plan=200:size=200000:etag=v1:ranges
  CURLRETRY_HOLD_BYTES=10K timed get "$plan:rst@100000,$plan:stall@50000" -m 2
  ended 28
  body_begins 150000 200000
  is requests "$(server_count "$KEY")" 2
  took 1800 $((2000 + soon))
}

# --- MAX_TIME --------------------------------------------------------------

max_time_ends_a_later_attempt_that_hangs() {
  CURLRETRY_MAX_TIME=1s timed get 503:body=busy,hang,200
  ended 0 # our own bound doesn't replace the answer before it
  text_out busy
  saw GET:503 GET:0
  took 900 $((2000 + soon))
}

max_time_ends_the_attempts_at_a_server_that_never_answers() {
  start_dead mute
  steady 10ms
  export CURLRETRY_MAX_TIME=2s
  CURLRETRY_STALL_TIMEOUT=300ms timed shimmed "$DEAD/"
  ended 28
  like log "$LOG" '*curlretry: retry *maximum time*'
  took 1000 $((3000 + soon))
  start_dead full
  timed shimmed --connect-timeout 0.4 "$DEAD/"
  unset CURLRETRY_MAX_TIME
  usual
  ended 28
  like log "$LOG" '*curlretry: retry *maximum time*'
  took 1000 $((2000 + soon))
}

max_time_does_not_end_a_committed_body() {
  CURLRETRY_MAX_TIME=1s CURLRETRY_HOLD_BYTES=10K timed get \
    503,200:size=100000:rate=10000~200
  delivered 0 100000
  retries 1
  took 1800 20000
}

max_time_counts_from_the_last_delivered_byte() {
  local plan=200:size=100000:etag=v1:ranges
  CURLRETRY_MAX_TIME=1s CURLRETRY_HOLD_BYTES=5K timed get \
    "$plan:rate=10000~250:rst@80000,$plan"
  delivered 0 100000
  retries 1
  took 1500 20000
}

# --- STALL_TIMEOUT ---------------------------------------------------------

# STALL_TIMEOUT is looked at once a second when nothing moves.
stall_before_the_answer() {
  CURLRETRY_STALL_TIMEOUT=1s timed get hang,200:size=50
  delivered 0 50
  saw GET:0 GET:200
  took 1000 $((2000 + soon))
}

stall_of_a_body_held_or_handed_over() {
  local hold plan=200:size=9000:etag=v1:ranges
  for hold in 1K 1M; do
    CURLRETRY_STALL_TIMEOUT=1s CURLRETRY_HOLD_BYTES=$hold \
      get "$plan:stall@5000,$plan"
    delivered 0 9000
    retries 1
    like log "$LOG" '*timeout*'
  done
}

stall_of_an_upload() {
  make_upload 300000
  CURLRETRY_STALL_TIMEOUT=1s put upstall@1000,201
  ended 0
  received PUT:0:part PUT:201:whole
  retries 1
}

stall_of_a_handshake_or_a_connect() {
  start_dead mute
  CURLRETRY_STALL_TIMEOUT=500ms CURLRETRY_MAX_RETRIES=1 \
    timed shimmed -k "https://127.0.0.1:$DEAD_PORT/"
  ended 28
  retries 1
  took 1000 $((4000 + soon))
  start_dead full
  CURLRETRY_STALL_TIMEOUT=500ms CURLRETRY_MAX_RETRIES=1 timed shimmed "$DEAD/"
  ended 28
  retries 1
  took 1000 $((4000 + soon))
}

slow_transfer_is_not_stalled() {
  CURLRETRY_STALL_TIMEOUT=1s get 200:size=10000:rate=1000~300
  delivered 0 10000
  saw GET:200
  silent
}

# --- Retry-After -----------------------------------------------------------

retry_after_is_waited_on_each_retried_status() {
  local status
  for status in 429 500 503; do
    get "$status:ra=1,200:size=50"
    delivered 0 50
    at_least "ms waited on $status" "$(span_ms)" 1000
  done
  get 503:ra=date+3,200:size=50
  delivered 0 50
  at_least "ms waited for a date" "$(span_ms)" 1900
}

retry_after_comes_on_top_of_the_own_delay() {
  steady 800ms
  get 503:ra=1,200:size=50
  usual
  delivered 0 50
  at_least "ms waited" "$(span_ms)" 1800
}

retry_after_that_says_nothing_is_not_waited() {
  local after
  for after in 0 date-100 soon; do
    get "503:ra=$after,200:size=50"
    delivered 0 50
    at_most "ms to wait for $after" "$(wait_in_log)" 20
  done
}

long_retry_after_is_handed_over_at_once() {
  local after
  for after in 61 3600 date+3600; do
    timed get "503:ra=$after,200"
    text_out '503 planned'
    saw GET:503
    gave_up Retry-After
    took 0 $soon
  done
  CURLRETRY_RETRY_AFTER=20s timed get 503:ra=30,200
  saw GET:503
  took 0 $soon
}

retry_after_beyond_a_deadline_is_handed_over_at_once() {
  timed get 503:ra=20,200 -m 15
  text_out '503 planned'
  saw GET:503
  took 0 $soon
  CURLRETRY_MAX_TIME=10s timed get 503:ra=20,200
  saw GET:503
  gave_up 'maximum time'
  took 0 $soon
}

# --- connections, and what the server sees ---------------------------------

transport_failure_takes_a_fresh_connection() {
  local fault
  for fault in close rst rst@head 200:size=9000:rst@500; do
    get "$fault,200:size=50"
    delivered 0 50
    on_connections 1 2
  done
}

# two_calls PLAN: a call with this plan, then one more of the same program.
two_calls() { # PLAN
  new_key
  shimmed "$HTTP/$KEY/$1" "$HTTP/$KEY/200:body=x"
  ended 0
}

good_connection_of_a_retry_serves_the_next_call() {
  local fault
  for fault in rst close 200:size=5000:rst@500; do
    two_calls "$fault,200:size=5000"
    on_connections 1 2 2
    CURLRETRY_CLOSE_IDLE=1 two_calls "$fault,200:size=5000"
    on_connections 1 2 3
  done
}

poisoned_connection_is_not_left_in_the_pool() {
  CURLRETRY_STALL_TIMEOUT=1s two_calls 200:size=5000:stall@500,200:size=5000
  on_connections 1 2 2
  CURLRETRY_STALL_TIMEOUT=1s CURLRETRY_MAX_RETRIES=0 two_calls 503:size=50
  on_connections 1 1
  CURLRETRY_DRAIN_BYTES=1K two_calls 503:size=9000,200:size=50
  on_connections 1 2 2
}

attempt_header_counts_each_attempt() {
  CURLRETRY_ATTEMPT_HEADER=X-Attempt get rst,503,200:size=50
  delivered 0 50
  is X-Attempt "$(server_log "$KEY" |
    jq -r '.headers["x-attempt"] // "-"' | paste -s -d ' ')" '- 2 3'
  CURLRETRY_ATTEMPT_HEADER=X-Attempt two_calls 503,200
  is X-Attempt "$(server_log "$KEY" |
    jq -r '.headers["x-attempt"] // "-"' | paste -s -d ' ')" '- 2 -'
}

attempts_never_overlap() {
  local usual_server=$HTTP plan=200:size=90000:etag=v1:ranges fault
  start_http || return
  export CURLRETRY_HOLD_BYTES=20K
  for fault in close rst hang; do
    get "503,$plan:rst@30000,429:connclose,$plan"
    delivered 0 90000
    CURLRETRY_STALL_TIMEOUT=1s get "503:size=1M,$fault,close,$plan"
    delivered 0 90000
  done
  CURLRETRY_STALL_TIMEOUT=1s get "hang,$plan:stall@40000,$plan"
  delivered 0 90000
  unset CURLRETRY_HOLD_BYTES
  is max_concurrent "$(server_stats | jq .max_concurrent)" 1
  at_least requests "$(server_stats | jq .requests)" 25
  HTTP=$usual_server
}

run_tests "$0"
