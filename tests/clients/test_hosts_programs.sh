#!/bin/bash
# Other programs and bindings as Debian ships them, of both of libcurl's
# flavours; those that use the multi interface are in test_multi_*.sh.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

# --- bindings --------------------------------------------------------------

perl_www_curl_recovers() {
  have_output WWW::Curl perl -MWWW::Curl::Easy -e 1 || return
  recovers perl "$hosts/get.pl" @URL
}

tclcurl_recovers() {
  have tclsh || return
  have_output TclCurl sh -c \
    'echo "if {[catch {package require TclCurl}]} {exit 1}" | tclsh' || return
  recovers tclsh "$hosts/get.tcl" @URL @FILE
}

lua_curl_recovers() {
  have lua5.1 && have_output lua-curl lua5.1 -e 'require "curl"' || return
  recovers lua5.1 "$hosts/get.lua" @URL
}

# A daemon writes what it is doing over its arguments; its name stays.
program_with_a_title_goes_by_its_name() {
  # shellcheck disable=SC2016 # perl's
  local title='BEGIN { $0 = "other: at work" }' get
  have_output WWW::Curl perl -MWWW::Curl::Easy -e 1 || return
  printf '%s\n' "$title" "$(cat "$hosts/get.pl")" >"$tmp/titled.pl"
  get=(perl "$tmp/titled.pl")
  CURLRETRY_PROGRAMS=perl recovers "${get[@]}" @URL
  like 'the log' "$LOG" '????-??-??T* perl\[*\] curlretry: retry 1/3 *'
  new_key
  host env CURLRETRY_PROGRAMS='*,!perl' "${get[@]}" "$HTTP/$KEY/503,200"
  saw GET:503
}

# --- programs --------------------------------------------------------------

cmake_download_recovers() {
  have cmake || return
  recovers cmake -DURL=@URL -DFILE=@FILE -P "$hosts/get.cmake"
}

cmake_upload_recovers() {
  local plan
  have cmake || return
  for plan in 503 rst 200:uprst@100000; do
    new_key
    host cmake -DURL="$HTTP/$KEY/$plan,201" -DFILE="$UPLOAD" \
      -P "$hosts/put.cmake"
    ended 0
    case $plan in
    503) received PUT:503:whole PUT:201:whole ;;
    rst) received PUT:0:whole PUT:201:whole ;;
    *) received PUT:0:part PUT:201:whole ;;
    esac
    retries 1
  done
}

newsboat_of_the_gnutls_flavour_recovers() {
  local plan feed
  have newsboat || return
  feed='200:body=<rss version="2.0"><channel><title>T<%2Ftitle>'
  feed+='<item><title>Item one<%2Ftitle><%2Fitem><%2Fchannel><%2Frss>'
  mkdir -p "$tmp/home"
  for plan in 503 rst "$feed:rst@40"; do
    new_key
    server_plan "$KEY" "$plan,$feed"
    echo "$HTTP/$KEY" >"$tmp/urls"
    rm -f "$tmp/cache"
    host env HOME="$tmp/home" newsboat -u "$tmp/urls" -c "$tmp/cache" \
      -x reload print-unread
    ended 0
    text_out "1 unread articles"
    at_least "articles kept" "$(grep -a -c 'Item one' "$tmp/cache")" 1
    case $plan in
    503) saw GET:503 GET:200 ;;
    rst) saw GET:0 GET:200 ;;
    *) saw GET:200 GET:200 ;;
    esac
    retries 1
  done
}

# The upload is a POST from a read callback, of unknown length, no seek.
systemd_journal_upload_recovers() {
  local plan seen upload=/lib/systemd/systemd-journal-upload
  have_file systemd-journal-remote "$upload" || return
  printf '%s\n' __REALTIME_TIMESTAMP=1700000000000000 \
    __MONOTONIC_TIMESTAMP=1000 _BOOT_ID=0123456789abcdef0123456789abcdef \
    MESSAGE=planned '' >"$tmp/export"
  /lib/systemd/systemd-journal-remote -o "$tmp/x.journal" "$tmp/export" \
    >/dev/null 2>&1
  for plan in 503 rst; do
    new_key
    host env CURLRETRY_METHODS=all "$upload" --url="$HTTP/$KEY/$plan,200" \
      --file="$tmp/x.journal" --follow=no --save-state="$tmp/state.$plan"
    ended 0
    [ "$plan" = 503 ] && seen=503 || seen=0
    saw "POST:$seen" POST:200
    retries 1
    is "different bodies" "$(server_lines "$KEY" |
      awk '$5 > 100 { print $6 }' | sort -u | wc -l)" 1
  done
}

# --- what they may ask for in a callback ------------------------------------

# Also where libcurl has left the connection by then; where it has closed it
# that is an error, as the share's may be used by another thread.
tls_connection_is_told_in_callbacks() {
  local path there=' header there body there old there 0'
  needs_certificate && have "$PYTHON" &&
    compile session session.c -DCURL_DISABLE_DEPRECATION -lcurl || return
  serve_python tls_server.py "$tmp/cert.pem" "$tmp/key.pem"
  for path in length chunked busy/length busy/chunked; do
    host "$tmp/session" "https://127.0.0.1:$PORTS/$path"
    is "answers of $path" "$(cat "$tmp/out")" "$there"
  done
  host "$tmp/session" "https://127.0.0.1:$PORTS/redirect"
  text_out ' header there 0'
  host "$tmp/session" "https://127.0.0.1:$PORTS/close"
  text_out ' header error body error old error 0'
  host "$tmp/session" "https://127.0.0.1:$PORTS/chunked" share
  text_out ' header error body error old error 0'
  host CURLRETRY_FAULTS=503 CURLRETRY_MAX_RETRIES=0 "$tmp/session" \
    "https://127.0.0.1:$PORTS/length"
  text_out ' header error 0'
  new_key
  host "$tmp/session" "$HTTP/$KEY/200:chunked"
  text_out ' header nothing body nothing old nothing 0'
}

run_tests "$0"
