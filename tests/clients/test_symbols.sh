#!/bin/bash
# The library as a file: what it exports, imports and runs at its start. Any
# of these, wrong, kills or changes programs that have nothing to do with
# libcurl (checklist E3, E4, 1, 2, 13, 14, 22, 35, 37, 44).
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

map=$tree/shim/interpose/exports.map

# none WHAT FOUND: nothing of that kind.
none() { is "$1" "${2//$'\n'/ }" ''; }

imports() { nm -D --undefined-only "$SHIM" | awk '{ print $NF }'; }

# imported EXTENDED-REGEX: imported names, without versions, that match.
imported() { imports | sed 's/@.*//' | grep -x -E "$1"; }

mapped() { sed -n 's/^ *\([a-z_]*\);$/\1/p' "$map" | sort; }

dynamic() { # TAG: the values of these entries
  readelf -d -W "$SHIM" | sed -n "s/.*($1).*\[\(.*\)\]$/\1/p"
}

exports_are_the_map_s() {
  have nm || return
  is exports "$(nm -D --defined-only "$SHIM" |
    awk '{ sub(/@.*/, "", $NF); print $NF }' | sort)" "$(mapped)"
}

needs_libc_alone_under_its_own_name() {
  have readelf || return
  is NEEDED "$(dynamic NEEDED)" libc.so.6
  is SONAME "$(dynamic SONAME)" libcurlretry.so
  none "RPATH, RUNPATH" "$(dynamic 'R[UN]*PATH')"
  none TEXTREL "$(readelf -d -W "$SHIM" | grep TEXTREL)"
}

imports_nothing_that_kills_a_musl_process() {
  have nm || return
  none "fortified functions" "$(imported '__.*_chk')"
  none "C23 functions" "$(imported '__isoc23_.*')"
  none "dynamic TLS" "$(imported '__tls_get_addr')"
  is "how dlvsym is imported" "$(nm -D "$SHIM" |
    awk '$NF ~ /^dlvsym/ { print $1 }')" w
}

imports_nothing_that_ends_the_process() {
  have nm || return
  none imports "$(imported \
    '_?_?exit|_Exit|quick_exit|exit_group|abort|raise|__assert.*|err|errx')"
  none "registered at exit" "$(imported \
    'atexit|at_quick_exit|on_exit|__cxa_(thread_)?atexit(_impl)?')"
}

imports_no_lock_and_no_printing() {
  have nm || return
  none imports "$(imported \
    'pthread_(mutex|rwlock|spin)_.*|v?[fd]?printf|f?puts|stderr|v?syslog')"
}

runs_one_constructor_and_no_destructor() {
  local begin init
  have readelf nm objdump || return
  none "sections of destructors" "$(readelf -S -W "$SHIM" |
    grep -o -E '\.(fini|fini_array|dtors)\b')"
  none "entries of destructors" "$(readelf -d -W "$SHIM" |
    grep -o -E '\((INIT|FINI|FINI_ARRAY|PREINIT_ARRAY)\)')"
  is "bytes of .init_array" "$(readelf -d -W "$SHIM" |
    awk '/\(INIT_ARRAYSZ\)/ { print $3 }')" 8
  begin=$(nm "$SHIM" | awk '$3 ~ /^begin(\.lto_priv\.[0-9]+)?$/ { print $1 }')
  init=$(readelf -d -W "$SHIM" | awk '/\(INIT_ARRAY\)/ { print $3 }')
  is "the constructor's address" "$(readelf -r -W "$SHIM" |
    awk -v at="${init#0x}" '$1 ~ "^0*" at "$" { print $NF }')" \
    "$(printf %x "0x$begin")"
}

# The oldest that x86-64 and aarch64 have in common.
needs_glibc_2_17_at_most() {
  local version
  have readelf || return
  version=$(readelf -V -W "$SHIM" | grep -o 'GLIBC_[0-9.]*' | sort -V |
    tail -n 1)
  echo "# $(basename "$SHIM") needs ${version/_/ } or later"
  is "the later of it and 2.17" "$(printf '%s\n' "$version" GLIBC_2.17 |
    sort -V | tail -n 1)" GLIBC_2.17
  none "other versions" "$(readelf -V -W "$SHIM" |
    sed -n 's/.* Name: \([^ ]*\) .*/\1/p' | grep -v '^GLIBC_2[.][0-9.]*$')"
}

# What one C library has and another one hasn't: host/libc.c asks before it
# calls them.
without_a_version_imports_are_weak() {
  have nm || return
  is imports "$(nm -D --undefined-only "$SHIM" | grep -v @ | sort -k 2 |
    awk '{ print $1, $2 }' | paste -s -d ' ')" \
    'w __fxstat w __xstat w dlvsym w fstat w stat'
}

# Behind the last restored argument there is no call, but a jump through a
# register.
tail_calls() { # LIBRARY: dlopen and dlsym in it end in such jumps
  local name code
  for name in dlopen dlsym; do
    code=$(objdump -d --no-show-raw-insn --disassemble="$name" "$1" | awk '
      /^ +[0-9a-f]+:\t/ {
        sub(/^[^\t]*\t/, "")
        code = $1 ~ /^(pop|ldp)/ ? "" : code $1 "(" $2 ") "
      }
      END { print code }')
    like "the end of $name in $1" "$code" "*@(jmp[(]\*%r|br[(]x)*"
    like "calls in the end of $name" " $code" "!(* @(call|bl)*)"
  done
}

dlopen_and_dlsym_end_in_jumps() {
  have objdump || return
  tail_calls "$SHIM"
}

built() { # NAME CFLAGS: the tail calls of a build with these flags
  have make cc objdump || return
  if make -C "$tree" --no-print-directory B="$tmp/$1" CFLAGS="$2" -j2 \
    "$tmp/$1/libcurlretry.so" >"$tmp/make" 2>&1; then
    tail_calls "$tmp/$1/libcurlretry.so"
  else
    problem+="# make failed: $(tail -n 3 "$tmp/make")"$'\n'
  fi
}

unoptimised_build_keeps_the_jumps() {
  built plain '-O0'
}

coverage_build_keeps_the_jumps() {
  built coverage '-O0 --coverage'
}

# Functions of the installed headers that a program may reach with arguments
# only a wrapper for them could forward, or that make a handle.
every_variadic_or_handle_making_function_is_in_the_map() {
  local declared
  have cc || return
  declared=$(echo '#include <curl/curl.h>' |
    cc -E -P -DCURL_DISABLE_TYPECHECK - 2>/dev/null | tr '\n' ' ' |
    tr ';{}' '\n' | sed -n -E \
    -e 's/.*[ *](curl_easy_[a-z_]*) *\([^()]*\.\.\.\).*/\1/p' \
    -e 's/.*\bCURL *\* *(curl_[a-z_]*) *\(.*/\1/p' | sort -u)
  like "functions found" "${declared//$'\n'/ }" '*curl_easy_init*setopt*'
  none "not in the map" "$(comm -23 <(echo "$declared") <(mapped))"
}

# What takes a handle is in the map, or known to need no wrapper.
every_easy_function_is_wrapped_or_known() {
  local declared known
  have cc || return
  known='escape option_by_id option_by_name option_next recv send strerror
    unescape upkeep ssls_export ssls_import'
  declared=$(echo '#include <curl/curl.h>' |
    cc -E -P -DCURL_DISABLE_TYPECHECK - 2>/dev/null | tr '\n' ' ' |
    grep -o -E '\bcurl_easy_[a-z_]+ *\(' | tr -d ' (' | sort -u)
  like "functions found" "${declared//$'\n'/ }" '*curl_easy_init*setopt*'
  none "neither" "$(comm -23 <(echo "$declared") <({
    mapped
    for name in $known; do echo "curl_easy_$name"; done
  } | sort))"
}

shopt -s extglob
run_tests "$0"
