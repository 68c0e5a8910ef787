#!/bin/bash
# Files that curl's command line names and that can be read once: FIFOs, the
# shell's <(...). What libcurl would read anew, and find empty or wait for, is
# not read by a retry: the outcome at hand is curl's.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
export CURLRETRY_METHODS=all

fifo() { # TEXT: makes $FIFO, into which somebody writes it once
  FIFO=$tmp/fifo.$((fifos++))
  mkfifo "$FIFO"
  printf '%s\n' "$1" >"$FIFO" &
  SERVER_PIDS+=("$!")
}
fifos=0

netrc='machine 127.0.0.1 login user password secret'
auth=503:auth=basic,200:auth=basic:body=in

once() { # one request, and its answer is what curl got
  ended 0
  is "requests" "$(server_count "$KEY")" 1
  text_out "503 planned"
}

netrc_from_a_pipe_is_read_once() {
  get "$auth" --netrc-file <(echo "$netrc")
  once
  gave_up "a file can't be read again"
  get "$auth" --netrc-optional --netrc-file <(echo "$netrc")
  once
  fifo "$netrc"
  get "$auth" --netrc-file "$FIFO"
  once
}

netrc_of_a_file_is_read_again() {
  echo "$netrc" >"$tmp/netrc"
  get "$auth" --netrc-file "$tmp/netrc"
  ended 0
  text_out in
  get 503,200:body=in --netrc-file /dev/null
  text_out in
}

form_from_a_pipe_is_sent_once() {
  get 503,201 -F file=@<(echo text)
  once
  get 503,201 -F 'content=<'<(echo text)
  once
  fifo text
  get 503,201 -F text=text -F "file=@$FIFO"
  once
}

form_from_a_pipe_that_broke_is_sent_once() {
  get rst,201 -F file=@<(echo text)
  ended 56
  is requests "$(server_count "$KEY")" 1
}

# curl reads it into memory itself.
form_from_stdin_is_sent_again() {
  make_upload 1000
  new_key
  from_pipe shimmed -F file=@- "$HTTP/$KEY/503,201:body=stored"
  ended 0
  text_out stored
  saw POST:503 POST:201
  is lengths "$(server_lines "$KEY" | cut -d ' ' -f 5 | uniq | wc -l)" 1
}

cookies_from_a_pipe_are_sent_again() {
  get 503,200:body=in -b \
    <(echo 'Set-Cookie: a=b; domain=127.0.0.1; path=/')
  ended 0
  text_out in
  is cookies "$(server_log "$KEY" | grep -c '"cookie": *"a=b"')" 2
}

cookies_from_a_fifo_are_read_once() {
  fifo 'Set-Cookie: a=b; domain=127.0.0.1; path=/'
  get 503,200 -b "$FIFO"
  once
}

# --- certificates ----------------------------------------------------------

tls() { # [OPTION...] PLAN: a server behind a TCP proxy
  needs_certificate || return
  if [ -z "${tls_port-}" ]; then
    mkfifo "$tmp/tls"
    openssl s_server -www -accept 127.0.0.1:0 -key "$tmp/key.pem" \
      -cert "$tmp/cert.pem" >"$tmp/tls" 2>&1 </dev/null &
    SERVER_PIDS+=("$!")
    exec 7<"$tmp/tls"
    tls_port=$(sed -n '/^ACCEPT/{s/.*://p;q}' <&7)
  fi
  start_faulty tcp "${@:1:$#-1}" "$tls_port" "${!#}"
  TLS=https://localhost:$SERVER_PORT/
}

certificate_from_a_pipe_is_read_once() {
  tls rst@1500,pass || return
  shimmed -o /dev/null --cacert <(cat "$tmp/cert.pem") "$TLS"
  ended 56
  gave_up "a file can't be read again"
  tls rst@1500,pass
  shimmed -k -o /dev/null --cert <(cat "$tmp/cert.pem") \
    --key <(cat "$tmp/key.pem") "$TLS"
  ended 56
  gave_up "a file can't be read again"
}

certificate_of_a_file_is_read_again() {
  tls rst@1500,pass || return
  shimmed -o /dev/null --cacert "$tmp/cert.pem" "$TLS"
  ended 0
  retries 1
}

# It is read when there is a connection: the port refuses until the shim has
# said that it retries.
unread_certificate_is_read_by_a_retry() {
  : >"$tmp/err"
  tls --listen-when "$tmp/err" pass || return
  CURLRETRY_BASE_DELAY=300ms CURLRETRY_JITTER=none \
    shimmed -o /dev/null --cacert <(cat "$tmp/cert.pem") "$TLS"
  ended 0
  at_least retries "$(retry_lines)" 1
}

run_tests "$0"
