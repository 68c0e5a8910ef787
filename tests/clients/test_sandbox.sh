#!/bin/bash
# Programs that allow themselves only the system calls which they make without
# the shim: with LOG=off and SNAPSHOT_DISK=off it makes no others.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
export CURLRETRY_LOG=off CURLRETRY_SNAPSHOT_DISK=off CURLRETRY_METHODS=all
export CURLRETRY_SNAPSHOT_MEMORY=4M

# traced PRELOAD KIND PLAN TIMES: leaves RESULT and CALLS, the names of the
# system calls, but for those of malloc().
traced() { # PRELOAD KIND PLAN TIMES
  new_key
  strace -E LD_PRELOAD="$1" -o "$tmp/trace" "$tmp/sandboxed" "$2" \
    "$HTTP/$KEY/200,$3" "$4" >"$tmp/out" 2>"$tmp/err"
  RESULT=$(cat "$tmp/out" "$tmp/err")
  CALLS=$(sed -n '/^getppid/,/^getppid/s/(.*//p' "$tmp/trace" | sort -u |
    grep -v -x -e brk -e mmap -e munmap -e mremap -e madvise)
}

# adds_none PLAN TIMES KIND...: the program alone transfers TIMES times, with
# the shim once: with the same result and no other system call.
adds_none() { # PLAN TIMES KIND...
  local kind alone plain
  have strace || return
  [ -x "$tmp/sandboxed" ] || compile sandboxed sandboxed.c -lcurl || return
  for kind in "${@:3}"; do
    traced '' "$kind" "$1" "$2"
    alone=$CALLS plain=$RESULT
    is "$kind: marks" "$(grep -c -x getppid <<<"$alone")" 1
    traced "$SHIM" "$kind" "$1" 1
    is "$kind: result" "$RESULT" "$plain"
    is "$kind: requests" "$(server_count "$KEY")" $((1 + $2))
    is "$kind: other system calls" "$(comm -13 <(echo "$alone") \
      <(echo "$CALLS") | paste -s -d ' ')" ''
  done
}

successful_transfer_makes_no_other_system_call() {
  adds_none 200:size=3M 1 get post read file form mime
}

repeated_transfer_makes_no_other_system_call() {
  adds_none 503,200:size=3M 2 get post read file form mime
}

transfer_after_a_reset_makes_no_other_system_call() {
  adds_none rst:connclose,200:size=3M 2 get post read file form mime
}

held_body_makes_no_other_system_call() {
  CURLRETRY_HOLD_BYTES=8M CURLRETRY_HOLD_TIME=off \
    adds_none 200:size=5M:chunked 1 get
  CURLRETRY_HOLD_BYTES=8M CURLRETRY_HOLD_TIME=off \
    adds_none 200:size=5M:chunked:close@4M,200:size=5M:chunked 2 get
}

final_answer_makes_no_other_system_call() {
  adds_none 404 1 get post read file form mime
}

# The program alone sleeps in poll() only where a connection is slow.
transfer_of_a_multi_handle_makes_no_other_system_call() {
  adds_none 200:size=3M:wait=20 1 multi-get multi-post multi-read multi-file
}

repeated_transfer_of_a_multi_handle_makes_no_other_system_call() {
  adds_none 503:wait=20,200:size=3M:wait=20 2 multi-get multi-post \
    multi-read multi-file
}

run_tests "$0"
