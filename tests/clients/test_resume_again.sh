#!/bin/bash
# An answer that isn't the rest of a broken body costs a retry and is thrown
# away: the next one may be. Progress begins the count of retries anew.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=resume.sh
. "$(dirname "$0")/resume.sh"

other=200:size=$size:seed=w:etag=v2:ranges

# --- met again -------------------------------------------------------------

first_version_is_met_again() {
  local met
  for met in "$other" 200:size=100000:seed=v "$whole:etag=v2" 416 304 412 404 \
    204 302 403 401 "206:size=9:crange=bytes%209-17%2F$size" \
    200:size=310000:seed=v:etag=v1 200:size=$size:seed=v:chunked; do
    get "$tagged:rst@150000,$met,$tagged"
    continued
    retries 2
    asked - bytes=150000- bytes=150000-
    like "log with $met" "$LOG" '*retry 2/3 in *: not resumed: *'
  done
}

first_version_is_met_again_after_several() {
  get "$tagged:rst@150000,$other,404,$tagged" \
    -w '%{stderr}%{http_code} %{size_download}'
  continued
  retries 3
  like "written out" "$ERR" "200 $size"
}

repeated_bytes_that_differ_may_be_the_same_next_time() {
  get "$whole:rst@150000,200:size=$size:seed=w,200:size=100:seed=v,$whole"
  continued
  retries 3
  get "$whole:rst@150000,200:size=$size:seed=w:rate=1000~5,$whole"
  continued
}

failing_on_errors_changes_nothing() {
  get "$tagged:rst@150000,404,416,$tagged" -f
  continued
  retries 3
}

resume_from_of_the_program_may_be_refused_once() {
  get "$tagged:rst@100000,$whole:etag=v2,$tagged" -C 1000
  ended 0
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 299000
  asked bytes=1000- bytes=101000- bytes=101000-
}

file_that_grew_beyond_the_limit_is_another_version() {
  get "$tagged:rst@150000,200:size=400000:seed=w:etag=v2,$tagged" \
    --max-filesize 350000
  continued
  retries 2
}

redirector_may_lead_back_to_the_first_mirror() {
  server_plan again1 "$tagged:rst@150000,$tagged"
  server_plan again2 "$other"
  new_key
  server_plan "$KEY" 302:to=again1,302:to=again2,302:to=again1
  shimmed -L "$HTTP/$KEY" -w '%{stderr}%{url_effective}'
  continued
  like "written out" "$ERR" '*/again1'
}

# --- patience has an end ---------------------------------------------------

retries_used_up_are_the_failure_that_broke_the_body() {
  get "$tagged:close@150000,404,$other" -f \
    -w '%{stderr}%{http_code} %{size_download} %{errormsg}'
  broken 18 150000
  asked_often
  gave_up 'exhausted'
  like "written out" "$ERR" '*200 150000*150000 bytes*'
  is "lines of giving up" "$(grep -c 'giving up' <<<"$LOG")" 1
}

broken_twice_is_the_second_failure() {
  get "$tagged:rst@100000,$tagged:close@50000,$other"
  broken 18 150000
}

limits_of_a_call_hold_for_other_versions() {
  CURLRETRY_MAX_RETRIES=1 get "$tagged:rst@150000,$other,$tagged"
  broken 56 150000
  gave_up exhausted
  CURLRETRY_BUDGET=9 get "$tagged:rst@150000,$other,$tagged"
  broken 56 150000
  gave_up budget
  CURLRETRY_BASE_DELAY=3s CURLRETRY_JITTER=none CURLRETRY_MAX_TIME=2s \
    get "$tagged:rst@150000,$tagged"
  broken 56 150000
  gave_up 'maximum time'
  CURLRETRY_BASE_DELAY=2s CURLRETRY_JITTER=none \
    get "$tagged:rst@150000,$other,$tagged" -m 4
  broken 56 150000
  gave_up "program's timeout"
}

retry_after_that_is_too_long_is_not_waited_out() {
  get "$tagged:rst@150000,503:ra=3600,$tagged"
  broken 56 150000
  retries 1
  gave_up 'status 503*; Retry-After'
}

refused_proxy_login_is_not_repeated() {
  get "$tagged:rst@150000,407,$tagged"
  broken 56 150000
  is requests "$(server_count "$KEY")" 2
  gave_up 'not resumed'
}

# Its end is not the body's, and its bytes are the program's.
body_that_ends_early_is_continued() {
  get "$whole:rst@150000,200:size=200000:seed=v:chunked,$whole"
  continued
  retries 2
  get "$whole:rst@150000,200:size=200000:seed=v:chunked"
  broken 56 200000
  asked_often
}

# It was the rest up to there.
body_that_goes_on_too_long_ends_the_call() {
  get "$whole:rst@150000,200:size=310000:seed=v:chunked:rate=50000~20"
  ended 56
  at_least "bytes on stdout" "$(stat -c %s "$tmp/out")" 150001
  at_least "the body's length" $size "$(stat -c %s "$tmp/out")"
  is requests "$(server_count "$KEY")" 2
  gave_up 'longer'
}

# --- progress --------------------------------------------------------------

# flaky BREAKS AT ANSWER: each request brings AT bytes more, then breaks.
flaky() { # BREAKS AT ANSWER
  new_key
  server_plan "$KEY" "200*$1:$3:rst@$2,200:$3"
  shimmed "$HTTP/$KEY" "${@:4}"
}

progress_begins_the_count_anew() {
  local big=size=1M:seed=v:etag=v1:ranges
  flaky 12 80000 "$big"
  ended 0
  body 1048576 v
  is requests "$(server_count "$KEY")" 13
  is "retries counted from one" \
    "$(grep -c 'retry 1/3' <<<"$LOG")" 12
}

progress_gives_its_tokens_back() {
  CURLRETRY_BUDGET=5 flaky 12 80000 size=1M:seed=v:etag=v1:ranges
  ended 0
  body 1048576 v
}

progress_of_a_repetition_counts_too() {
  local at plan=
  for at in 70000 140000 210000 280000 350000 420000; do
    plan+=200:size=490000:seed=v:rst@$at,
  done
  new_key
  server_plan "$KEY" "${plan}200:size=490000:seed=v"
  shimmed "$HTTP/$KEY"
  ended 0
  body 490000 v
}

too_little_progress_is_none() {
  flaky 12 65535 size=1M:seed=v:etag=v1:ranges
  ended 56
  asked_often
  flaky 3 100000 size=1M:seed=v:etag=v1:ranges
  ended 0
  CURLRETRY_HOLD_BYTES=1000 flaky 8 10 size=1M:seed=v:etag=v1:ranges
  ended 56
}

run_tests "$0"
