#!/bin/bash
# Python: pycurl is loaded RTLD_LOCAL, ctypes takes its functions by dlsym();
# all that and two flavours of libcurl may be in one process.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

pycurl() { # whether it is there
  have_output python3-pycurl "$PYTHON" -c 'import pycurl'
}

library() { # NAME: whether ctypes finds this libcurl
  have_output "$1" "$PYTHON" -c "import ctypes; ctypes.CDLL('$1')"
}

pycurl_recovers() {
  pycurl || return
  recovers "$PYTHON" "$hosts/get_pycurl.py" @URL
}

ctypes_on_openssl_flavour_recovers() {
  library libcurl.so.4 || return
  recovers "$PYTHON" "$hosts/get_ctypes.py" libcurl.so.4 @URL
}

ctypes_on_gnutls_flavour_recovers() {
  library libcurl-gnutls.so.4 || return
  recovers "$PYTHON" "$hosts/get_ctypes.py" libcurl-gnutls.so.4 @URL
}

two_flavours_and_pycurl_stay_apart() {
  local index urls=() bodies=()
  library libcurl.so.4 && library libcurl-gnutls.so.4 && pycurl || return
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
  host "$PYTHON" -c '
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

# There is a set of stubs for each of eight libcurls; more pass through.
libcurls_beyond_the_stubs_pass_through() {
  local index file plan=''
  library libcurl.so.4 || return
  file=$("$PYTHON" -c 'import ctypes
ctypes.CDLL("libcurl.so.4")
print([line.split()[-1] for line in open("/proc/self/maps")
       if "libcurl.so" in line][0])')
  for index in 0 1 2 3 4 5 6 7 8 9; do
    cp "$file" "$tmp/libcurl.$index"
    [ $index -gt 7 ] || plan+=503,200:body=x,
  done
  new_key
  host "$PYTHON" "$hosts/many.py" "$HTTP/$KEY/${plan}503:body=y" \
    "$tmp"/libcurl.?
  ended 0
  text_out xxxxxxxxyy
  is "requests" "$(server_count "$KEY")" 18
  retries 8
}

run_tests "$0"
