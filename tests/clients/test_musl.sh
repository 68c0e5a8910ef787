#!/bin/bash
# Processes the shim can't help or was not built for are unharmed (checklist
# E3, E5, 10, 39, 45, 46); on musl it works as on glibc.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

unchanged() { # STATUS COMMAND...: the same stdout, stderr; exits so, shimmed
  local bare
  timeout -k 5 90 "${@:2}" >"$tmp/without" 2>"$tmp/without.err" </dev/null
  bare=$?
  host "${@:2}"
  ended "$1"
  is "exit code without the shim" "$bare" "${UNSHIMMED:-$1}"
  is "what differs" "$(diff "$tmp/without" "$tmp/out")" ''
  is "what differs on stderr" "$(diff "$tmp/without.err" "$tmp/err")" ''
  at_least "bytes on stdout" "$(stat -c %s "$tmp/out")" 1
}

musl() { # OUTPUT SOURCE OPTION...: built for musl
  COMPILER=musl-gcc compile "$@"
}

# --- musl ------------------------------------------------------------------

# 7: the program says that the shim is at work in it.
musl_program_is_unchanged() {
  musl strange strange.c -rdynamic || return
  UNSHIMMED=0 unchanged 7 "$tmp/strange"
}

musl_libcurl_by_dlsym_is_retried() {
  musl strange strange.c -rdynamic &&
    musl libfake.so fake.c -shared -fPIC || return
  host "$tmp/strange" "$tmp/libfake.so"
  ended 7
  is "the perform" "$(tail -n 1 "$tmp/out")" 'perform: 0'
  retries 1
  env -u LD_PRELOAD "$tmp/strange" "$tmp/libfake.so" >"$tmp/out"
  is "the unshimmed one" "$(tail -n 1 "$tmp/out")" 'perform: 6'
}

musl_libcurl_by_linking_is_retried() {
  musl libfake.so fake.c -shared -fPIC -Wl,-soname,libcurl.so.4 &&
    cp "$tmp/libfake.so" "$tmp/libcurl.so.4" &&
    musl linked strange.c -DLINKED "$tmp/libcurl.so.4" "-Wl,-rpath,$tmp" ||
    return
  host "$tmp/linked" x
  ended 7
  is "the perform" "$(tail -n 1 "$tmp/out")" 'perform: 0'
  retries 1
}

# --- glibc -----------------------------------------------------------------

glibc_program_without_libcurl_is_unchanged() {
  compile strange strange.c -rdynamic || return
  UNSHIMMED=0 unchanged 7 "$tmp/strange"
}

libcurl_that_lacks_functions_is_unchanged() {
  compile strange strange.c -rdynamic &&
    compile libpart.so fake.c -shared -fPIC -DWITHOUT_SOME || return
  UNSHIMMED=0 unchanged 7 "$tmp/strange" "$tmp/libpart.so"
}

linked_libcurl_that_lacks_functions_is_unchanged() {
  compile libpart.so fake.c -shared -fPIC -DWITHOUT_SOME \
    -Wl,-soname,libpart.so &&
    compile linked strange.c -DLINKED "$tmp/libpart.so" "-Wl,-rpath,$tmp" ||
    return
  UNSHIMMED=0 unchanged 7 "$tmp/linked" x
}

shells_and_interpreters_are_unchanged() {
  have perl "$PYTHON" || return
  # shellcheck disable=SC2016 # for the shell under test
  unchanged 3 bash -c 'echo $((6 * 7)); (exit 3)'
  unchanged 0 sh -c 'echo a | cat | tr a b; true'
  unchanged 0 perl -e 'print "perl $$\n" =~ s/\d+/N/r, getppid > 0, "\n"'
  unchanged 0 "$PYTHON" -c 'print(sum(range(9)))'
  unchanged 0 ls /
  unchanged 1 sh -c 'echo x; false'
}

static_programs_are_unchanged() {
  compile static strange.c -static -DLINKED "$hosts/fake.c" &&
    compile bare bare.c -static -nostdlib -fno-stack-protector || return
  unchanged 0 "$tmp/static" x
  unchanged 0 "$tmp/bare"
}

# --- sanitizers ------------------------------------------------------------

address_sanitizer_s_programs_are_unchanged() {
  local runtime
  runtime=$(readlink -f "$(cc -print-file-name=libasan.so)")
  have_file "gcc's libasan" "$runtime" || return
  compile asan strange.c -rdynamic -fsanitize=address || return
  UNSHIMMED=0 unchanged 7 env ASAN_OPTIONS=verify_asan_link_order=0 \
    "$tmp/asan"
  SHIM="$runtime $SHIM" UNSHIMMED=0 unchanged 7 "$tmp/asan"
}

program_with_static_address_sanitizer_is_unchanged() {
  compile asan strange.c -rdynamic -fsanitize=address -static-libasan ||
    return
  UNSHIMMED=0 unchanged 7 "$tmp/asan"
}

undefined_behaviour_sanitizer_s_program_is_unchanged() {
  compile ubsan strange.c -rdynamic -fsanitize=undefined || return
  UNSHIMMED=0 unchanged 7 "$tmp/ubsan"
}

run_tests "$0"
