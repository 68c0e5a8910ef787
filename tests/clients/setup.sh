# setup.sh - a stock curl, with and without the shim, against the faulty
# server; sourced by test_*.sh.
# shellcheck shell=bash disable=SC2034
# (variables for the files with the tests)
#
# Environment: SHIM, FAULTY, CURL_PROGRAM say what is tested, if not the
# tree's own build and the system's curl.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SHIM=${SHIM:-$tree/build/libcurlretry.so}
FAULTY=${FAULTY:-$tree/build/faulty}
CURL_PROGRAM=${CURL_PROGRAM:-/usr/bin/curl}
# shellcheck source=tests/server/lib.sh
. "$tree/tests/server/lib.sh"
# shellcheck source=tests/tap.sh
. "$tree/tests/tap.sh"

tmp=$(mktemp -d)
# shellcheck disable=SC2016 # for the trap
at_exit 'stop_all; rm -rf "$tmp"'
keys=0
unset LD_PRELOAD "${!CURLRETRY_@}" http_proxy https_proxy all_proxy ALL_PROXY
SANITIZER=${SANITIZER-} # libraries that have to come before the shim
export CURLRETRY_BASE_DELAY=20ms LC_ALL=C

# --- running curl ----------------------------------------------------------

stock=("$CURL_PROGRAM" -q -sS -g --noproxy '')

# bare ARG...: curl without the shim; its stdout goes into a pipe. Leaves RC,
# $tmp/out, $tmp/err, and in LOG the shim's lines, in ERR the others.
bare() { run_curl '' "$@"; }

# shimmed ARG...: the same with the shim; CURLRETRY_X=... before it sets the
# policy.
shimmed() { run_curl "$SANITIZER$SHIM" "$@"; }

# run_curl PRELOAD ARG...: only curl is preloaded, not what starts it.
run_curl() {
  timeout -k 5 90 env ${1:+LD_PRELOAD="$1"} "${stock[@]}" "${@:2}" \
    2>"$tmp/err" | cat >"$tmp/out"
  RC=${PIPESTATUS[0]}
  read_errors
}

read_errors() {
  LOG=$(grep -a '^curlretry: ' "$tmp/err")
  ERR=$(grep -a -v '^curlretry: ' "$tmp/err")
}

# A key nobody has used: its requests are this test's.
new_key() {
  keys=$((keys + 1))
  KEY=call$keys
}

# get PLAN [ARG...]: curl with the shim and a URL with this plan.
get() {
  new_key
  shimmed "${@:2}" "$HTTP/$KEY/$1"
}

# put PLAN [ARG...]: as get, uploading $UPLOAD from a pipe.
put() {
  new_key
  from_pipe shimmed "${@:2}" -T - "$HTTP/$KEY/$1"
}

# from_pipe COMMAND...: its stdin is a pipe with $UPLOAD.
from_pipe() {
  [ -p "$tmp/pipe" ] || mkfifo "$tmp/pipe"
  cat "$UPLOAD" >"$tmp/pipe" 2>/dev/null &
  local writer=$!
  "$@" <"$tmp/pipe"
  kill "$writer" 2>/dev/null
  wait "$writer" 2>/dev/null
}

# Random bytes to upload: make_upload SIZE sets UPLOAD and UPLOAD_SHA.
make_upload() {
  UPLOAD=$tmp/upload.$1
  [ -e "$UPLOAD" ] || head -c "$1" /dev/urandom >"$UPLOAD"
  UPLOAD_SHA=$(sha "$UPLOAD")
}

# needs_certificate: a self-signed one, $tmp/cert.pem, and $tmp/key.pem.
needs_certificate() {
  have openssl || return
  [ -e "$tmp/key.pem" ] || openssl req -x509 -newkey ec \
    -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/key.pem" \
    -out "$tmp/cert.pem" -days 2 -subj /CN=localhost 2>/dev/null
}

# sha [FILE]: of standard input, if there is none.
sha() { sha256sum <"${1:-/dev/stdin}" | cut -d ' ' -f 1; }

# libcurl_from VERSION [BEFORE]: what curl uses is of that one or a later one,
# and before the other.
libcurl_from() {
  local is
  is=$("$CURL_PROGRAM" --version | sed -n '1s,.*libcurl/\([0-9.]*\).*,\1,p')
  printf '%s\n' "$1" "$is" | sort -C -V || return
  [ -z "${2-}" ] || ! printf '%s\n' "$2" "$is" | sort -C -V
}

# --- what came out ---------------------------------------------------------

ended() { is "exit code" "$RC" "$1"; }

# body SIZE [SEED]: stdout is the body generated from the seed, and no more.
body() {
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" "$1"
  is "SHA-256 of stdout" "$(sha "$tmp/out")" "$(body_sha "${2:-$KEY}" "$1")"
}

# body_begins SIZE OF [SEED]: stdout is the first SIZE bytes of that body.
body_begins() {
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" "$1"
  is "SHA-256 of stdout" "$(sha "$tmp/out")" \
    "$("$FAULTY" body "${3:-$KEY}" "$2" | head -c "$1" | sha)"
}

# delivered RC SIZE: a whole body of this key, curl's exit code.
delivered() {
  ended "$1"
  body "$2"
}

text_out() { is stdout "$(cat "$tmp/out")" "$1"; }

silent() { is stderr "$(cat "$tmp/err")" ''; }

# retries COUNT: lines of that many retries, so that a shim that was not
# loaded, or libcurl's own repetition, can't pass.
retries() {
  is "retry lines in '$LOG'" "$(retry_lines)" "$1"
}

retry_lines() { grep -c 'curlretry: retry ' <<<"$LOG"; }

# Milliseconds, of the first line of a retry.
wait_in_log() {
  sed -n 's/.* retry 1\/[0-9]* in \([0-9]*\)ms: .*/\1/p' <<<"$LOG"
}

gave_up() { like log "$LOG" "*curlretry: giving up *$1*"; }

# --- what the server saw ---------------------------------------------------

# saw METHOD:STATUS...: these requests, in this order; status 0: no answer.
saw() {
  is "requests of $KEY" "$(server_lines "$KEY" |
    awk '{ print $2 ":" $8 }' | paste -s -d ' ')" "$*"
}

# received METHOD:STATUS:BODY...: the same with what came of the upload:
# whole (every byte of $UPLOAD and no more), part, none, wrong.
received() {
  is "requests of $KEY" "$(server_lines "$KEY" |
    awk -v sum="$UPLOAD_SHA" '{
      body = $7 == "partial" ? "part" : $6 == sum ? "whole" : "wrong"
      if ($5 == 0 && $7 != "partial")
        body = "none"
      print $2 ":" $8 ":" body
    }' | paste -s -d ' ')" "$*"
}

# last_put_is SHA [OF]: the last request brought just these bytes: 201.
last_put_is() {
  is "last request of ${2:-$KEY}" "$(server_lines "$KEY" | tail -n 1 |
    cut -d ' ' -f 2,6,7,8)" "PUT $1 complete 201"
}

# on_connections NUMBER...: each request's connection, numbered from 1.
on_connections() {
  is "connections of $KEY" "$(server_lines "$KEY" | awk '
    !($3 in seen) { seen[$3] = ++count }
    { print seen[$3] }' | paste -s -d ' ')" "$*"
}

# request_header INDEX NAME: of the key's request number INDEX, from 0.
request_header() {
  server_log "$KEY" | jq -s -r --argjson at "$1" --arg name "$2" \
    '.[$at].headers[$name] // "absent"'
}

# Milliseconds between the key's first and last request.
span_ms() {
  server_lines "$KEY" | awk 'NR == 1 { first = $10 } { last = $10 }
    END { print last - first }'
}

# --- with and without ------------------------------------------------------

# What came out and what the server saw, in one text; the key, the port and
# times are not part of it.
facts() {
  echo "exit $RC, stdout $(sed "s/$KEY/KEY/g" "$tmp/out" | sha256sum)"
  sed -e "s/$KEY/KEY/g" -e 's/after [0-9]* ms/after N ms/' "$tmp/err"
  server_log "$KEY" | jq -c --arg key "$KEY" '[.method, .status,
    .body_length, .body_sha256, (.path | sub($key; "KEY")), .headers]'
}

# as_unshimmed PLAN [ARG...]: the same facts with and without the shim. The
# bodies' seed must not depend on the key: PLAN says seed=... where needed.
# The policy's complaint, if one is expected, is in COMPLAINT.
as_unshimmed() {
  new_key
  bare "${@:2}" "$HTTP/$KEY/$1"
  facts >"$tmp/facts"
  get "$@"
  COMPLAINT=$LOG
  [ -z "$LOG" ] || sed -i '/^curlretry: CURLRETRY_/d' "$tmp/err"
  is "what differs" "$(facts | diff "$tmp/facts" - | cut -c 1-200)" ''
}

for needed in "$SHIM" "$FAULTY" "$CURL_PROGRAM"; do
  [ -e "$needed" ] || { echo "setup.sh: $needed is missing" && exit 1; }
done
make_upload 300000
start_http --life 600 || exit 1
# A shim that silently wasn't loaded must not pass the tests of what it
# leaves alone.
get 503,200:body=live
if [ "$(cat "$tmp/out")" != live ] || [[ $LOG != *'curlretry: retry 1/3 '* ]]
then
  echo "not ok 1 - the shim is live: $SHIM"
  exit 1
fi
