# setup.sh - curlretry's surroundings and how its tests ask; sourced.
#
# Works on a copy of build/curlretry and build/libcurlretry.so as they lie to
# each other once installed, so that a test may break its surroundings.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of the test scripts, and for the files with the tests)

# shellcheck source=tests/tap.sh
. "$tree/tests/tap.sh"
tmp=$(mktemp -d)
# shellcheck disable=SC2016 # for the trap
at_exit 'rm -rf "$tmp"'
unset LD_PRELOAD "${!CURLRETRY_@}"
# A sanitizer build of the shim: its runtime is not what is tested here.
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

# --- the surroundings ------------------------------------------------------

built=$(realpath "${B:-$tree/build}")
for file in curlretry libcurlretry.so; do
  [ -r "$built/$file" ] && continue
  echo "Bail out! $built/$file is missing: make first"
  exit 1
done

make_tree() { # FOLDER: an installation
  mkdir -p "$1/bin" "$1/lib"
  cp "$built/curlretry" "$1/bin/"
  cp "$built/libcurlretry.so" "$1/lib/"
}

make_copy() { # TARGET...: in a copy of what is built, since it builds anew
  if ! [ -d "$tmp/b" ]; then
    mkdir -p "$tmp/b/objects"
    cp -a "$built"/{lib,curlretry,libcurlretry.so,headers} "$tmp/b"
    cp -a "$built"/objects/{scripts,policy} "$tmp/b/objects"
  fi
  make -s -C "$tree" B="$tmp/b" "$@" >"$tmp/out" 2>"$tmp/err"
  status=$?
  out=$(<"$tmp/out") err=$(<"$tmp/err")
}

program() { # NAME SOURCE [FLAG...]: a program built from C
  local name=$1 source=$2
  shift 2
  gcc -o "$tmp/$name" -x c - -x none "$@" <<<"$source" || exit 1
}

# --- asking ----------------------------------------------------------------

run() { # the launcher; leaves $status, $out and $err
  { # the outer redirection: what bash says about a killed program
    "$launcher" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  } 2>/dev/null
  status=$?
  out=$(<"$tmp/out") err=$(<"$tmp/err")
}

one_line_error() { # PATTERN
  like stderr "$err" "curlretry: $1"
  is 'lines on stderr' "$(wc -l <"$tmp/err")" 1
}

refused() { # STATUS PATTERN: and what it said
  is status "$status" "$1"
  one_line_error "$2"
  is stdout "$out" ''
}

# as_nobody COMMAND...: without root's rights, but what is in $tmp is read.
as_nobody() {
  chmod -R go+rX "$tmp"
  setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

# variables: the name and the default of each, from the sources.
variables() {
  gcc -E -P -x c -I "$tree/policy" - <<'SOURCE' | tr '\n' ' ' |
#define VARIABLE(name, kind, member, words, initial, accepts, meaning) \
  ROW name initial
#include "variable_list.h"
SOURCE
    awk 'BEGIN { RS = "ROW "; FS = "\"" } NF > 1 {
      sub(/ /, "", $1); print $1, $2 == "" ? "none" : $2 }'
}

# shellcheck disable=SC2016 # expanded by the program's shell
print_preload='printf %s "$LD_PRELOAD"'
# shellcheck disable=SC2016
print_retries='printf %s "${CURLRETRY_MAX_RETRIES-unset}"'
# shellcheck disable=SC2016
print_dry_run='printf %s "${CURLRETRY_DRY_RUN-unset}"'
# shellcheck disable=SC2016
print_log='printf %s "$CURLRETRY_LOG"'

# --- the copy under test ---------------------------------------------------

home=$tmp/tree
make_tree "$home"
launcher=$home/bin/curlretry
library=$home/lib/libcurlretry.so
