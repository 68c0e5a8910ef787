#!/bin/bash
# The library that was built here, in Debian 11: glibc 2.31, whose libdl is a
# library of its own, and libcurl 7.74, the oldest that the mirrors have.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "$0")/debian.sh"

# The shim is there under the name it has here.
debian_11() { # ROOT, and `old` runs a program in it
  [ "$(id -u)" = 0 ] || reason="chroot needs root"
  [ "$(uname -m)" = x86_64 ] || reason="this is no x86-64"
  [ -z "$reason" ] || return
  needs_debian bullseye amd64 bash coreutils curl dash python3-pycurl \
    libcurl4-openssl-dev || return
  mkdir -p "$ROOT$(dirname "$SHIM")" && cp "$SHIM" "$ROOT$SHIM"
  old=(chroot "$ROOT")
  stock=("${old[@]}" /usr/bin/curl -q -sS -g --noproxy '')
  like "libcurl there" "$("${old[@]}" curl --version)" 'curl 7.74.*'
}

# As host.sh has it, but the log is on stderr: files of here are not there.
host() { # COMMAND...
  timeout -k 5 30 env LD_PRELOAD="$SHIM" "$@" >"$tmp/out" 2>"$tmp/err" \
    </dev/null
  RC=$?
  read_errors
}

lives() { # COMMAND...: with the shim it says and ends as without
  timeout 30 "${old[@]}" "$@" >"$tmp/without" 2>"$tmp/without.err" </dev/null
  local bare=$?
  host "${old[@]}" "$@"
  ended "$bare"
  is "what differs" "$(diff "$tmp/without" "$tmp/out")" ''
  is "what differs on stderr" "$(diff "$tmp/without.err" "$tmp/err")" ''
  at_least "bytes on stdout" "$(stat -c %s "$tmp/out")" 1
}

debian_11_s_programs_live() {
  debian_11 || return
  lives ls /
  lives curl --version
  # shellcheck disable=SC2016 # for the shell under test
  lives bash -c 'echo $((6 * 7)); kill -0 $$ && exit 3'
  lives dash -c 'echo a | cat; /bin/false'
  lives python3 -c 'import ctypes, ssl; print(ctypes.CDLL(None).labs(-5))'
}

curl_is_rescued() {
  debian_11 || return
  recovers "${stock[@]}" @URL
}

curl_s_multi_interface_is_rescued() {
  debian_11 || return
  recovers "${stock[@]}" -Z @URL
  get 503,200:body=one -Z "$HTTP/other/rst,200:body=two"
  ended 0
  retries 2
}

python_that_opens_its_libcurl_is_rescued() {
  debian_11 || return
  recovers "${old[@]}" python3 -c 'import pycurl, sys
curl = pycurl.Curl()
curl.setopt(curl.URL, sys.argv[1])
curl.perform()' @URL
}

# Its files are known by fstat(), which has another name there.
upload_is_replayed_from_the_file() {
  debian_11 || return
  CURLRETRY_SNAPSHOT_MEMORY=4K put rst,503,201
  ended 0
  received PUT:0:whole PUT:503:whole PUT:201:whole
  retries 2
}

# --- FAILONERROR -----------------------------------------------------------
# libcurl ends at the status line, and no line of the block is handed over.

status_under_failonerror_is_retried() {
  debian_11 || return
  recovers "${stock[@]}" -f @URL
  recovers "${stock[@]}" -f -Z @URL
  get 503,500,200:body=good -f
  ended 0
  text_out good
  retries 2
}

status_under_failonerror_behind_other_answers_is_retried() {
  debian_11 || return
  get 302,503,200:body=good -f -L
  ended 0
  text_out good
  saw GET:302 GET:503 GET:200
  get digest,503,200:body=good -f --digest -u u:p
  ended 0
  text_out good
  retries 1
  start_proxy pass || return
  get 503,200:body=good -f -p -x "$PROXY"
  ended 0
  text_out good
  retries 1
}

status_under_failonerror_that_is_final_is_as_unshimmed() {
  debian_11 || return
  as_unshimmed 404 -f
  as_unshimmed 501 -f -Z
  as_unshimmed 302,404 -f -L
}

last_status_under_failonerror_is_the_program_s() {
  debian_11 || return
  get 503 -f -w '%{http_code}'
  ended 22
  text_out 503
  is "what curl says" "$ERR" \
    'curl: (22) The requested URL returned error: 503 Service Unavailable'
  gave_up 'status 503 *; retries exhausted'
}

post_under_failonerror_is_sent_once() {
  debian_11 || return
  get 503,200 -f -d data
  ended 22
  saw POST:503
}

# --- where glibc has them --------------------------------------------------

process_without_libdl_gets_it_with_its_first_call() {
  debian_11 || return
  compile libcurl.so.4 fake.c -shared -fPIC -Wl,-soname,libcurl.so.4 &&
    compile alone alone.c -nostartfiles "$tmp/libcurl.so.4" \
      -Wl,-rpath,/tmp || return
  cp "$tmp/alone" "$tmp/libcurl.so.4" "$ROOT/tmp"
  "${old[@]}" /tmp/alone >"$tmp/without"
  is "without the shim" "$(paste -s -d ' ' "$tmp/without")" \
    'libdl: no perform: 6 libdl: no'
  host "${old[@]}" /tmp/alone
  ended 0
  text_out $'libdl: no\nperform: 0\nlibdl: yes'
  retries 1
}

# --- the headers -----------------------------------------------------------

headers_of_7_74_are_enough_to_build() {
  local headers=$tmp/headers
  debian_11 || return
  headers_in "$headers" "$ROOT/usr/include/x86_64-linux-gnu/curl/curl.h"
  like "version of the headers" "$(cat "$headers/curl/curlver.h")" \
    '*LIBCURL_VERSION_NUM 0x074a00*'
  build_library "$tmp/built" CPPFLAGS="-I$headers" || return
  get 503,200:body=here
  text_out here
  stock=("$CURL_PROGRAM" -q -sS -g --noproxy '')
  SHIM=$tmp/built/libcurlretry.so get 503,200:body=good
  ended 0
  text_out good
  retries 1
}

needs debian_11
run_tests "$0"
