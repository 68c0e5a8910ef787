#!/bin/bash
# Which connection a retry takes: the old one, a fresh one in place of the old
# one, another address; and no more than the program and the server can give.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

# lines TEXT: how many of these the server's log has.
lines() { grep -c "$1" "$tmp/served"; }

# --- a server that serves one connection at a time ---------------------------

server_of_one_connection_gives_its_answer() {
  local fresh
  have "$PYTHON" || return
  for fresh in auto always never; do
    serve_python single_server.py http "$tmp/served"
    CURLRETRY_FRESH_CONNECT=$fresh shimmed -m 10 -w '%{http_code}' \
      "http://127.0.0.1:$PORTS/x"
    ended 0
    is "output with $fresh" "$(cat "$tmp/out")" $'busy\n503'
    is "requests with $fresh" "$(lines GET)" 4
  done
}

server_of_one_ftp_session_gives_its_reply() {
  have "$PYTHON" || return
  serve_python single_server.py ftp "$tmp/served"
  shimmed -m 10 "ftp://127.0.0.1:$PORTS/x"
  ended 19
  is "RETR" "$(lines RETR)" 4
  is "logins" "$(lines USER)" 1
}

# The retry hangs until a bound of ours ends it.
own_bounds_do_not_replace_an_answer() {
  local bound
  for bound in STALL_TIMEOUT=1s MAX_TIME=2s; do
    export "CURLRETRY_$bound"
    CURLRETRY_MAX_RETRIES=1 get 503:body=busy,hang -m 20 -w '%{http_code}'
    ended 0
    text_out busy503
    saw GET:503 GET:0
    CURLRETRY_MAX_RETRIES=1 get rst,hang -m 20
    ended 56
    CURLRETRY_MAX_RETRIES=1 get 503:body=busy,hang -m 20 -f
    ended 22
    unset "CURLRETRY_${bound%=*}"
  done
}

# --- repeated at once, but not for ever --------------------------------------

streams_that_are_reset_end_the_call() {
  local fresh
  have "$PYTHON" || return
  has_feature HTTP2 || return
  for fresh in auto never; do
    serve_python single_server.py h2 "$tmp/served"
    CURLRETRY_FRESH_CONNECT=$fresh shimmed --http2-prior-knowledge \
      "http://127.0.0.1:$PORTS/x"
    ended 92
    at_least "streams with $fresh" "$(lines stream)" 4
    at_most "streams with $fresh" "$(lines stream)" 7
    retries 3
  done
}

code_without_a_connection_is_counted() {
  CURLRETRY_ON=default,curl:45 shimmed -v --interface 'if!nosuch0' \
    "$HTTP/x/200"
  ended 45
  is attempts "$(grep -c Trying "$tmp/err")" 4
}

# --- what the program has one of ---------------------------------------------

own_socket_is_asked_for_once() {
  local how setting
  compile own_socket own_socket.c -lcurl || return
  for how in same once; do
    for setting in FRESH_CONNECT=auto FRESH_CONNECT=always CLOSE_IDLE=1; do
      new_key
      host "CURLRETRY_$setting" "$tmp/own_socket" \
        "$HTTP/$KEY/503*3,200" "$how"
      text_out '0 200, opened 1, closed 1, well'
      saw GET:503 GET:503 GET:503 GET:200
      on_connections 1 1 1 1
    done
  done
}

# That one is closed by then, and its number is a file of the program's.
own_socket_is_not_asked_for_after_a_failure() {
  local how
  compile own_socket own_socket.c -lcurl || return
  for how in same once; do
    new_key
    host "$tmp/own_socket" "$HTTP/$KEY/rst,200" "$how"
    text_out '56 0, opened 1, closed 1, well'
    saw GET:0
    new_key
    host "$tmp/own_socket" "$HTTP/$KEY/503:connclose,200" "$how"
    text_out '0 503, opened 2, closed 1, well'
    saw GET:503
  done
}

# Nobody had a socket of the program's yet.
own_socket_is_asked_for_after_a_name_that_is_not_resolved() {
  local how fault
  compile own_socket own_socket.c -lcurl || return
  for how in same once made; do
    for fault in dns connect reset 503; do
      new_key
      CURLRETRY_FAULTS=$fault:first=1 host "$tmp/own_socket" \
        "$HTTP/$KEY/200" "$how"
      text_out '0 200, opened 1, closed 1, well'
      saw GET:200
    done
  done
  host "$tmp/own_socket" http://nowhere.invalid/ same
  text_out '6 0, opened 0, closed 0, well'
  retries 3
}

# Rust's curl does so.
socket_that_is_made_each_time_is_asked_for_again() {
  compile own_socket own_socket.c -lcurl || return
  new_key
  host "$tmp/own_socket" "$HTTP/$KEY/rst,200:rst@100,200" made
  text_out '0 200, opened 3, closed 3, well'
  saw GET:0 GET:200 GET:200
  retries 2
  new_key
  host bash -c 'ulimit -n 200; exec "$@"' bash "$tmp/own_socket" \
    "$HTTP/$KEY/rst,200" made
  text_out '0 200, opened 2, closed 2, well'
  new_key
  # shellcheck disable=SC2016
  host bash -c 'ulimit -n 2000 && for ((i = 10; i < 1500; i++)); do
      eval "exec $i</dev/null"; done; exec "$@"' bash "$tmp/own_socket" \
    "$HTTP/$KEY/rst,503:connclose,200" made
  text_out '0 200, opened 3, closed 3, well'
  new_key
  host "$tmp/own_socket" "$HTTP/$KEY/rst,200" dropped
  text_out '0 200, opened 1, closed 2, well'
  new_key
  host "$tmp/own_socket" "$HTTP/$KEY/503*2,200" made # FRESH_CONNECT=auto
  saw GET:503 GET:503 GET:200
  on_connections 1 1 2
}

# It is believed of what is made before; what comes is looked at, too.
socket_that_was_made_once_is_not_taken_again() {
  compile own_socket own_socket.c -lcurl || return
  new_key
  host "$tmp/own_socket" "$HTTP/$KEY/rst,200" turned
  text_out '56 0, opened 2, closed 1, well'
  saw GET:0
  retries 1
  new_key
  host "$tmp/own_socket" "$HTTP/$KEY/503:connclose,200" turned
  text_out '0 503, opened 2, closed 1, well'
  saw GET:503
}

own_port_is_used_once() {
  local port tries setting
  for setting in FRESH_CONNECT=auto FRESH_CONNECT=always CLOSE_IDLE=1; do
    for tries in 1 2 3 4 5; do # till it is a free one
      port=$((10000 + (RANDOM % 5000) * 2)) # the soak's are from 20000 on
      new_key
      bare --local-port "$port" "$HTTP/$KEY/200"
      [ "$RC" -ne 0 ] || break
    done
    new_key
    export "CURLRETRY_$setting"
    shimmed --local-port $((port + 1)) -w '%{http_code}' \
      "$HTTP/$KEY/503:body=x"
    unset "CURLRETRY_${setting%=*}"
    ended 0
    text_out x503
    on_connections 1 1 1 1
  done
}

# --- another address ---------------------------------------------------------

# Chosen by chance, so that it may be the sick one again: one call of nine.
sick_backend_is_left() {
  local how good call
  have "$PYTHON" || return
  compile addresses.so addresses.c -shared -fPIC || return
  for how in rst 503; do
    serve_python backends.py $how "$tmp/served"
    good=0
    for call in 1 2 3 4 5 6 7 8; do
      SANITIZER="$tmp/addresses.so " shimmed -f "http://svc.test:$PORTS/$call"
      [ "$(cat "$tmp/out")" != hello ] || good=$((good + 1))
    done
    at_least "calls of 8 that $how let succeed" "$good" 3
  done
}

# curl's transfers share a DNS cache: --next has what --resolve put there.
address_that_another_transfer_was_given_stays() {
  local url=http://a.test:$HTTP_PORT status=(-w '%{http_code} ')
  local how
  for how in bare shimmed; do
    new_key
    $how "${status[@]}" --resolve "+a.test:$HTTP_PORT:127.0.0.1" \
      -H 'Connection: close' "$url/$KEY-1/200:body=1" --next \
      "${status[@]}" "$HTTP/$KEY/rst,200:body=2" --next \
      "${status[@]}" -H 'Connection: close' "$url/$KEY-2/200:body=3"
    ended 0
    [ "$how" = bare ] || text_out '1200 2200 3200 '
    like "output of $how" "$(cat "$tmp/out")" '1200 *3200 '
  done
}

# --- another protocol --------------------------------------------------------

# curl prints header lines of some protocols alone: it asks which one it is.
greeting_behind_a_redirect_is_of_its_own_protocol() {
  local plan
  have "$PYTHON" || return
  serve_python mail_server.py imap "$tmp/imap.log"
  plan=302:loc=imap%3A%2F%2F127.0.0.1%3A$PORTS%2Fx
  new_key
  bare -i -L --proto-redir =imap "$HTTP/$KEY/$plan"
  ended 0
  grep -v '^Date' "$tmp/out" >"$tmp/bare"
  like "bare output" "$(cat "$tmp/bare")" 'HTTP/1.1 302*'
  new_key
  shimmed -i -L --proto-redir =imap "$HTTP/$KEY/$plan"
  ended 0
  is "what differs" "$(grep -v '^Date' "$tmp/out" | diff "$tmp/bare" -)" ''
  new_key
  shimmed -i -L --proto-redir =imap "$HTTP/$KEY/503,$plan"
  is "what differs after a retry" \
    "$(grep -v '^Date' "$tmp/out" | diff "$tmp/bare" -)" ''
}

run_tests "$0"
