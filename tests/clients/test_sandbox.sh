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

# --- a filter that kills ---------------------------------------------------

# numbers_of KIND PLAN: NUMBERS, those of the system calls that the program
# makes from its transfer to its end without the shim; and malloc()'s, which
# asks for more at another moment.
numbers_of() { # KIND PLAN
  new_key
  strace -n -o "$tmp/trace" "$tmp/sandboxed" "$1" "$HTTP/$KEY/200,$2" 2 \
    >"$tmp/out" 2>&1
  mapfile -t NUMBERS < <(sed -n '/getppid/,$s/^\[ *\([0-9]*\)\].*/\1/p' \
    "$tmp/trace"
    printf '#include <sys/syscall.h>\n%s\n' \
      'SYS_brk SYS_mmap SYS_munmap SYS_mremap SYS_madvise' |
      cc -E -P - | tail -n 1 | tr ' ' '\n')
  mapfile -t NUMBERS < <(printf '%s\n' "${NUMBERS[@]}" | sort -u)
}

# filtered KIND PLAN: one transfer with the shim and that filter.
filtered() { # KIND PLAN
  new_key
  env LD_PRELOAD="$SHIM" "$tmp/sandboxed" "$1" "$HTTP/$KEY/200,$2" 1 \
    "${NUMBERS[@]}" >"$tmp/out" 2>"$tmp/err"
  RC=$?
}

# survives PLAN REQUESTS RESULT KIND...: so does the program, with it.
survives() { # PLAN REQUESTS RESULT KIND...
  local kind
  have strace || return
  [ -x "$tmp/sandboxed" ] || compile sandboxed sandboxed.c -lcurl || return
  for kind in "${@:4}"; do
    numbers_of "$kind" "$1"
    at_least "$kind: allowed system calls" "${#NUMBERS[@]}" 8
    filtered "$kind" "$1"
    is "$kind: exit" "$RC" 0
    is "$kind: result" "$(cat "$tmp/out" "$tmp/err")" "$3"
    is "$kind: requests" "$(server_count "$KEY")" $((1 + $2))
  done
}

retry_under_a_filter_that_kills_is_survived() {
  survives 503,200:size=3M 2 '0 200 3145728' get post read file form mime
  survives close:connclose,200:size=3M 2 '0 200 3145728' get post read file
}

retry_of_a_multi_handle_under_it_is_survived() {
  survives 503:wait=20,200:size=3M:wait=20 2 '0 200 3145728' multi-get \
    multi-post multi-read multi-file
}

# What is looked up at a function's first use needs no file.
first_handle_under_it_is_survived() {
  survives 503:wait=20,200:size=3M:wait=20 2 '0 200 3145728' late-get \
    late-read late-multi-get
}

# With a log the same program doesn't live to see the retry: the filter does
# kill.
log_under_such_a_filter_kills() {
  have strace || return
  [ -x "$tmp/sandboxed" ] || compile sandboxed sandboxed.c -lcurl || return
  numbers_of get 503,200:size=3M
  CURLRETRY_LOG=$tmp/log filtered get 503,200:size=3M 2>/dev/null
  is "exit" "$RC" 159
  is "requests" "$(server_count "$KEY")" 2
}

run_tests "$0"
