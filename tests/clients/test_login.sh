#!/bin/bash
# A retry that proves itself by the challenge of the attempt before, at a
# server (another one behind the balancer, or one begun anew) that doesn't know
# it: libcurl takes a new challenge for a wrong password.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=uploads.sh
. "$(dirname "$0")/uploads.sh"

login=(--digest -u user:secret)

new_challenge_is_answered_as_the_first_was() {
  new_key
  bare "${login[@]}" "$HTTP/$KEY/digest,200:auth=digest:body=got"
  text_out got
  get 503:auth=digest,digest,200:auth=digest:body=got "${login[@]}"
  delivered_got 1
  saw GET:401 GET:503 GET:401 GET:200
  get 503:auth=digest,digest,503:auth=digest,digest,200:auth=digest:body=got \
    "${login[@]}"
  delivered_got 2
}

delivered_got() { # RETRIES
  ended 0
  text_out got
  retries "$1"
}

with_its_upload() {
  make_upload 100000
  put 503:auth=digest,digest,201:auth=digest "${login[@]}"
  ended 0
  saw PUT:401 PUT:503 PUT:401 PUT:201
  is "upload" "$(server_lines "$KEY" | awk 'END { print $6 }')" "$UPLOAD_SHA"
}

headers_are_those_of_one_login() {
  get 503:auth=digest,digest,200:auth=digest:body=got -i "${login[@]}"
  is statuses "$(grep -a -o 'HTTP/1.1 [0-9]*' "$tmp/out" | paste -s -d ,)" \
    'HTTP/1.1 401,HTTP/1.1 200'
}

rest_of_a_body_is_asked_for_again() {
  local plan=200:size=2M:etag=v:ranges:auth=digest
  get "$plan:rst@1500K,digest,$plan" "${login[@]}"
  delivered 0 2097152
  saw GET:401 GET:200 GET:401 GET:206
}

# Not more than once, and not where this attempt's own challenge was answered.
# (libcurl answers the second one twice: it takes it for the first again.)
wrong_password_is_not_sent_on() {
  get 503:auth=digest,digest "${login[@]}"
  ended 0
  text_out '401 planned'
  at_least "requests left of 5" $((5 - $(server_count "$KEY"))) 0
  get 503:auth=digest,digest "${login[@]}" -f
  ended 22
  at_least "requests left of 5" $((5 - $(server_count "$KEY"))) 0
  get 503,digest*3 "${login[@]}"
  saw GET:503 GET:401 GET:401
  get 503,basic -u user:secret --anyauth
  saw GET:503 GET:401 GET:401
}

connected() { # STATUSES: the proxy's answers
  is CONNECTs "$(HTTP=$PROXY server_lines connect | awk '{ print $8 }' |
    paste -s -d ' ')" "$1"
}

proxy_forgets_it_too() {
  start_proxy 503:auth=digest,digest,pass:auth=digest
  get 200:body=got -p -x "$PROXY" --proxy-digest -U user:secret
  delivered_got 1
  connected '407 503 407 200'
  start_proxy 503:auth=digest,digest
  get 200:body=got -p -x "$PROXY" --proxy-digest -U user:secret
  saw ''
  at_least "CONNECTs left of 5" $((5 - $(HTTP=$PROXY server_count connect))) 0
}

# libcurl still tells of the challenge (CURLINFO_HTTP_CONNECTCODE).
proxy_is_asked_again_after_a_challenge_that_was_answered() {
  local fault
  for fault in rst close wait=3000; do
    start_proxy "${fault/wait/200:wait}:auth=digest,pass:auth=digest"
    get 200:body=got -p -x "$PROXY" --proxy-digest -U user:secret \
      --connect-timeout 1
    delivered_got 1
    like log "$LOG" "*at proxy ${PROXY#http://} after*"
    saw GET:200
  done
  start_proxy pass:auth=digest
  get 200:body=got -p -x "$PROXY" --proxy-digest -U user:wrong
  saw ''
  connected '407 407'
  get 200:body=got -p -x "$PROXY" --proxy-digest
  is CONNECTs "$(HTTP=$PROXY server_count connect)" 3
}

start_http
run_tests "$0"
