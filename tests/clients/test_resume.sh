#!/bin/bash
# A body that breaks after the program got some of it: a stock curl, writing
# into a pipe, must not see a seam.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=resume.sh
. "$(dirname "$0")/resume.sh"

# --- where and how it breaks -----------------------------------------------

# break_at FAULT FRAMING: bytes that are only held are asked for again, the
# others are not.
break_at() { # FAULT FRAMING
  local at plan
  for at in 1 $((hold - 1)) $hold $((hold + 1)) 150000 $((size - 1)); do
    plan=$tagged:$2
    get "$plan:$1@$at,$plan"
    continued
    retries 1
    if [ "$at" -lt $hold ]; then
      asked - -
    else
      asked - "bytes=$at-"
    fi
  done
}

resets_of_a_body_with_length_leave_no_seam() {
  break_at rst cl
}

closes_of_a_body_with_length_leave_no_seam() {
  break_at close cl
}

resets_of_a_chunked_body_leave_no_seam() {
  break_at rst chunked
}

closes_of_a_chunked_body_leave_no_seam() {
  break_at close chunked
}

stalls_of_a_body_leave_no_seam() {
  export CURLRETRY_STALL_TIMEOUT=1s
  break_at stall cl
  get "$tagged:chunked:stall@150000,$tagged:chunked"
  unset CURLRETRY_STALL_TIMEOUT
  continued
  asked - bytes=150000-
  like log "$LOG" '*timeout*'
}

three_failures_in_one_body_leave_no_seam() {
  local framing
  for framing in cl chunked; do
    local plan=$tagged:$framing
    get "$plan:rst@100000,$plan:close@50000,$plan:rst@70000,$plan"
    continued
    asked - bytes=100000- bytes=150000- bytes=220000-
    retries 3
  done
}

failures_before_and_between_and_while_resuming() {
  get "503,$tagged:rst@100000,503,$tagged" -f
  continued
  asked - - bytes=100000- bytes=100000-
  get "$tagged:rst@100000,rst,close,$tagged:rst@head"
  broken 56 100000
  get "$tagged:rst@100000,close,rst@head,$tagged"
  continued
  asked - bytes=100000- bytes=100000- bytes=100000-
}

missing_last_chunk_of_a_delivered_body_is_proved() {
  get "$whole:chunked:close@$size,$whole:chunked"
  continued
  asked - -
}

# --- validators ------------------------------------------------------------

strong_etag_is_asked_for_with_if_range() {
  get "$tagged:rst@150000,$tagged"
  continued
  is If-Range "$(header_of if-range)" '- "v1"'
  is "bytes of the rest" "$(server_lines "$KEY" |
    awk 'NR == 2 { print $9, $8 }')" "$((size - 150000)) 206"
}

last_modified_alone_is_asked_for_with_if_range() {
  local plan=$whole:lm:ranges
  get "$plan:rst@150000,$plan" -D "$tmp/head"
  continued
  asked - bytes=150000-
  is If-Range "$(server_log "$KEY" |
    jq -s -r '.[1].headers["if-range"]')" \
    "$(tr -d '\r' <"$tmp/head" | sed -n 's/^Last-Modified: //p')"
}

everything_else_is_repeated_and_proved() {
  local with
  for with in cl wetag=v1:ranges ranges lm=now:ranges lm:nodate:ranges \
    wetag=v1:lm:ranges etag=v1:noranges chunked; do
    get "$whole:$with:rst@150000,$whole:$with"
    continued
    asked - -
    is "If-Range with $with" "$(header_of if-range)" '- -'
  done
}

range_that_is_ignored_is_skipped_in_the_repetition() {
  get "$tagged:rst@150000,$whole:etag=v1"
  continued
  asked - bytes=150000-
  is statuses "$(server_lines "$KEY" | awk '{ print $8 }' | paste -s)" \
    "$(printf '200\t200')"
  get "$whole:lm:ranges:rst@150000,$whole:lm:noranges"
  continued
  asked - bytes=150000-
}

repetition_slower_than_hold_time_is_skipped() {
  local with
  for with in cl etag=v1 gzip; do
    CURLRETRY_HOLD_TIME=300ms get \
      "$whole:$with:rst@150000,$whole:$with:rate=30000~200" --compressed
    continued
    retries 1
  done
}

repetition_of_an_error_slower_than_hold_time_is_discarded() {
  CURLRETRY_HOLD_TIME=300ms get \
    "$tagged:rst@150000,503:size=3000:rate=500~150,$tagged"
  continued
  retries 2
  CURLRETRY_HOLD_TIME=300ms get "503:size=3000:rate=500~150,$whole"
  continued
  retries 1
}

decoded_body_is_repeated_and_skipped() {
  local with
  for with in etag=v1:ranges wetag=v1 cl chunked; do
    local plan=$whole:gzip:$with
    get "$plan:rst@150000,$plan:close@200000,$plan" --compressed
    continued
    asked - - -
    retries 2
  done
}

undecoded_gzip_is_continued() {
  get "$tagged:gzip:rst@150000,$tagged:gzip"
  ended 0
  retries 1
  is "SHA-256 of what gunzip says" \
    "$(gunzip <"$tmp/out" | sha256sum | cut -d ' ' -f 1)" \
    "$(body_sha v $size)"
}

# --- the program's own range -----------------------------------------------

# part FROM COUNT: stdout is this part of version v.
part() { # FROM COUNT
  ended 0
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" "$2"
  is "SHA-256 of the part" "$(sha "$tmp/out")" "$("$FAULTY" body v $size |
    tail -c "+$(($1 + 1))" | head -c "$2" | sha256sum | cut -d ' ' -f 1)"
}

range_of_the_program_is_moved() {
  get "$tagged:rst@100000,$tagged:rst@50000,$tagged" -r 1000-200000 \
    -w '%{stderr}%{http_code} %{size_download}'
  part 1000 199001
  asked bytes=1000-200000 bytes=101000-200000 bytes=151000-200000
  like "written out" "$ERR" '206 199001'
}

open_range_and_suffix_of_the_program_are_moved() {
  get "$tagged:rst@100000,$tagged" -r 1000-
  part 1000 299000
  asked bytes=1000- bytes=101000-299999
  get "$tagged:rst@100000,$tagged" -r -250000
  part 50000 250000
  asked bytes=-250000 bytes=150000-299999
}

range_header_of_the_program_is_left_alone() {
  get "$tagged:rst@100000,$tagged" -H 'Range: bytes=1000-200000'
  part 1000 199001
  asked bytes=1000-200000 bytes=1000-200000
}

resume_from_of_the_program_is_moved() {
  get "$tagged:rst@100000,$tagged" -C 1000
  part 1000 299000
  asked bytes=1000- bytes=101000-
  get "$tagged:rst@100000,$whole:etag=v1" -C 1000
  ended 56
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 100000
}

file_of_the_program_is_continued_once() {
  "$FAULTY" body v $size | head -c 1000 >"$tmp/part"
  get "$tagged:rst@100000,$tagged" -C - -o "$tmp/part"
  ended 0
  is "SHA-256 of the file" "$(sha "$tmp/part")" "$(body_sha v $size)"
  asked bytes=1000- bytes=101000-
}

next_call_of_the_handle_has_its_own_range() {
  new_key
  shimmed "$HTTP/$KEY/$tagged:rst@100000,$tagged" "$HTTP/$KEY/200:body=x"
  ended 0
  asked - bytes=100000- -
  new_key
  shimmed -r 5-200000 "$HTTP/$KEY/$tagged:rst@100000,$tagged" \
    "$HTTP/$KEY/200:ranges"
  ended 0
  asked bytes=5-200000 bytes=100005-200000 bytes=5-200000
}

# --- what the program sees -------------------------------------------------

headers_are_the_first_responses() {
  get "$tagged:hdr=X-Of~first:rst@150000,$tagged:hdr=X-Of~second" \
    -D "$tmp/head" -w '%{stderr}%{http_code} %{size_download} %{num_headers}'
  continued
  is "status lines" "$(grep -a HTTP/ "$tmp/head" | tr -d '\r')" \
    'HTTP/1.1 200 OK'
  is X-Of "$(tr -d '\r' <"$tmp/head" | sed -n 's/^X-Of: //p')" first
  is Content-Range "$(grep -a -c Content-Range "$tmp/head")" 0
  like "written out" "$ERR" "200 $size $(($(wc -l <"$tmp/head") - 2))"
}

included_headers_are_the_first_responses() {
  local framing
  for framing in cl chunked; do
    local plan=$tagged:$framing
    get "$plan:hdr=X-Of~first:rst@150000,$plan:hdr=X-Of~second" -i
    ended 0
    is "status lines" "$(grep -a -c '^HTTP/' "$tmp/out")" 1
    is X-Of "$(grep -a -o '^X-Of: [a-z]*' "$tmp/out")" 'X-Of: first'
    is "SHA-256 of the body" "$(tail -c $size "$tmp/out" | sha256sum |
      cut -d ' ' -f 1)" "$(body_sha v $size)"
  done
}

requests_differ_in_range_alone() {
  CURLRETRY_ATTEMPT_HEADER=X-Attempt get "$tagged:rst@150000,$tagged" \
    -H 'X-Own: 1' -A agent -e from -b cookie=1 -u user:secret
  continued
  is "kinds of requests" "$(server_log "$KEY" | jq -c '.headers |
    del(.range, .["if-range"], .["x-attempt"])' | sort -u | wc -l)" 1
  is X-Attempt "$(header_of x-attempt)" '- 2'
}

progress_made_is_logged_and_success_counted() {
  CURLRETRY_LOG_LEVEL=info get "$tagged:rst@150000,$tagged"
  continued
  like log "$LOG" '*curlretry: retry *: 200 after *, 2 attempts*'
}

# --- the end of patience ---------------------------------------------------

exhausted_resumes_are_the_last_break_of_the_body() {
  CURLRETRY_MAX_RETRIES=2 get \
    "$tagged:rst@100000,$tagged:close@50000,$tagged:rst@30000" \
    -w '%{stderr}%{http_code} %{size_download}'
  broken 56 180000
  gave_up exhausted
  retries 2
  like "written out" "$ERR" '*200 180000'
}

exhausted_attempts_to_resume_are_the_break_of_the_body() {
  get "$tagged:close@150000,503,rst,503" -f -w '%{stderr}%{http_code}'
  broken 18 150000
  retries 3
  like "written out" "$ERR" '*18*200'
}

resume_off_hands_the_failure_over() {
  CURLRETRY_RESUME=off get "$tagged:rst@150000,$tagged"
  broken 56 150000
  asked -
  CURLRETRY_RESUME=off get "$tagged:rst@60000,$tagged"
  continued
  retries 1
}

other_methods_are_not_continued() {
  CURLRETRY_METHODS=all get "$tagged:rst@150000,$tagged" -d x=y
  broken 56 150000
  asked -
  CURLRETRY_METHODS=all get "$tagged:rst@60000,$tagged" -d x=y
  continued
}

break_without_delivered_bytes_is_continued() {
  CURLRETRY_HOLD_TIME=100ms CURLRETRY_STALL_TIMEOUT=2s \
    get "$tagged:stall@0,$tagged"
  continued
  asked - bytes=0-
}

run_tests "$0"
