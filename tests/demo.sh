#!/bin/bash
# demo.sh - a stock curl against a faulty server, without and with curlretry.
# Every result is checked: it fails when one isn't the expected one.
set -u
tree=$(cd "$(dirname "$0")/.." && pwd)
cd "$tree" || exit 1
# shellcheck source=tests/server/lib.sh
. tests/server/lib.sh

unset LD_PRELOAD "${!CURLRETRY_@}" http_proxy https_proxy all_proxy ALL_PROXY
work=$(mktemp -d)
# shellcheck disable=SC2016 # for the trap
at_exit 'stop_all; rm -rf "$work"'
curl=/usr/bin/curl
export CURLRETRY_BASE_DELAY=200ms NO_PROXY='*' LC_ALL=C
wrong=0 scenes=0

# --- telling ---------------------------------------------------------------

scene() { # TITLE [LINE...]
  scenes=$((scenes + 1))
  printf '\n%s. %s\n' "$scenes" "$1"
  [ $# -eq 1 ] || printf '   %s\n' "${@:2}"
  echo
}

# run KEY COMMAND: shows it and runs it; URL in it is the key's address.
run() {
  local command=${2/URL/"$HTTP/$1"}
  printf '  $ %s\n' "$command"
  (PATH=$work/bin:$PATH exec bash -o pipefail -c "$command" \
    2>"$work/err" >"$work/out" </dev/null)
  code=$?
  fold -s -w 77 "$work/err" | sed 's/^/  /; s/ $//'
}

# tell WANTED GOT: one line of results, and whether they are the expected.
tell() {
  if [ "$1" = "$2" ]; then
    printf '  => %s\n' "$2"
  else
    printf '  => %s\n  !! expected: %s\n' "$2" "$1"
    wrong=$((wrong + 1))
  fi
}

requests() { # KEY: how many, in words
  local count
  count=$(server_count "$1")
  echo "$count request$([ "$count" = 1 ] || echo s)"
}

# Exit code, bytes and whether they are the right ones, requests.
download() { # KEY EXPECTED-SHA
  local verdict=WRONG
  [ "$(sha256sum <"$work/out" | cut -d ' ' -f 1)" != "$2" ] || verdict=right
  echo "exit $code, $(stat -c %s "$work/out") bytes, SHA-256 $verdict," \
    "$(requests "$1")"
}

# Exit code and what the server has of the upload after the last request.
upload() { # KEY
  local verdict=WRONG bytes sum
  read -r bytes sum < <(server_lines "$1" | tail -n 1 | cut -d ' ' -f 5,6)
  [ "$sum" != "$sent_sum" ] || verdict=right
  echo "exit $code, the server got $bytes bytes, SHA-256 $verdict," \
    "$(requests "$1")"
}

# --- the scenes ------------------------------------------------------------
# Each run has a key of its own: its plan begins anew, its requests count.

plan() { # PLAN KEY...: what the server does with these keys' requests
  local key
  for key in "${@:2}"; do
    server_plan "$key" "$1:seed=file"
  done
}

busy_server() {
  scene 'A busy server: 503, then the file (100,000 bytes)'
  plan 503,200:size=100000 busy busy2
  local sum
  sum=$(body_sha file 100000)
  run busy 'curl -fsS URL'
  tell 'exit 22, 0 bytes, SHA-256 WRONG, 1 request' "$(download busy "$sum")"
  run busy2 'curlretry curl -fsS URL'
  tell 'exit 0, 100000 bytes, SHA-256 right, 2 requests' \
    "$(download busy2 "$sum")"
}

broken_body() {
  scene 'A connection that breaks half way' \
    "curl's own --retry can't take back what it has written into a pipe:" \
    'exit code 0, and half a file too much.'
  server_plan half \
    200:seed=file:size=100000:rst@50000,200:seed=file:size=100000
  server_plan half2 \
    200:seed=file:size=100000:rst@50000,200:seed=file:size=100000
  local sum
  sum=$(body_sha file 100000)
  run half 'curl -fsS --retry 3 --retry-all-errors URL | cat'
  tell 'exit 0, 150000 bytes, SHA-256 WRONG, 2 requests' \
    "$(download half "$sum")"
  run half2 'curlretry curl -fsS URL | cat'
  tell 'exit 0, 100000 bytes, SHA-256 right, 2 requests' \
    "$(download half2 "$sum")"
}

piped_upload() {
  scene 'An upload from a pipe (300,000 bytes), first answered 503' \
    "curl --retry sends the pipe's remains, which are nothing: exit code 0," \
    'and an empty file on the server.'
  server_plan pipe 503,201:body=
  server_plan pipe2 503,201:body=
  run pipe 'cat upload | curl -fsS --retry 3 -T - URL'
  tell 'exit 0, the server got 0 bytes, SHA-256 WRONG, 2 requests' \
    "$(upload pipe)"
  run pipe2 'cat upload | curlretry curl -fsS -T - URL'
  tell 'exit 0, the server got 300000 bytes, SHA-256 right, 2 requests' \
    "$(upload pipe2)"
}

broken_upload() {
  scene 'The same upload, broken while it was being sent'
  server_plan sent uprst@100000,201:body=
  run sent 'cat upload | curlretry curl -fsS -T - URL'
  tell 'exit 0, the server got 300000 bytes, SHA-256 right, 2 requests' \
    "$(upload sent)"
}

post_once() {
  scene 'A POST that was sent is not sent twice' \
    'The server may have acted on it. A key that makes it safe changes that.'
  plan rst,200:size=1000 order paid
  run order 'curlretry curl -fsS -d buy URL'
  tell 'exit 56, 1 request' "exit $code, $(requests order)"
  run paid 'curlretry curl -fsS -d buy -H Idempotency-Key:7 URL'
  tell 'exit 0, 1000 bytes, SHA-256 right, 2 requests' \
    "$(download paid "$(body_sha file 1000)")"
}

exhausted() {
  scene 'When every retry fails, the last answer is what the program gets'
  server_plan down 503:body=one,502:body=two,500:body=three,504:body=four
  run down 'curlretry curl -sS URL'
  tell 'exit 0, "four", 4 requests' \
    "exit $code, \"$(cat "$work/out")\", $(requests down)"
}

on_purpose() {
  scene 'Failures on purpose: is a program up to a bad network?' \
    'Of these the server knows nothing.'
  plan 200:size=100000 alone rescued
  local sum
  sum=$(body_sha file 100000)
  run alone 'curlretry --max-retries 0 --faults partial@50000 curl -fsS URL'
  tell 'exit 18, 50000 bytes, SHA-256 WRONG, 1 request' \
    "$(download alone "$sum")"
  run rescued \
    'curlretry --faults 503:first=1,reset:first=2 curl -fsS URL'
  tell 'exit 0, 100000 bytes, SHA-256 right, 1 request' \
    "$(download rescued "$sum")"
}

mkdir "$work/bin"
ln -s "$curl" "$work/bin/curl"
ln -s "$tree/build/curlretry" "$work/bin/curlretry"
head -c 300000 /dev/urandom >"$work/upload"
sent_sum=$(sha256sum <"$work/upload" | cut -d ' ' -f 1)
start_http --life 60 || exit 1
cd "$work" || exit 1

version=$("$curl" -q --version | sed -n '1s/ (.*//p')
echo "An unmodified $curl ($version), without curlretry and with it;"
echo "a faulty server on this machine. A retry is announced on stderr."
echo "First delay: CURLRETRY_BASE_DELAY=$CURLRETRY_BASE_DELAY (1s if not set)."
busy_server
broken_body
piped_upload
broken_upload
post_once
exhausted
on_purpose
echo
if [ "$wrong" -ne 0 ]; then
  echo "$wrong results are not the expected ones."
  exit 1
fi
echo "All results are the expected ones."
