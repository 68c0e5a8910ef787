#!/bin/bash
# What is never retried, what is handed over when retries end, and when
# nothing at all may differ from a curl without the shim.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# --- exhausted -------------------------------------------------------------

exhausted_statuses_deliver_the_last_answer() {
  get 503:vary:size=500:etag=vary -D "$tmp/head" -w '%{stderr}%{http_code}'
  ended 0
  saw GET:503 GET:503 GET:503 GET:503
  body 500 "$KEY#4"
  is "status lines" "$(grep -c HTTP/ "$tmp/head")" 1
  like headers "$(cat "$tmp/head")" "*-4\"*"
  is "written out" "$ERR" 503
  retries 3
}

exhausted_statuses_are_given_up_with_a_line() {
  get 503
  saw GET:503 GET:503 GET:503 GET:503
  gave_up 'retries exhausted'
}

exhausted_statuses_end_fail_with_22() {
  get 503:size=500 -f
  ended 22
  text_out ''
  saw GET:503 GET:503 GET:503 GET:503
}

exhausted_statuses_with_fail_and_body() {
  get 503:vary:size=500 --fail-with-body
  ended 22
  body 500 "$KEY#4"
}

exhausted_resets_deliver_what_came() {
  get 200:size=5000:vary:rst@3000:etag=vary -D "$tmp/head"
  ended 56
  saw GET:200 GET:200 GET:200 GET:200
  body_begins 3000 5000 "$KEY#4"
  is "status lines" "$(grep -c HTTP/ "$tmp/head")" 1
  like headers "$(cat "$tmp/head")" "*-4\"*"
  gave_up 'retries exhausted'
}

exhausted_closes_keep_the_exit_code() {
  get close
  ended 52
  saw GET:0 GET:0 GET:0 GET:0
  is "curl's message" "$ERR" 'curl: (52) Empty reply from server'
}

last_attempt_may_differ_in_kind() {
  get 503,200:size=900:rst@500,close,404:body=gone
  ended 0
  text_out gone
  saw GET:503 GET:200 GET:0 GET:404
}

refused_connection_is_given_up() {
  start_dead refuse
  new_key
  shimmed "$DEAD/"
  ended 7
  retries 3
  gave_up 'retries exhausted'
}

name_that_does_not_resolve_is_retried_and_given_up() {
  new_key
  shimmed "http://$(printf 'a%.0s' {1..64}).invalid/"
  ended 6
  retries 3
}

# --- never -----------------------------------------------------------------

closed_pipe_ends_curl_as_unshimmed() {
  local size expected got
  for size in 100000 3M; do
    for framing in cl chunked; do
      new_key
      expected=$(timeout 30 "$CURL_PROGRAM" -q -sS -N 2>"$tmp/err1" \
        "$HTTP/$KEY/200:size=$size:$framing" | head -c 1 >/dev/null
        echo "${PIPESTATUS[0]}")
      new_key
      got=$(timeout 30 env LD_PRELOAD="$SANITIZER$SHIM" "$CURL_PROGRAM" \
        -q -sS -N "$HTTP/$KEY/200:size=$size:$framing" 2>"$tmp/err2" |
        head -c 1 >/dev/null
        echo "${PIPESTATUS[0]}")
      is "exit code, $size $framing" "$got" "$expected"
      is "expected" "$expected" 23
      saw GET:200
      is messages "$(cat "$tmp/err2")" "$(cat "$tmp/err1")"
    done
  done
}

head_of_one_line_after_a_503() {
  new_key
  RC=$(timeout 30 env LD_PRELOAD="$SANITIZER$SHIM" "$CURL_PROGRAM" -q -sS \
    "$HTTP/$KEY/503,200:size=3M" 2>"$tmp/err" | head -1 >"$tmp/out"
    echo "${PIPESTATUS[0]}")
  ended 23
  saw GET:503 GET:200
}

full_disk_is_not_retried() {
  get 200:size=100000 -o /dev/full
  ended 23
  saw GET:200
}

bad_certificate_is_not_retried() {
  make_tls_server || return
  new_key
  shimmed "https://127.0.0.1:$TCP_PORT/"
  ended 60
  is connections "$(tcp_log 1 | wc -l)" 1
  is log "$LOG" ''
}

broken_handshake_is_retried() {
  make_tls_server rst,pass || return
  new_key
  shimmed -k -o /dev/null -w '%{http_code}' "https://127.0.0.1:$TCP_PORT/"
  ended 0
  text_out 200
  retries 1
  is connections "$(tcp_log 2 | wc -l)" 2
}

# openssl's, self-signed, behind a TCP proxy that counts its connections and
# follows the plan.
make_tls_server() { # [PLAN]
  needs_certificate || return
  if [ -z "${tls_port-}" ]; then
    mkfifo "$tmp/tls"
    openssl s_server -www -accept 127.0.0.1:0 -key "$tmp/key.pem" \
      -cert "$tmp/cert.pem" >"$tmp/tls" 2>&1 </dev/null &
    SERVER_PIDS+=("$!")
    exec 7<"$tmp/tls"
    tls_port=$(sed -n '/^ACCEPT/{s/.*://p;q}' <&7)
  fi
  start_tcp "$tls_port" "${1:-pass}"
}

malformed_url_is_not_retried() {
  local url
  for url in 'http://exa mple/' 'http://' 'http://127.0.0.1:99999/' \
    'foo://127.0.0.1/'; do
    bare "$url"
    local expected=$RC.$ERR
    shimmed "$url"
    is "outcome of $url" "$RC.$ERR" "$expected"
    is log "$LOG" ''
  done
}

redirect_loop_is_not_retried() {
  get 302:next -L --max-redirs 3
  ended 47
  is requests "$(server_count "$KEY")" 4
}

too_large_file_is_not_retried() {
  get 200:size=5000 --max-filesize 4000
  ended 63
  saw GET:200
}

malformed_chunk_or_encoding_is_not_looped() {
  get 200:hdr=Content-Encoding~gzip --compressed
  ended 61
  is requests "$(server_count "$KEY")" 1
}

other_schemes_pass_through() {
  new_key
  echo content >"$tmp/plain"
  shimmed "file://$tmp/plain"
  text_out content
  shimmed "file://$tmp/missing"
  ended 37
  is log "$LOG" ''
}

parallel_transfers_pass_through_with_MULTI_0() {
  new_key
  CURLRETRY_MULTI=0 shimmed -Z -o /dev/null "$HTTP/$KEY/503" \
    -o /dev/null "$HTTP/$KEY/503/b"
  ended 0
  is requests "$(server_count "$KEY")" 2
}

# --- as unshimmed ----------------------------------------------------------

same_as_unshimmed() { # whatever goes wrong
  as_unshimmed 503:nodate:body=busy,200 -i
  as_unshimmed 200:size=5000:seed=x:rst@3000:nodate,200 -i
  as_unshimmed close,200
  as_unshimmed 307:nodate:body=x,503:nodate:body=busy -L -T "$UPLOAD" -i
}

no_retries_is_as_unshimmed() {
  local value
  for value in 0 off; do
    CURLRETRY_MAX_RETRIES=$value same_as_unshimmed
    is complaint "$COMPLAINT" ''
  done
}

disabled_is_as_unshimmed() {
  CURLRETRY_DISABLE=1 same_as_unshimmed
  is complaint "$COMPLAINT" ''
}

other_program_is_as_unshimmed() {
  CURLRETRY_PROGRAMS='*,!curl' same_as_unshimmed
  CURLRETRY_PROGRAMS=wget same_as_unshimmed
  is complaint "$COMPLAINT" ''
}

unparsable_policy_is_as_unshimmed_with_one_line() {
  CURLRETRY_MAX_RETRIES=lots same_as_unshimmed
  like complaint "$COMPLAINT" 'curlretry: CURLRETRY_MAX_RETRIES=lots: *'
  is lines "$(wc -l <<<"$COMPLAINT")" 1
  CURLRETRY_MAX_RETRY=5 same_as_unshimmed
  like complaint "$COMPLAINT" 'curlretry: CURLRETRY_MAX_RETRY=5: *'
  is lines "$(wc -l <<<"$COMPLAINT")" 1
}

unparsable_policy_is_named_once_a_process() {
  new_key
  CURLRETRY_ON=5yz shimmed "$HTTP/$KEY/503:body=a" "$HTTP/$KEY/503:body=b"
  ended 0
  text_out ab
  is lines "$(grep -c . <<<"$LOG")" 1
  like accepted "$LOG" '*; accepted: *'
}

program_that_transfers_nothing_is_told_nothing() {
  CURLRETRY_MAX_RETRIES=lots shimmed --version
  silent
}

run_tests "$0"
