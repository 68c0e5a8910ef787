#!/bin/bash
# A proxy that refuses CONNECT: it is asked again when it says so, and the
# line in the log has its address, not a password. Of two it is the one that
# failed, and no host that does without it; and with --connect-to the line says
# where it went.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

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
    at_most "ms to wait for $after" "$(wait_in_log)" 20
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

# ftp has a tunnel for its data, too, which libcurl asks for twice: by EPSV and
# by PASV.
proxy_may_refuse_the_data_of_ftp() {
  printf 'one\r\n' >"$tmp/one"
  have "$PYTHON" || return
  serve_python ftp_text.py "$tmp/one"
  start_proxy pass,403
  shimmed -p -x "$PROXY" "ftp://127.0.0.1:$PORTS/x"
  refused
  retries 0
  is CONNECTs "$(HTTP=$PROXY server_count connect)" 3
  start_proxy pass,503*2,pass
  shimmed -p -x "$PROXY" "ftp://127.0.0.1:$PORTS/x"
  ended 0
  like log "$LOG" "*: status 503 at proxy 127.0.0.1:$PROXY_PORT after *"
}

log_names_the_proxy() {
  tunnel 503,pass
  like log "$LOG" "*: status 503 at proxy 127.0.0.1:$PROXY_PORT after *s*"
  like log "${LOG//secret/}" "$LOG"
  CURLRETRY_MAX_RETRIES=1 tunnel 503
  refused
  gave_up "status 503 at proxy 127.0.0.1:$PROXY_PORT after *s*; "
  get 200 -x http://no-such-proxy.invalid
  ended 5
  like log "$LOG" '*: dns (5) at proxy no-such-proxy.invalid:1080 after '*
}

log_does_not_name_a_proxy_that_did_its_work() {
  start_proxy pass
  get 503,200:body=got -p -x "$PROXY"
  text_out got
  like log "$LOG" "*: status 503 after *s (*, proxy 127.0.0.1:$PROXY_PORT)"
}

# --- two of them -----------------------------------------------------------

# blamed RC WHO [ARG...]: no request came, and that is whose fault it is.
blamed() { # RC WHO [ARG...]
  CURLRETRY_MAX_RETRIES=1 get 200 "${@:3}"
  ended "$1"
  is "exit code and who, with ${*:3}" "$RC $(sed -n \
    's/.* [a-z]* ([0-9]*)\( at proxy [^ ]*\)\{0,1\} after .*/\1/p' <<<"$LOG" |
    sort -u)" "$1${2:+ }${2:+ at proxy $2}"
  saw ''
}

dead_one_in_front_is_blamed() {
  local way
  start_dead refuse
  start_proxy pass
  for way in '' "-x $PROXY" "-p -x $PROXY"; do
    # shellcheck disable=SC2086 # a list of words
    blamed 7 "127.0.0.1:$DEAD_PORT" \
      --preproxy "socks5://127.0.0.1:$DEAD_PORT" $way
  done
}

name_of_one_in_front_is_blamed() {
  local way
  start_proxy pass
  for way in '' "-x $PROXY"; do
    # shellcheck disable=SC2086 # a list of words
    get 200 --preproxy socks5h://no-such-proxy.invalid $way
    like "log with '$way'" "$LOG" \
      '*: dns ([56]) at proxy no-such-proxy.invalid:1080 after *'
  done
  get 200 -x socks5h://no-such-proxy.invalid
  like log "$LOG" '*: dns ([56]) at proxy no-such-proxy.invalid:1080 after *'
}

one_in_front_tells_of_the_one_behind() {
  serve_python socks_server.py
  start_dead refuse
  blamed 97 "127.0.0.1:$PORTS" --preproxy "socks5://127.0.0.1:$PORTS" \
    -x "$DEAD"
}

one_behind_that_refuses_is_blamed() {
  serve_python socks_server.py
  start_proxy 503,pass
  get 200:body=got -p -x "$PROXY" --preproxy "socks5://127.0.0.1:$PORTS"
  text_out got
  like log "$LOG" "*: status 503 at proxy 127.0.0.1:$PROXY_PORT after *s*"
}

two_that_did_their_work_are_not_blamed() {
  serve_python socks_server.py
  start_proxy pass
  get 503,200:body=got -x "$PROXY" --preproxy "socks5://127.0.0.1:$PORTS"
  text_out got
  like log "$LOG" "*: status 503 after *s (127.0.0.1:$PORTS, proxy \
127.0.0.1:$PROXY_PORT)"
  get 503,200:body=got --preproxy "socks5://127.0.0.1:$PORTS"
  text_out got
  like log "$LOG" "*: status 503 after *s (127.0.0.1:$PORTS, proxy \
127.0.0.1:$PORTS)"
}

another_of_socks_is_none() {
  local way
  serve_python socks_server.py
  start_dead refuse
  for way in "-x SOCKS5://127.0.0.1:$DEAD_PORT" \
    "--socks5 127.0.0.1:$DEAD_PORT"; do
    # shellcheck disable=SC2086 # a list of words
    get 503,200:body=got --preproxy "socks5://127.0.0.1:$PORTS" $way
    [ "$RC" = 5 ] && continue
    text_out got
    like "log with $way" "$LOG" "*: status 503 after *s (127.0.0.1:$PORTS, \
proxy 127.0.0.1:$PORTS)"
  done
  [ -n "$asserted" ] || reason='this libcurl refuses two SOCKS proxies'
}

# --- what is no proxy ------------------------------------------------------

# libcurl takes "user" as the host, and refuses the rest.
slash_in_a_password_shows_no_user() {
  local way trace=$tmp/slash.trace
  for way in http://sesame:open/12@127.0.0.1 'sesame:open?12@127.0.0.1'; do
    CURLRETRY_TRACE=$trace CURLRETRY_MAX_RETRIES=1 get 200 -m 5 -x "$way"
    like "log with $way" "$LOG" '*giving up after *'
    is "users in log and trace with $way" \
      "$(cat "$trace" - <<<"$LOG" | grep -c sesame)" 0
  done
}

# The host's port is the proxy's: what fails there is not the proxy's fault.
host_that_no_proxy_names_is_not_its_proxy() {
  local stock=("$CURL_PROGRAM" -q -sS)
  start_tcp "$HTTP_PORT" rst@0
  no_proxy=a.test left_out
  NO_PROXY='*' left_out
  left_out --noproxy .test
}

# left_out [ARG...]: a TLS handshake with the host itself that fails. Later
# libcurls don't know its address then.
left_out() { # [ARG...]
  CURLRETRY_MAX_RETRIES=1 https_proxy=http://127.0.0.5:$TCP_PORT shimmed "$@" \
    --resolve "a.test:$TCP_PORT:127.0.0.1" "https://a.test:$TCP_PORT/"
  ended 35
  like "log with $*" "$LOG" "*: tls (35) after *s*: *"
  is "proxies named with $*" "$(grep -c proxy <<<"$LOG")" 0
}

# --- another host than the URL's -------------------------------------------

line_says_where_connect_to_led() {
  start_dead refuse
  new_key
  shimmed --connect-to "a.test:80:127.0.0.1:$HTTP_PORT" \
    "http://a.test/$KEY/503,200:body=got"
  text_out got
  like log "$LOG" "*: status 503 after *s (127.0.0.1:$HTTP_PORT)"
  shimmed --connect-to "a.test:80:127.0.0.1:$DEAD_PORT" http://a.test/
  ended 7
  like log "$LOG" "*: connect (7) after *: Failed to connect to * \
*$DEAD_PORT after *"
  shimmed --connect-to a.test:80:no-such-host.invalid:80 http://a.test/
  ended 6
  like log "$LOG" "*: dns (6) after *: Could* resolve host: \
@(no-such-host.invalid|a.test); retries exhausted"
}

run_tests "$0"
