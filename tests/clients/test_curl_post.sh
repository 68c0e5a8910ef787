#!/bin/bash
# What must not be sent twice is sent once, unless nothing of it was sent or
# the program or the policy said that it may be.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# --- once ------------------------------------------------------------------

post_is_sent_once_whatever_happens() {
  local fault
  for fault in 500 503 429:ra=1 408 close rst rst@head 200:close@500 \
    200:rst@500; do
    get "$fault,200" -d a=b
    is "requests after $fault" "$(server_count "$KEY")" 1
  done
}

post_whose_headers_break_off_is_sent_once() {
  get 201:close@head -d a=b -w '%{http_code}' -o /dev/null
  ended 0
  text_out 201
  saw POST:201
}

post_gets_its_answer_whole() {
  get 503:size=3M,200 -d a=b
  delivered 0 3145728
  saw POST:503
}

post_gets_its_failure() {
  get 200:size=5000:rst@3000,200 -d a=b -i
  ended 56
  saw POST:200
  is bytes "$(sed '1,/^\r$/d' "$tmp/out" | wc -c)" 3000
}

post_that_is_not_repeated_says_so_once() {
  local fault
  for fault in rst 200:rst@500 503; do
    get "$fault,200" -d a=b
    is "log lines after $fault" "$(grep -c . <<<"$LOG")" 1
    gave_up "must not be sent twice"
  done
}

post_broken_while_sending_is_sent_once() {
  get uprst@100000,200 --data-binary "@$UPLOAD"
  is requests "$(server_count "$KEY")" 1
}

form_is_sent_once() {
  get 503,200 -F "file=@$UPLOAD"
  saw POST:503
}

post_from_a_pipe_is_sent_once() {
  put 503,200 -X POST
  received POST:503:whole
}

# on_a_dead_connection ARG...: an upload on a connection that the server
# closes when it has the body.
on_a_dead_connection() { # ARG...
  new_key
  local url=$HTTP/$KEY/200:body=x,close,201:body=stored
  from_pipe shimmed "$url" --next -sS -H Expect: "$@" "$url"
}

# libcurl itself repeats it, if what is kept lets it.
post_on_a_dead_connection_is_sent_once() {
  on_a_dead_connection -X POST -T -
  ended 65
  received GET:200:none POST:0:whole
  on_a_dead_connection -X PATCH -T -
  ended 65
  received GET:200:none PATCH:0:whole
}

request_on_a_dead_connection_is_repeated_where_it_may_be() {
  on_a_dead_connection -T -
  ended 0
  received GET:200:none PUT:0:whole PUT:201:whole
  on_a_dead_connection -X POST -H 'Idempotency-Key: 1' -T -
  ended 0
  received GET:200:none POST:0:whole POST:201:whole
  CURLRETRY_METHODS=POST on_a_dead_connection -X POST -T -
  ended 0
  received GET:200:none POST:0:whole POST:201:whole
}

# Nor do we stand in its way where it can without us.
program_that_can_rewind_is_left_to_libcurl() {
  on_a_dead_connection -X POST -T "$UPLOAD"
  ended 0
  received GET:200:none POST:0:whole POST:201:whole
}

patch_is_sent_once() {
  get 503,200 -X PATCH -d x
  saw PATCH:503
}

# libcurl says GET after a 303: the call began with a POST all the same.
post_303_503_is_one_post() {
  server_plan after 503,200
  get 303:to=after,303:to=after -L -d a=b
  ended 0
  saw POST:303
  KEY=after
  saw GET:503
}

post_303_reset_is_one_post() {
  server_plan reset rst,200
  get 303:to=reset:connclose -L -d a=b
  ended 56
  saw POST:303
  KEY=reset
  saw GET:0
}

post_302_to_a_port_that_refuses_is_one_post() {
  start_dead refuse
  get "302:loc=http%3A%2F%2F127.0.0.1%3A$DEAD_PORT%2F,200" -L -d a=b
  ended 7
  saw POST:302
}

post_307_503_is_one_call() {
  get 307,503,307,200 -L -d a=b
  saw POST:307 POST:503
}

post_with_a_digest_round_is_sent_once() {
  get 503:auth=digest,200:auth=digest --digest -u user:secret -d a=b
  ended 0
  saw POST:401 POST:503
}

# --- twice -----------------------------------------------------------------

idempotency_key_allows_a_repetition() {
  local name fault
  for name in Idempotency-Key X-Idempotency-Key idempotency-key; do
    for fault in 503 rst uprst@1; do
      get "$fault,200:size=50" -d a=b -H "$name: 1"
      delivered 0 50
      is requests "$(server_count "$KEY")" 2
      retries 1
    done
  done
}

idempotency_key_without_a_value_is_none() {
  get 503,200 -d a=b -H 'Idempotency-Key:'
  saw POST:503
}

methods_all_repeats_a_post() {
  local fault
  for fault in 503 rst 200:size=50:close@20; do
    CURLRETRY_METHODS=all get "$fault,200:size=50" -d a=b
    delivered 0 50
    is requests "$(server_count "$KEY")" 2
  done
}

methods_all_repeats_the_same_body() {
  UPLOAD_SHA=$(printf a=b | sha256sum | cut -d ' ' -f 1)
  CURLRETRY_METHODS=all get 503,rst,200 -d a=b
  received POST:503:whole POST:0:whole POST:200:whole
  make_upload 300000
  CURLRETRY_METHODS=all get 503,200 --data-binary "@$UPLOAD"
  received POST:503:whole POST:200:whole
  UPLOAD_SHA=$(sha "$UPLOAD")
  CURLRETRY_METHODS=all put 503,uprst@70000,200 -X POST
  received POST:503:whole POST:0:part POST:200:whole
}

methods_all_repeats_a_form() {
  CURLRETRY_METHODS=all get 503,200 -F "file=@$UPLOAD" -F name=value
  ended 0
  saw POST:503 POST:200
  is "forms' lengths" "$(server_lines "$KEY" | cut -d ' ' -f 5 | uniq |
    wc -l)" 1
}

methods_all_repeats_a_post_and_its_redirect() {
  server_plan again 503,200:size=50
  CURLRETRY_METHODS=all get 303:to=again -L -d a=b
  ended 0
  body 50 again
  saw POST:303 POST:303
}

methods_list_is_honoured() {
  CURLRETRY_METHODS=POST get 503,200 -d a=b
  saw POST:503 POST:200
  CURLRETRY_METHODS=POST get 503,200
  saw GET:503
  CURLRETRY_METHODS='idempotent,!DELETE' get 503,200 -X DELETE
  saw DELETE:503
  CURLRETRY_METHODS=idempotent,PATCH get 503,200 -X PATCH -d x
  saw PATCH:503 PATCH:200
}

# --- narrowed --------------------------------------------------------------

method_narrowed_to_statuses_is_repeated_after_those() {
  local status fault
  export CURLRETRY_METHODS=idempotent,POST:429+503
  for status in 429 503; do
    get "$status,200:size=50" -d a=b
    delivered 0 50
    saw POST:$status POST:200
    retries 1
  done
  for fault in rst 500 close 200:size=50:rst@20; do
    get "$fault,200" -d a=b
    is "requests after $fault" "$(server_count "$KEY")" 1
    gave_up '(METHODS)'
  done
  get 503:connclose,rst,200 -d a=b
  saw POST:503 POST:0
  gave_up '(METHODS)'
  get rst,500,200
  saw GET:0 GET:500 GET:200
  unset CURLRETRY_METHODS
}

# The 503 is the GET's, and the POST was done.
status_of_a_redirect_is_not_the_posts() {
  server_plan made 503,200
  CURLRETRY_METHODS=POST:503 get 303:to=made,200 -L -d a=b
  saw POST:303
  gave_up '(METHODS)'
  CURLRETRY_METHODS=POST:503 get 307:next,503,307:next,200 -L -d a=b
  saw POST:307 POST:503 POST:307 POST:200
}

method_narrowed_to_urls_is_repeated_there() {
  local url=http://user:word@localhost:${HTTP##*:}
  new_key
  CURLRETRY_METHODS="POST@HTTP://LocalHost:*/$KEY/*" \
    shimmed -d a=b "$url/$KEY/503:connclose,rst,200:size=50?q=/x"
  delivered 0 50
  saw POST:503 POST:0 POST:200
  CURLRETRY_METHODS="POST@$HTTP/search*" get 503,200 -d a=b
  saw POST:503
  gave_up '(METHODS)'
  CURLRETRY_METHODS='all,!POST@*/call*' get 503,200 -d a=b
  saw POST:503
  CURLRETRY_METHODS='POST:503@*/call*' get 503:connclose,rst,200 -d a=b
  saw POST:503 POST:0
  new_key
  CURLRETRY_METHODS="POST@$HTTP/$KEY/*" \
    shimmed -d a=b "${HTTP#http://}/$KEY/503,200"
  saw POST:503 POST:200
}

# The redirect's target doesn't count.
method_narrowed_to_urls_looks_at_the_first() {
  server_plan target 503,200
  CURLRETRY_METHODS='POST@*/call*' get 307:to=target,307:to=target -L -d a=b
  saw POST:307 POST:307
  server_plan other 503,200
  CURLRETRY_METHODS='POST@*/other' get 307:to=other,200 -L -d a=b
  saw POST:307
}

reads_of_git_are_repeated() {
  local fault type='Content-Type: application/x-git'
  for fault in 503 rst; do
    get "$fault,200:size=50" -d a=b -H "$type-upload-pack-request"
    delivered 0 50
    is requests "$(server_count "$KEY")" 2
    get "$fault,200" -d a=b -H "$type-receive-pack-request"
    is requests "$(server_count "$KEY")" 1
  done
}

delete_and_options_are_repeated() {
  local method
  for method in DELETE OPTIONS TRACE; do
    get 503,200 -X $method
    saw $method:503 $method:200
  done
}

# --- nothing was sent ------------------------------------------------------

# start_refusing: sets HTTP, whose port refuses until the shim has said that it
# retries.
start_refusing() { # no arguments
  : >"$tmp/err"
  start_faulty http --listen-when "$tmp/err"
  HTTP=http://127.0.0.1:$SERVER_PORT
}

post_is_repeated_when_the_connection_was_refused() {
  local HTTP=$HTTP
  start_refusing
  CURLRETRY_JITTER=none CURLRETRY_BASE_DELAY=300ms \
    get 200:size=5000 -d a=b
  delivered 0 5000
  saw POST:200
  at_least retries "$(retry_lines)" 1
}

upload_is_repeated_when_the_connection_was_refused() {
  local HTTP=$HTTP
  start_refusing
  CURLRETRY_JITTER=none CURLRETRY_BASE_DELAY=300ms put 200 -X POST
  ended 0
  received POST:200:whole
  at_least retries "$(retry_lines)" 1
}

via() { # PLAN [ARG...]: a POST through a CONNECT proxy with this plan
  start_proxy "$1"
  get 200:size=5000 -p -x "$PROXY" -d a=b "${@:2}"
}

post_is_repeated_when_connect_was_answered_503() {
  via 503,200
  delivered 0 5000
  saw POST:200
  is CONNECTs "$(HTTP=$PROXY server_count connect)" 2
  retries 1
}

post_is_repeated_when_connect_broke() {
  via rst,200
  delivered 0 5000
  saw POST:200
  is CONNECTs "$(HTTP=$PROXY server_count connect)" 2
}

post_is_not_repeated_when_connect_was_answered_403() {
  local status
  for status in 403 407; do
    via $status,200
    like "exit code" "$RC" '@(56|7)' # of later ones 7
    saw
    is CONNECTs "$(HTTP=$PROXY server_count connect)" 1
  done
}

post_through_a_tunnel_is_sent_once() {
  local plan
  start_proxy 200
  for plan in 503 rst; do
    get "$plan,200" -p -x "$PROXY" -d a=b
    is requests "$(server_count "$KEY")" 1
  done
}

run_tests "$0"
