#!/bin/bash
# Python: pycurl is loaded RTLD_LOCAL, ctypes takes its functions by dlsym();
# all that and two flavours of libcurl may be in one process.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

find_python() { # the interpreter that has pycurl, in PYTHON
  for PYTHON in python3 /usr/bin/python3; do
    "$PYTHON" -c 'import pycurl' 2>/dev/null && return
  done
  reason='python3-pycurl is missing'
  return 1
}

library() { # NAME: whether ctypes finds this libcurl
  have_output "$1" python3 -c "import ctypes; ctypes.CDLL('$1')"
}

pycurl_recovers() {
  find_python || return
  recovers "$PYTHON" "$hosts/get_pycurl.py" @URL
}

ctypes_on_openssl_flavour_recovers() {
  library libcurl.so.4 || return
  recovers python3 "$hosts/get_ctypes.py" libcurl.so.4 @URL
}

ctypes_on_gnutls_flavour_recovers() {
  library libcurl-gnutls.so.4 || return
  recovers python3 "$hosts/get_ctypes.py" libcurl-gnutls.so.4 @URL
}

two_flavours_and_pycurl_stay_apart() {
  local index urls=() bodies=()
  library libcurl.so.4 && library libcurl-gnutls.so.4 && find_python || return
  for index in 0 1 2; do
    new_key
    urls+=("$HTTP/$KEY/503,rst,200:size=$((70000 + index))")
    bodies+=("$(body_sha "$KEY" $((70000 + index)))")
  done
  host "$PYTHON" "$hosts/three.py" "$tmp" "${urls[@]}"
  ended 0
  like stdout "$(head -n 2 "$tmp/out" | paste -s)" \
    $'0 OpenSSL OpenSSL OpenSSL\t0 GnuTLS GnuTLS GnuTLS'
  like "pycurl's line" "$(tail -n 1 "$tmp/out")" "200 *"
  for index in 0 1 2; do
    is "body $index" "$(sha "$tmp/$index")" "${bodies[index]}"
    KEY=call$((keys - 2 + index))
    saw GET:503 GET:0 GET:200
  done
  retries 3 # the reset comes on a kept connection: repeated uncounted
}

# Descriptors and threads of a program are its own: os.fork() in Python, the
# child performs, and so does its parent.
ctypes_in_a_forked_child_recovers() {
  library libcurl.so.4 || return
  new_key
  host python3 -c '
import os, subprocess, sys
sys.argv = sys.argv[1:]
child = os.fork()
if child:
    os.waitpid(child, 0)
exec(open(sys.argv[0]).read())' "$hosts/get_ctypes.py" libcurl.so.4 \
    "$HTTP/$KEY/503,200:size=500,503,200:size=500"
  ended 0
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 1000
  saw GET:503 GET:200 GET:503 GET:200
  retries 2
}

run_tests "$0"
