#!/bin/bash
# curl -Z: many transfers of one multi handle, by perform and poll.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

stock+=(-Z --no-progress-meter) # -s doesn't silence it
parallel=("$CURL_PROGRAM" -q -sS -Z --no-progress-meter --noproxy '')
as_lines='%{filename_effective} %{exitcode} %{http_code}\n'

measure_curl() { # its lines name the files
  sed -i "s|^$tmp/files/||" "$tmp/out"
  measure_files
}

# --- downloads -------------------------------------------------------------

parallel_downloads_are_rescued() {
  local MEASURE=measure_curl
  rescues_lot "${parallel[@]}" -w "$as_lines" -o "$tmp/files/@KEY-#1" @GLOB
}

# 20 at a time: one that waits is one of them.
each_of_many_ends_once() {
  local index files=$tmp/many
  new_key
  mkdir "$files"
  for index in {1..60}; do
    echo "$files/$index 0 200 20000"
  done | sort >"$tmp/expected"
  CURLRETRY_BUDGET=1000 host "${parallel[@]}" --parallel-max 20 \
    -w '%{filename_effective} %{exitcode} %{http_code} %{size_download}\n' \
    "$HTTP/$KEY-[1-30]/503,200:size=20000:seed=x" -o "$files/#1" \
    "$HTTP/$KEY-[31-60]/200:size=20000:seed=x:rst@9000,200:size=20000:seed=x" \
    -o "$files/#1"
  ended 0
  silent
  is "what curl says differs" "$(sort "$tmp/out" | diff "$tmp/expected" - |
    head -n 3)" ''
  is "bodies" "$(cat "$files"/* | sha)" \
    "$(for index in {1..60}; do "$FAULTY" body x 20000; done | sha)"
  is "requests" "$(server_lines | grep -c " /$KEY-")" 120
  retries 60
}

parallel_redirect_whose_target_fails_is_started_again() {
  get 302:next,503,302:next,200:size=5000 -L
  delivered 0 5000
  saw GET:302 GET:503 GET:302 GET:200
  retries 1
}

parallel_headers_are_the_delivered_ones() {
  get 503:hdr=X-Of~first,200:body=hello:hdr=X-Of~second -i
  ended 0
  is "status lines" "$(grep -c HTTP/ "$tmp/out")" 1
  is X-Of "$(tr -d '\r' <"$tmp/out" | sed -n 's/^X-Of: //p')" second
  is "last line" "$(tail -n 1 "$tmp/out")" hello
}

parallel_output_to_a_pipe_has_each_body_once() {
  new_key
  shimmed "$HTTP/$KEY/503,200:size=5000" "$HTTP/$KEY/200:size=5000:rst@9,200"
  ended 0
  is bytes "$(stat -c %s "$tmp/out")" 6000
  retries 2
}

# --- when it doesn't help --------------------------------------------------

parallel_failure_that_stays_is_curls() {
  get 503 -f
  ended 22
  saw GET:503 GET:503 GET:503 GET:503
  gave_up 'status 503'
  get 200:size=5000:rst@2000:seed=x
  ended 56
  body_begins 2000 5000 x
  is "requests" "$(server_count "$KEY")" 4
}

# curl waits for a second, and makes a new call of it.
parallel_retries_of_curls_own_come_after_ours() {
  libcurl_from 8.18.0 8.19.0 &&
    reason="curl 8.18's own --retry hangs with -Z, also alone" && return
  CURLRETRY_MAX_RETRIES=1 get 503,503,503,200:size=5000 --retry 1
  ended 0
  is "bytes at the end" "$(tail -c 5000 "$tmp/out" | sha)" \
    "$(body_sha "$KEY" 5000)"
  saw GET:503 GET:503 GET:503 GET:200
  retries 2
}

parallel_retries_of_curls_own_are_not_needed() {
  get rst,503,200:size=5000 --retry 3 --retry-all-errors
  delivered 0 5000
  is "what curl says" "$ERR" ''
  saw GET:0 GET:503 GET:200
  retries 2
}

parallel_wait_that_does_not_fit_is_not_begun() {
  local begin=$SECONDS
  get 503:ra=30,200 -m 10
  ended 0
  text_out '503 planned'
  saw GET:503
  at_most seconds $((SECONDS - begin)) 5
}

# --- uploads ---------------------------------------------------------------

parallel_uploads_arrive_whole() {
  local plan arguments=() number=0 base
  new_key
  base=$KEY
  for plan in 201 503,201 rst,201 200:uprst@100000,201 rst,503,201; do
    arguments+=(-T "$UPLOAD" "$HTTP/$base-$((++number))/$plan")
  done
  host "${parallel[@]}" "${arguments[@]}"
  ended 0
  KEY=$base-1 received PUT:201:whole
  KEY=$base-2 received PUT:503:whole PUT:201:whole
  KEY=$base-3 received PUT:0:whole PUT:201:whole
  KEY=$base-4 received PUT:0:part PUT:201:whole
  KEY=$base-5 received PUT:0:whole PUT:503:whole PUT:201:whole
  retries 5
}

parallel_upload_from_a_pipe_arrives_whole() {
  put 'rst,200:uprst@100000,503,201'
  ended 0
  received PUT:0:whole PUT:0:part PUT:503:whole PUT:201:whole
  retries 3
}

parallel_post_is_sent_once() {
  get 503,200 -d text=text
  ended 0
  text_out '503 planned'
  saw POST:503
  retries 0
}

# --- HTTP/2 ----------------------------------------------------------------

# The connection is kept for the others; who is alone gets another.
streams_that_were_reset_are_rescued() {
  local runner log
  needs_certificate && has_feature HTTP2 || return
  have_output python3-h2 "$PYTHON" -c 'import h2' || return
  for runner in alone host; do
    log=$tmp/h2.$runner
    serve_python http2_server.py "$log" reset@0,reset@0,reset@0,200 \
      "$tmp/cert.pem" "$tmp/key.pem"
    "$runner" "${parallel[@]}" -k "https://127.0.0.1:$PORTS/[1-6]"
    [ "$runner" = host ] || is "exit code without the shim" "$RC" 92
  done
  ended 0
  is answers "$(sort "$tmp/out" | uniq -c | xargs)" '6 answered'
  is requests "$(wc -l <"$log")" 9
  at_most connections "$(cut -d ' ' -f 3 "$log" | sort -u | wc -l)" 2
  retries 3
}

run_tests "$0"
