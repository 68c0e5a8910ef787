#!/bin/bash
# MAX_TIME counts from the last byte that moved: of an upload, or of an answer
# that the program gets or has. What is silent for longer is ended.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

soon=5000 # ms; a clock is looked at once a second, on a busy machine
export CURLRETRY_MAX_TIME=1s

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

# uploads PLAN REQUESTS: some 3 s each, by every kind of source. libcurl 8.19
# sends what it may send in a second at once.
uploads() { # PLAN REQUESTS
  local way what=(--limit-rate 100K -X PUT)
  make_upload 300000
  for way in pipe file fields form; do
    new_key
    export CURLRETRY_MAX_TIME=2s
    case $way in
    pipe) from_pipe timed shimmed "${what[@]}" -T - "$HTTP/$KEY/$1" ;;
    file) timed shimmed "${what[@]}" -T "$UPLOAD" "$HTTP/$KEY/$1" ;;
    fields) timed shimmed "${what[@]}" --data-binary "@$UPLOAD" \
      "$HTTP/$KEY/$1" ;;
    form) timed shimmed "${what[@]}" -F "f=@$UPLOAD" "$HTTP/$KEY/$1" ;;
    esac
    export CURLRETRY_MAX_TIME=1s
    is "exit code of $way" "$RC" 0
    is "requests of $way" "$(server_lines "$KEY" |
      awk '{ print $8 ":" $7 }' | paste -s -d ' ')" "$2"
    retries 1
    took 2000 30000
  done
}

later_upload_that_moves_is_not_ended() {
  uploads 503:early,201 '503:partial 201:complete'
}

upload_that_broke_while_it_moved_is_repeated() {
  uploads uprst@250000,201 '0:partial 201:complete'
}

repetition_that_is_skipped_is_not_ended() {
  local plan=200:size=200000:chunked
  CURLRETRY_HOLD_BYTES=5K timed get \
    "$plan:rate=40000~100:rst@160000,$plan:rate=20000~250"
  delivered 0 200000
  retries 1
  took 1500 30000
}

held_answer_that_moves_is_not_ended() {
  CURLRETRY_HOLD_TIME=off timed get 503,200:size=100000:chunked:rate=10000~200
  delivered 0 100000
  retries 1
  took 1500 30000
}

held_answer_that_broke_while_it_moved_is_repeated() {
  CURLRETRY_HOLD_TIME=off timed get \
    200:size=100000:rate=10000~200:rst@90000,200:size=100000
  delivered 0 100000
  retries 1
  took 1500 30000
}

answer_that_is_to_be_retried_moves_nothing() {
  CURLRETRY_MAX_TIME=800ms timed get 503:size=60000:rate=1000~50,200
  saw GET:503
  gave_up 'maximum time'
}

server_that_is_silent_after_the_upload_is_left() {
  make_upload 3000
  timed put 503,hang,201
  is requests "$(server_count "$KEY")" 2
  took 900 $((1000 + soon))
}

# libcurl 8.13 and later fill the kernel's buffers by a piece a second.
server_that_reads_no_further_is_left() {
  local most=$((2000 + soon))
  ! libcurl_from 8.12 || most=29000
  make_upload 9000000
  timed put 503:early,upstall@1000000,201
  is requests "$(server_count "$KEY")" 2
  took 900 "$most"
}

listener_behind_a_redirect_that_never_accepts_is_left() {
  make_upload 3000
  start_dead full
  local url=${DEAD//\//%2F}
  url=${url//:/%3A}
  timed put "503,307:loc=$url,201" -L
  is requests "$(server_count "$KEY")" 2
  took 900 $((2000 + soon))
}

# What is owed, in an attempt that the program wouldn't have had to wait for.
handed_over_body_that_stops_is_ended() {
  CURLRETRY_HOLD_BYTES=5K timed get 503,200:size=90000:stall@50000
  ended 28
  body_begins 50000 90000
  took 900 $((1000 + soon))
}

silent_stream_is_not_ended() {
  local plan
  for plan in 200:events=3~1800 200:size=42:chunked:stall@20=2500; do
    CURLRETRY_HOLD_TIME=100ms get "503,$plan"
    ended 0
    is bytes "$(stat -c %s "$tmp/out")" 42
    retries 1
  done
}

run_tests "$0"
