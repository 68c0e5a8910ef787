#!/bin/bash
# Uploads of a stock curl, from a pipe unless told otherwise: the server
# receives exactly the bytes, the method stays.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# --- statuses and broken connections ---------------------------------------

put_survives_a_503() {
  put 503,201:body=stored
  ended 0
  text_out stored
  received PUT:503:whole PUT:201:whole
  retries 1
}

put_survives_three_failures() {
  put 503,500,429:ra=1,201
  ended 0
  received PUT:503:whole PUT:500:whole PUT:429:whole PUT:201:whole
  retries 3
}

put_survives_a_reset_while_sending() {
  put uprst@100000,201
  ended 0
  received PUT:0:part PUT:201:whole
  retries 1
}

put_survives_a_close_while_sending() {
  put upclose@100000,201
  ended 0
  received PUT:0:part PUT:201:whole
}

put_survives_a_close_after_sending() {
  put close,201
  ended 0
  received PUT:0:whole PUT:201:whole
  retries 1
}

put_survives_a_reset_after_sending() {
  put rst,201
  ended 0
  received PUT:0:whole PUT:201:whole
}

put_survives_an_early_503() {
  put 503:early,201
  ended 0
  received PUT:503:part PUT:201:whole
}

put_survives_a_broken_answer() {
  put 201:size=500:rst@100,201:size=500
  delivered 0 500
  received PUT:201:whole PUT:201:whole
}

first_failures_at_every_depth() {
  local depth
  for depth in 1 16384 65536 299999; do
    put "uprst@$depth,upclose@$((depth / 2 + 1)),503,201"
    ended 0
    received PUT:0:part PUT:0:part PUT:503:whole PUT:201:whole
  done
}

# More than SNAPSHOT_MEMORY: the rest is in a file that has no name.
upload_that_goes_to_disk() {
  make_upload 3000000
  mkdir "$tmp/spool"
  TMPDIR=$tmp/spool put 503,uprst@2500000,201
  ended 0
  received PUT:503:whole PUT:0:part PUT:201:whole
  is "files left" "$(ls -A "$tmp/spool")" ''
  make_upload 300000
}

# The program's pipe is slower than the server's fault.
upload_of_a_slow_program() {
  new_key
  make_upload 300000
  RC=$( (head -c 100000 "$UPLOAD" && sleep 0.5 &&
    tail -c +100001 "$UPLOAD") | { shimmed -T - "$HTTP/$KEY/uprst@50000,201"
    echo "$RC"; })
  ended 0
  received PUT:0:part PUT:201:whole
}

empty_upload() {
  UPLOAD=/dev/null UPLOAD_SHA=$(sha /dev/null)
  put 503,201
  ended 0
  received PUT:503:none PUT:201:none
  make_upload 300000
}

# --- redirects and authentication ------------------------------------------

put_follows_a_307() {
  put 307,201:next -L
  ended 0
  received PUT:307:whole PUT:201:whole
}

put_follows_a_308_of_the_second_attempt() {
  put 503,308,201:next -L
  ended 0
  received PUT:503:whole PUT:308:whole PUT:201:whole
}

# Then the call begins anew, at its own URL.
put_follows_a_307_then_survives_a_503() {
  put 307,503,307,201 -L
  ended 0
  received PUT:307:whole PUT:503:whole PUT:307:whole PUT:201:whole
  retries 1
}

unshimmed_curl_cannot_follow_a_307_from_a_pipe() {
  libcurl_from 8.7 8.14 && reason="libcurl goes on without the bytes" && return
  new_key
  # shellcheck disable=SC2002 # the pipe is the point
  RC=$(cat "$UPLOAD" | { bare -L -T - "$HTTP/$KEY/307,201"
    echo "$RC"; })
  ended 65
}

put_with_digest() {
  put 201:auth=digest --digest -u user:secret
  ended 0
  last_put_is "$UPLOAD_SHA"
}

put_with_a_digest_round_then_a_reset() {
  put rst:auth=digest,201:auth=digest --digest -u user:secret
  ended 0
  last_put_is "$UPLOAD_SHA"
  is "first status" "$(server_lines "$KEY" | awk 'NR == 1 { print $8 }')" 401
  is resets "$(server_lines "$KEY" | awk '$8 == 0' | wc -l)" 1
}

put_with_a_digest_round_then_a_reset_while_sending() {
  put uprst@100000:auth=digest,201:auth=digest --digest -u user:secret
  ended 0
  last_put_is "$UPLOAD_SHA"
}

put_with_any_authentication() {
  put 503:auth=digest,201:auth=digest --anyauth -u user:secret
  ended 0
  last_put_is "$UPLOAD_SHA"
}

put_after_417_is_sent_without_expect() {
  put 503:expect=417,201
  ended 0
  last_put_is "$UPLOAD_SHA"
}

# --- other sources ---------------------------------------------------------

upload_from_a_file() {
  local fault
  for fault in 503 close uprst@100000; do
    get "$fault,201" -T "$UPLOAD"
    ended 0
    last_put_is "$UPLOAD_SHA"
    is requests "$(server_count "$KEY")" 2
  done
}

upload_from_standard_input_that_is_a_file() {
  new_key
  shimmed -T - "$HTTP/$KEY/503,uprst@200000,201" <"$UPLOAD"
  ended 0
  received PUT:503:whole PUT:0:part PUT:201:whole
}

# curl's own seek callback would go back to the file's very first byte.
upload_from_a_file_whose_start_was_moved() {
  local plan
  for plan in 503,201 close,201 307,201 307,503,307,201 uprst@100000,201; do
    new_key
    RC=$({ head -c 11 >/dev/null
      shimmed -L -T - "$HTTP/$KEY/$plan"
      echo "$RC"; } <"$UPLOAD")
    ended 0
    last_put_is "$(tail -c +12 "$UPLOAD" | sha)" "$plan"
    is requests "$(server_count "$KEY")" "$(tr -c -d , <<<"$plan," | wc -c)"
  done
}

upload_with_another_method_that_is_idempotent() {
  put 503,200 -X DELETE
  ended 0
  received DELETE:503:whole DELETE:200:whole
}

upload_with_a_known_length() {
  put 503,201 -H "Content-Length: 300000" -H 'Transfer-Encoding:'
  ended 0
  received PUT:503:whole PUT:201:whole
}

# --- what can't be repeated ------------------------------------------------

upload_beyond_the_snapshot_gets_its_answer() {
  CURLRETRY_SNAPSHOT_MEMORY=off CURLRETRY_SNAPSHOT_DISK=off \
    put 503:body=busy,201
  ended 0
  text_out busy
  received PUT:503:whole
  retries 0
  is "log lines" "$(wc -l <<<"$LOG")" 1
  gave_up "can't be sent again"
}

upload_within_the_snapshot_is_repeated() {
  CURLRETRY_SNAPSHOT_MEMORY=400K CURLRETRY_SNAPSHOT_DISK=off put 503,201
  ended 0
  received PUT:503:whole PUT:201:whole
}

snapshot_folder_that_is_missing_ends_no_upload() {
  make_upload 3000000
  TMPDIR=$tmp/missing put 503:body=busy,201
  ended 0
  text_out busy
  received PUT:503:whole
  gave_up "can't be sent again: its copy can't be written into TMPDIR"
  make_upload 300000
}

precondition_is_sent_once() {
  local header
  for header in 'If-Match: "a"' 'If-None-Match: *' \
    'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'; do
    put 503:body=busy,201 -H "$header"
    text_out busy
    received PUT:503:whole
    put close,201 -H "$header"
    ended 52
    received PUT:0:whole
    gave_up "must not be sent twice"
  done
}

exhausted_upload_gets_the_last_answer() {
  put 503:vary:size=90 -f
  ended 22
  received PUT:503:whole PUT:503:whole PUT:503:whole PUT:503:whole
  put 503:vary:size=90
  ended 0
  body 90 "$KEY#4"
}

successful_upload_is_silent_and_made_once() {
  put 201:body=stored
  ended 0
  text_out stored
  received PUT:201:whole
  silent
}

run_tests "$0"
