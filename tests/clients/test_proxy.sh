#!/bin/bash
# A proxy that refuses CONNECT: it is asked again when it says so, and the
# line in the log has its address, not a password.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

# tunnel PLAN [ARG...]: a GET through a proxy with this plan. Sets CONNECTS
# and SPAN, the ms from the first to the last.
tunnel() { # PLAN [ARG...]
  start_proxy "$1"
  get 200:body=got -p -x "http://user:secret@127.0.0.1:$PROXY_PORT" "${@:2}"
  CONNECTS=$(HTTP=$PROXY server_count connect)
  SPAN=$(HTTP=$PROXY KEY=connect span_ms)
}

refused() { # libcurl's code for it: 7 from 8.22 on
  [ "$RC" = 7 ] || ended 56
}

proxy_is_asked_again_when_it_says() {
  local after
  for after in 1 date+3; do
    tunnel "503:ra=$after,pass"
    ended 0
    text_out got
    is CONNECTs "$CONNECTS" 2
    at_least "ms waited for $after" "$SPAN" 1000
  done
  tunnel 407:ra=1,429:ra=1,pass
  refused
  is CONNECTs "$CONNECTS" 1
}

proxy_that_says_nothing_of_use_is_asked_again_at_once() {
  local after
  for after in 0 date-100 soon; do
    tunnel "503:ra=$after,pass"
    ended 0
    is CONNECTs "$CONNECTS" 2
    at_least "ms left of 1500 for $after" $((1500 - SPAN)) 0
  done
}

proxy_that_says_much_later_is_not_waited_for() {
  local after
  for after in 61 3600 date+3600 99999999999999999999; do
    tunnel "503:ra=$after,pass"
    refused
    is "CONNECTs with $after" "$CONNECTS" 1
    gave_up Retry-After
  done
  CURLRETRY_RETRY_AFTER=off tunnel 503:ra=3600,pass
  ended 0
}

log_names_the_proxy() {
  tunnel 503,pass
  like log "$LOG" "*: status 503 at proxy 127.0.0.1:$PROXY_PORT after *ms*"
  like log "${LOG//secret/}" "$LOG"
  CURLRETRY_MAX_RETRIES=1 tunnel 503
  refused
  gave_up "status 503 at proxy 127.0.0.1:$PROXY_PORT after *ms*; "
  get 200 -x http://no-such-proxy.invalid
  ended 5
  like log "$LOG" '*: dns (5) at proxy no-such-proxy.invalid:1080 after '*
}

log_does_not_name_a_proxy_that_did_its_work() {
  start_proxy pass
  get 503,200:body=got -p -x "$PROXY"
  text_out got
  like log "$LOG" "*: status 503 after *ms (*, proxy 127.0.0.1:$PROXY_PORT)"
}

run_tests "$0"
