#!/bin/bash
# The library for other processors, built by a cross-compiler: Debian's own
# curl for them is rescued under qemu. What is the processor's is assembler:
# dlopen(), dlsym(), and the frame that notices that a call was left.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "$0")/debian.sh"

# needs_machine NAME RELEASE ARCHITECTURE: ROOT with programs for it, and
# `foreign`, which runs one with the shim that was built for it.
needs_machine() { # sets what the tests use
  local built=$tmp/$1
  have "$1-linux-gnu-gcc" "qemu-$1" &&
    needs_debian "$2" "$3" coreutils curl python3-pycurl || return
  if [ ! -e "$built/libcurlretry.so" ]; then
    headers_in "$built/headers"
    build_library "$built" CC="$1-linux-gnu-gcc" \
      CPPFLAGS="-I$built/headers" || return
  fi
  machine=$1 foreign_shim=$built/libcurlretry.so
  foreign=(env PYTHONHOME="$ROOT/usr" "qemu-$1" -L "$ROOT"
    -E "LD_PRELOAD=$foreign_shim")
}

arm64() { needs_machine aarch64 bookworm arm64; }
riscv64() { needs_machine riscv64 trixie riscv64; }
either() { arm64 || riscv64; }

program_is_unchanged() { # of coreutils
  local ls=$ROOT/bin/ls
  "qemu-$machine" -L "$ROOT" "$ls" / >"$tmp/bare"
  SHIM='' host "${foreign[@]}" "$ls" /
  ended 0
  is "what differs" "$(diff "$tmp/bare" "$tmp/out")" ''
  silent
}

curl_recovers() { # by both interfaces
  local curl=("${foreign[@]}" "$ROOT/usr/bin/curl" -q -sS -g --noproxy '')
  SHIM='' recovers "${curl[@]}" -f @URL
  SHIM='' recovers "${curl[@]}" -Z @URL
}

python_recovers() { # by dlopen() and dlsym()
  SHIM='' recovers "${foreign[@]}" "$ROOT/usr/bin/python3" -c '
import pycurl, sys
curl = pycurl.Curl()
curl.setopt(curl.URL, sys.argv[1])
curl.perform()' @URL
}

left_calls_are_noticed() { # the unwinder comes through our frame
  local libraries=$ROOT/usr/lib/$machine-linux-gnu way
  COMPILER=$machine-linux-gnu-gcc compile "left.$machine" left.c \
    -I"$tmp/$machine/headers" -L"$libraries" -l:libcurl.so.4 \
    -Wl,--unresolved-symbols=ignore-in-shared-libs -fexceptions || return
  for way in write exit; do
    new_key
    SHIM='' host env CURLRETRY_BASE_DELAY=10s "${foreign[@]}" \
      "$tmp/left.$machine" "$way" "$HTTP/$KEY/200:size=3000:chunked"
    ended 0
    like stdout "$(cat "$tmp/out")" '*0 descriptors, 0 connections'
  done
}

# The architecture's first one, where that is later than 2.17.
needs_glibc() { # VERSION at most
  have readelf || return
  is "the later of it and $1" "$({
    readelf -V -W "$foreign_shim" | grep -o 'GLIBC_[0-9.]*'
    echo "GLIBC_$1"
  } | sort -V | tail -n 1)" "GLIBC_$1"
}

arm64_library_needs_glibc_2_17() {
  arm64 && needs_glibc 2.17
}

arm64_program_is_unchanged() {
  arm64 && program_is_unchanged
}

arm64_curl_is_rescued() {
  arm64 && curl_recovers
}

arm64_python_is_rescued() {
  arm64 && python_recovers
}

arm64_call_that_is_left_keeps_nothing() {
  arm64 && left_calls_are_noticed
}

riscv64_library_needs_glibc_2_27() {
  riscv64 && needs_glibc 2.27
}

riscv64_program_is_unchanged() {
  riscv64 && program_is_unchanged
}

riscv64_curl_is_rescued() {
  riscv64 && curl_recovers
}

riscv64_python_is_rescued() {
  riscv64 && python_recovers
}

riscv64_call_that_is_left_keeps_nothing() {
  riscv64 && left_calls_are_noticed
}


needs either
run_tests "$0"
