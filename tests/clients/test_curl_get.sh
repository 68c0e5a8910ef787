#!/bin/bash
# Downloads of a stock curl into a pipe, from a server that fails first.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# --- statuses --------------------------------------------------------------

get_survives_a_503() {
  get 503,200:size=5000 -f
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

get_without_fail_option_survives_a_503_too() {
  get 503,200:size=5000
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

get_survives_500_502_504_in_a_row() {
  get 500,502,504,200:size=5000
  delivered 0 5000
  saw GET:500 GET:502 GET:504 GET:200
  retries 3
}

every_default_status_is_retried() {
  local status
  for status in 408 425 429 500 502 503 504 522 524; do
    get "$status,200:size=70"
    delivered 0 70
    saw "GET:$status" GET:200
  done
}

other_statuses_are_not_retried() {
  local status
  for status in 400 401 403 404 405 409 410 413 418 451 501 505 521; do
    get "$status,200" -w '%{http_code}' -o /dev/null
    saw "GET:$status"
    text_out "$status"
    silent
  done
}

retry_after_is_waited() {
  get 429:ra=1,200:size=5000
  delivered 0 5000
  saw GET:429 GET:200
  at_least "wait in ms" "$(span_ms)" 1000
}

retry_after_as_a_date_is_waited() {
  get 503:ra=date+2,200:size=5000
  delivered 0 5000
  saw GET:503 GET:200
  at_least "wait in ms" "$(span_ms)" 900
}

connection_is_reused_after_a_503() {
  get 503,200:size=5000
  delivered 0 5000
  on_connections 1 1
}

second_retry_after_a_status_takes_a_fresh_connection() {
  get 503*2,200:size=5000
  delivered 0 5000
  on_connections 1 1 2
}

large_error_body_is_not_delivered() {
  get 503:size=3M,200:size=5000
  delivered 0 5000
  saw GET:503 GET:200
  on_connections 1 2
}

stalled_error_body_is_not_waited_for() {
  get 503:size=9000:stall@1000,200:size=5000
  delivered 0 5000
  saw GET:503 GET:200
}

broken_error_body_counts_as_its_status() {
  get 502:size=1000:rst@500,200:size=5000
  delivered 0 5000
  saw GET:502 GET:200
  like log "$LOG" '*status 502*'
}

# --- broken connections ----------------------------------------------------

get_survives_a_close_without_answer() {
  get close,200:size=5000
  delivered 0 5000
  saw GET:0 GET:200
  on_connections 1 2
}

get_survives_a_reset_before_the_answer() {
  get rst,200:size=5000
  delivered 0 5000
  saw GET:0 GET:200
}

get_survives_a_reset_inside_the_headers() {
  get rst@head,200:size=5000
  delivered 0 5000
  saw GET:200 GET:200
  retries 1
}

# libcurl takes what came of them for the whole answer.
get_survives_headers_that_end_with_the_connection() {
  local way
  for way in '' -Z; do
    get 200:size=5000:close@head,503:close@head,200:size=5000 ${way:+"$way"} \
      --no-progress-meter
    delivered 0 5000
    saw GET:200 GET:503 GET:200
    retries 2
    like log "$LOG" "*partial (0) *: the headers ended with the connection*"
  done
}

headers_that_always_end_with_the_connection_are_delivered_as_they_came() {
  get 200:size=5000:close@head -w '%{http_code}' -o /dev/null
  ended 0
  text_out 200
  retries 3
  gave_up 'partial (0)'
}

get_survives_each_break_of_a_held_body() {
  local fault framing
  for fault in close@70000 rst@70000; do
    for framing in cl chunked eof; do
      # the end of a close-delimited body can't be told from a break
      [ $fault-$framing != close@70000-eof ] || continue
      get "200:size=100000:$framing:$fault,200:size=100000:$framing"
      delivered 0 100000
      saw GET:200 GET:200
      retries 1
    done
  done
}

missing_last_chunk_is_a_break() {
  get 200:size=5000:chunked:close@5000,200:size=5000:chunked
  delivered 0 5000
  saw GET:200 GET:200
}

body_that_changes_is_not_mixed() {
  local framing
  for framing in cl chunked; do
    local broken=200:size=99000:vary:$framing:rst@80000
    get "$broken,$broken,200:vary:size=99000"
    ended 0
    saw GET:200 GET:200 GET:200
    body 99000 "$KEY#3"
  done
}

body_that_grows_smaller_is_not_mixed() {
  get 200:size=99000:rst@80000,200:size=100:seed=short
  ended 0
  body 100 short
}

several_kinds_of_failure_in_one_call() {
  get 503:connclose,rst,200:size=9000:close@4000,200:size=9000
  delivered 0 9000
  saw GET:503 GET:0 GET:200 GET:200
  retries 3
}

broken_gzip_is_decoded_once() {
  local fault
  for fault in 503 rst 200:size=90000:gzip:rst@10000; do
    get "$fault,200:size=90000:gzip" --compressed
    delivered 0 90000
    retries 1
  done
}

# --- redirects -------------------------------------------------------------

redirect_whose_target_fails_is_started_again() {
  get 302:next,503,302:next,200:size=5000 -L
  delivered 0 5000
  saw GET:302 GET:503 GET:302 GET:200
  retries 1
}

redirect_whose_target_breaks_is_started_again() {
  get 302:next,200:size=5000:rst@2000,302:next,200:size=5000 -L
  delivered 0 5000
  saw GET:302 GET:200 GET:302 GET:200
}

redirect_to_a_port_that_refuses() {
  start_dead refuse
  server_plan there 200:size=5000
  get "302:loc=http%3A%2F%2F127.0.0.1%3A$DEAD_PORT%2F,302:to=there" -L
  ended 0
  body 5000 there
  saw GET:302 GET:302
  retries 1
}

redirect_without_following_is_an_answer() {
  get 302:body=moved,200
  ended 0
  text_out moved
  saw GET:302
  silent
}

# --- what the program gets -------------------------------------------------

dumped_headers_are_one_responses() {
  get 503:hdr=X-Of~first,200:size=50:hdr=X-Of~second -D "$tmp/head"
  delivered 0 50
  is "status lines" "$(grep -c HTTP/ "$tmp/head")" 1
  is X-Of "$(tr -d '\r' <"$tmp/head" | sed -n 's/^X-Of: //p')" second
}

included_headers_are_one_responses() {
  get 503:hdr=X-Of~first,200:body=hello:hdr=X-Of~second -i
  ended 0
  is "first line" "$(head -n 1 "$tmp/out" | tr -d '\r')" 'HTTP/1.1 200 OK'
  is "status lines" "$(grep -c HTTP/ "$tmp/out")" 1
  is "last line" "$(tail -n 1 "$tmp/out")" hello
}

written_out_values_are_the_delivered_ones() {
  get 503:size=77,200:size=5000 -o "$tmp/file" \
    -w '%{http_code} %{size_download} %{num_redirects} %{exitcode}'
  text_out '200 5000 0 0'
  saw GET:503 GET:200
}

output_file_holds_no_byte_of_a_failed_attempt() {
  get 503:size=77777,200:size=9000:rst@8000,200:size=50 -o "$tmp/file"
  ended 0
  is size "$(stat -c %s "$tmp/file")" 50
  is SHA-256 "$(sha "$tmp/file")" "$(body_sha "$KEY" 50)"
}

head_request_is_retried() {
  get 503,200:size=5000 -I
  ended 0
  saw HEAD:503 HEAD:200
  is "status lines" "$(grep -c HTTP/ "$tmp/out")" 1
  like headers "$(tr -d '\r' <"$tmp/out")" '*Content-Length: 5000*'
}

head_request_is_no_get() {
  CURLRETRY_METHODS=GET get 503 -I
  saw HEAD:503
  gave_up METHODS
  CURLRETRY_METHODS=HEAD CURLRETRY_TRACE=$tmp/trace get 503,200 -I
  saw HEAD:503 HEAD:200
  is "methods of the trace" "$(jq -r .method "$tmp/trace" | uniq)" HEAD
}

interim_responses_are_kept_in_order() {
  get 503:info=103,200:body=hi:info=103 -i
  ended 0
  is "status lines" "$(grep -a -o 'HTTP/1.1 [0-9]*' "$tmp/out" |
    paste -s -d ' ')" 'HTTP/1.1 103 HTTP/1.1 200'
}

responses_without_a_body_are_delivered() {
  local status
  for status in 204 304 200:size=0; do
    get "503,$status" -w '%{http_code}'
    ended 0
    text_out "${status%%:*}"
    saw GET:503 "GET:${status%%:*}"
  done
}

two_urls_of_one_curl_are_calls_of_their_own() {
  new_key
  shimmed "$HTTP/$KEY/503,200:body=one" "$HTTP/$KEY/502,200:body=two"
  ended 0
  text_out onetwo
  retries 2
}

body_beyond_hold_bytes_is_streamed_and_its_break_delivered() {
  CURLRETRY_RESUME=off CURLRETRY_HOLD_BYTES=50K \
    get 200:size=100000:rst@90000
  ended 56
  body_begins 90000 100000
  saw GET:200
}

body_beyond_hold_bytes_is_continued() {
  local more
  for more in etag=v1:ranges etag=v1 lm:ranges cl; do
    more=200:seed=v:size=200000:$more
    CURLRETRY_HOLD_BYTES=50K get "$more:rst@150000,$more"
    ended 0
    is bytes "$(stat -c %s "$tmp/out")" 200000
    is requests "$(server_count "$KEY")" 2
    is SHA-256 "$(sha "$tmp/out")" "$(body_sha v 200000)"
  done
}

body_beyond_hold_bytes_that_changed_is_not_continued() {
  CURLRETRY_HOLD_BYTES=50K get 200:size=200000:vary:rst@150000,200:vary
  ended 56
  body_begins 150000 200000 "$KEY#1"
}

event_stream_is_not_held() {
  new_key
  shimmed -N -m 1 "$HTTP/$KEY/200:events=100~20"
  ended 28
  at_least events "$(grep -c '^data:' "$tmp/out")" 10
  saw GET:200
}

success_is_silent_and_makes_one_request() {
  local plan
  for plan in 200:size=5000 200:size=3M 200:chunked:size=5000 204 304; do
    get "$plan"
    ended 0
    saw "GET:${plan%%:*}"
    silent
  done
}

success_is_as_unshimmed() {
  local plan
  for plan in 200 200:chunked:size=3M 302:next:nodate:body=x,200 404:size=3M \
    200:gzip:size=3M 200:info=103 200:events=9~5; do
    as_unshimmed "$plan:seed=x:nodate" -L -i --compressed
  done
}

run_tests "$0"
