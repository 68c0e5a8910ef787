# host.sh - programs of all kinds with the shim, which logs to a file, so
# that whatever a program does with its stderr, the proof is there; sourced
# after setup.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of setup.sh, and for the files with the tests)

hosts=$tree/tests/clients/hosts
# The distribution's, which has its modules; another may be first in PATH.
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3

# host [NAME=VALUE...] COMMAND...: the program with the shim, its stdout in a
# file; leaves RC, $tmp/out, $tmp/err, and in LOG the shim's lines.
host() {
  : >"$tmp/shim.log"
  timeout -k 5 90 env LD_PRELOAD="$SHIM" CURLRETRY_LOG="$tmp/shim.log" \
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  RC=$?
  LOG=$(cat "$tmp/shim.log")
}

# have_file PACKAGE FILE: as have, for a library or module.
have_file() {
  [ -e "$2" ] && return
  reason="$1 is missing"
  return 1
}

# have_output PACKAGE COMMAND...: the same for what a trial run shows.
have_output() {
  "${@:2}" >/dev/null 2>&1 </dev/null && return
  reason="$1 is missing"
  return 1
}

# recovers COMMAND...: the program, in whose arguments @URL stands for the
# URL, prints the whole body in spite of a status, of a reset before the
# answer and of one in the middle of the body. Where it can't print it, @FILE
# stands for a file to write it to.
recovers() {
  local plan seen argument arguments
  for plan in 503,200:size=100000 rst,200:size=100000 \
    200:size=100000:rst@70000,200:size=100000; do
    new_key
    arguments=()
    for argument in "$@"; do
      argument=${argument//@URL/$HTTP/$KEY/$plan}
      arguments+=("${argument//@FILE/$tmp/file}")
    done
    rm -f "$tmp/file"
    host "${arguments[@]}"
    [ ! -e "$tmp/file" ] || mv "$tmp/file" "$tmp/out"
    delivered 0 100000
    case $plan in
    503*) seen=GET:503 ;;
    rst*) seen=GET:0 ;;
    *) seen=GET:200 ;;
    esac
    saw $seen GET:200
    retries 1
  done
}

# compile OUTPUT SOURCE [OPTION...]: a program into $tmp; COMPILER: not cc.
compile() {
  local compiler=${COMPILER:-cc}
  have "$compiler" || return
  "$compiler" -std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Wshadow \
    -Wconversion -Wstrict-prototypes -Werror -pthread \
    -o "$tmp/$1" "$hosts/$2" \
    "${@:3}" 2>"$tmp/compiler" && return
  problem+="# $compiler fails on $2: $(head -n 3 "$tmp/compiler")"$'\n'
  return 1
}
