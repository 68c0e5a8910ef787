#!/bin/bash
# Uploads over HTTP/2, whose server refuses streams and connections; through
# CONNECT proxies; with TCP Fast Open; from the middle of a file. A tool that
# isn't there is a skipped test.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

# --- HTTP/2 ----------------------------------------------------------------

# http2 RUNNER PLAN [ARG...]: an upload from a pipe. The log is in $tmp/http2.
http2() { # RUNNER PLAN [ARG...]
  : >"$tmp/http2"
  serve_python http2_server.py "$tmp/http2" "$2"
  from_pipe "$1" --http2-prior-knowledge -T - "${@:3}" \
    "http://127.0.0.1:$PORTS/"
}

needs_http2() { # the server's library, and curl's
  have_output python3-h2 "$PYTHON" -c 'import h2' && has_feature HTTP2
}

# requests2 KIND:BODY...: what the server saw; BODY: whole, or how many bytes
# there were at least.
requests2() { # KIND:BODY...
  local kind length sum wanted=("$@") index=0
  while read -r _ kind _ length sum; do
    case ${wanted[index]-nothing} in
    "$kind:whole") is "bytes of a $kind" "$sum" "$UPLOAD_SHA" ;;
    "$kind:"*) at_least "bytes of a $kind" "$length" "${wanted[index]#*:}" ;;
    *) is "request $index" "$kind" "${wanted[index]-nothing}" ;;
    esac
    index=$((index + 1))
  done <"$tmp/http2"
  is requests $index $#
}

# libcurl itself repeats it, which needs a rewind: the shim's own is used.
refused_stream_is_repeated_from_a_pipe() {
  local at
  needs_http2 || return
  for at in 0 1 100000 299999; do
    http2 shimmed "refuse@$at,201"
    ended 0
    text_out answered
    requests2 "refuse:$at" 201:whole
    silent
  done
}

# With 7.88 it is the same code as of an upload that RESUME_FROM leaves nothing
# of.
end_before_the_answer_is_repeated_from_the_middle() {
  local way step method steps
  needs_http2 || return
  for way in get put; do
    : >"$tmp/http2"
    step=416 method=GET steps=()
    [ $way = get ] || { step=201 method=PUT && steps=(-T "$UPLOAD"); }
    serve_python http2_server.py "$tmp/http2" "leave,$step"
    shimmed --http2-prior-knowledge -C 10 "${steps[@]}" \
      "http://127.0.0.1:$PORTS/"
    ended 0
    retries 1
    is requests "$(cut -d ' ' -f 1,2 "$tmp/http2" | xargs)" \
      "$method leave $method $step"
  done
}

# An answer without a body is not over with its headers.
end_after_the_headers_is_repeated() {
  local upload
  needs_http2 || return
  for upload in '' "$UPLOAD"; do
    : >"$tmp/http2"
    serve_python http2_server.py "$tmp/http2" "unended@${upload:+300000},200"
    shimmed --http2-prior-knowledge -i ${upload:+-T "$upload"} \
      "http://127.0.0.1:$PORTS/"
    ended 0
    retries 1
    is "status lines and bodies" "$(grep -c '^HTTP/2 200\|^answered' \
      "$tmp/out")" 2
    is steps "$(cut -d ' ' -f 2 "$tmp/http2" | xargs)" 'unended 200'
    is bodies "$(cut -d ' ' -f 5 "$tmp/http2" | uniq | wc -l)" 1
  done
}

upload_without_a_rest_is_not_repeated() {
  new_key
  shimmed -C 10000000 -T "$UPLOAD" "$HTTP/$KEY/201"
  ended 18
  retries 0
}

unshimmed_curl_cannot_repeat_a_refused_stream() {
  needs_http2 || return
  libcurl_from 8.7 8.14 && reason="libcurl goes on without the bytes" && return
  http2 bare refuse@100000,201
  like "exit code" "$RC" '[56]5' # libcurl 8.3 doesn't tell it from a failure
  requests2 refuse:100000
}

# By libcurl or, where it doesn't (7.88: 16), by the shim.
refused_connection_is_repeated_from_a_pipe() {
  local at
  needs_http2 || return
  if ! libcurl_from 8.7 8.14; then # it goes on without the bytes
    http2 bare goaway@100000,201
    at_least "exit code unshimmed" "$RC" 1
    requests2 goaway:100000
  fi
  for at in 1 100000 299999; do
    http2 shimmed "goaway@$at,201"
    ended 0
    text_out answered
    requests2 "goaway:$at" 201:whole
  done
}

refused_streams_and_failures_mix() {
  needs_http2 || return
  http2 shimmed refuse@100000,reset@150000,503,refuse@200000,201
  ended 0
  requests2 refuse:100000 reset:150000 503:whole refuse:200000 201:whole
  retries 2
}

refused_stream_over_tls_is_repeated_from_a_pipe() {
  needs_http2 && needs_certificate || return
  : >"$tmp/http2"
  serve_python http2_server.py "$tmp/http2" \
    refuse@100000,503,refuse@200000,201 "$tmp/cert.pem" "$tmp/key.pem"
  from_pipe shimmed -T - -k --http2 "https://127.0.0.1:$PORTS/"
  ended 0
  requests2 refuse:100000 503:whole refuse:200000 201:whole
  retries 1
}

# A refused stream was not processed: libcurl sends a POST again by itself,
# and the shim lets it; one that broke otherwise may have been.
post_on_a_refused_stream_is_libcurls() {
  needs_http2 || return
  http2 shimmed refuse@100000,201 -X POST
  ended 0
  requests2 refuse:100000 201:whole
  silent
  http2 shimmed refuse@100000,reset@200000,201 -X POST
  ended 92
  requests2 refuse:100000 reset:200000
  gave_up "must not be sent twice"
}

# The 101 that leads to HTTP/2 is no answer yet.
upgrade_to_http2_is_retried() {
  needs_http2 || return
  : >"$tmp/http2"
  serve_python http2_server.py "$tmp/http2" 503,200
  shimmed --http2 "http://127.0.0.1:$PORTS/"
  ended 0
  text_out answered
  is requests "$(cut -d ' ' -f 1,2 "$tmp/http2" | paste -s -d ,)" \
    'GET 503,GET 200'
  retries 1
}

# --- proxies, TCP Fast Open ------------------------------------------------

# via METHOD PROXYPLAN: from a pipe through a CONNECT proxy.
via() { # METHOD PROXYPLAN
  start_proxy "$2"
  put 201:body=stored -p -x "$PROXY" -X "$1"
}

upload_is_repeated_when_the_tunnel_was_not_made() {
  local plan method
  for method in PUT POST; do
    for plan in 503,200 rst,200 close,200 503:connclose,200; do
      via $method "$plan"
      ended 0
      text_out stored
      received $method:201:whole
      is "CONNECTs of $plan" "$(HTTP=$PROXY server_count connect)" 2
      retries 1
    done
  done
}

# The client's bytes until then: CONNECT, the request, a part of the upload.
upload_through_a_tunnel_that_breaks_is_repeated() {
  start_proxy 200
  start_tcp "$PROXY_PORT" uprst@100000,pass
  put 201:body=stored -p -x "$TCP"
  ended 0
  text_out stored
  received PUT:0:part PUT:201:whole
  retries 1
  start_tcp "$PROXY_PORT" uprst@100000,pass
  put 201 -p -x "$TCP" -X POST
  at_least "exit code of a POST" "$RC" 1
  received POST:0:part
  gave_up "must not be sent twice"
}

# curl is connected before the server has answered then: what it sent may have
# travelled with the SYN.
with_fast_open_a_post_is_sent_once() {
  local fault
  has_fast_open || return
  for fault in 503 rst close uprst@1 uprst@100000; do
    new_key
    from_pipe shimmed --tcp-fastopen -T - -X POST \
      "$HTTP/$KEY/$fault:connclose,201"
    is "requests after $fault" "$(server_count "$KEY")" 1
    retries 0
  done
}

has_fast_open() { # of curl and the system
  "$CURL_PROGRAM" --help all | grep -q -e --tcp-fastopen && return
  reason="$CURL_PROGRAM is without TCP Fast Open"
  return 1
}

with_fast_open_an_upload_is_repeated() {
  has_fast_open || return
  new_key
  from_pipe shimmed --tcp-fastopen -T - "$HTTP/$KEY/uprst@100000,503,201"
  ended 0
  received PUT:0:part PUT:503:whole PUT:201:whole
  retries 2
}

with_fast_open_a_port_that_refuses_ends_as_unshimmed() {
  local unshimmed
  has_fast_open || return
  start_dead refuse
  bare --tcp-fastopen -d a=b "$DEAD/"
  unshimmed=$RC
  shimmed --tcp-fastopen -d a=b "$DEAD/"
  ended "$unshimmed"
}

# --- uploads that begin in the middle --------------------------------------

# send_rest SOURCE PLAN [ARG...]: the upload from byte 1000 on.
send_rest() { # SOURCE PLAN [ARG...]
  new_key
  case $1 in
  file) shimmed -C 1000 -T "$UPLOAD" "${@:3}" "$HTTP/$KEY/$2" ;;
  pipe) from_pipe shimmed -C 1000 -T - "${@:3}" "$HTTP/$KEY/$2" ;;
  FILE) host "$tmp/upload" rest "$HTTP/$KEY/$2" "$UPLOAD" ;;
  esac
}

# rest_arrived PLAN SOURCE: in the last of the plan's requests.
rest_arrived() { # PLAN SOURCE
  ended 0
  last_put_is "$(tail -c +1001 "$UPLOAD" | sha)" "$1 from a $2"
  is "ranges of $1 from a $2" "$(server_log "$KEY" |
    jq -r '.headers["content-range"]' | sort -u | wc -l)" 1
}

continued_upload_is_repeated_from_its_offset() {
  local plan source
  compile upload upload.c -lcurl || return
  for plan in 503,201 uprst@100000,201 close,201 503,uprst@1,201; do
    for source in file pipe FILE; do
      send_rest $source "$plan"
      rest_arrived "$plan" $source
    done
  done
}

# libcurl rewinds to 0 then, and may forget the offset (7.88 does).
continued_upload_follows_a_307_from_its_offset() {
  local plan source
  compile upload upload.c -lcurl || return
  for plan in 307,201:next 503,307,201:next 307,503,307,201:next; do
    for source in file pipe FILE; do
      send_rest $source "$plan" -L
      rest_arrived "$plan" $source
    done
  done
}

continued_upload_is_authenticated_from_its_offset() {
  local plan source
  for plan in 201:auth=digest 503:auth=digest,201:auth=digest; do
    for source in file pipe; do
      send_rest $source "$plan" --anyauth -u user:secret -H Expect:
      rest_arrived "$plan" $source
    done
  done
}

run_tests "$0"
