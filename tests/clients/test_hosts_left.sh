#!/bin/bash
# Programs that leave curl_easy_perform() without a return and free the handle
# on their way: it is a real end, nothing is kept (checklist 23, 33).
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

left() { # WAY PLAN [COMMAND...]: six threads, in left.c's way
  [ -x "$tmp/left" ] || compile left left.c -lcurl || return
  new_key
  host env CURLRETRY_BASE_DELAY=10s CURLRETRY_JITTER=none "${@:3}" \
    "$tmp/left" "$1" "$HTTP/$KEY/$2"
  ended 0
}

keeps_nothing() { # WAY PLAN [COMMAND...]: and each thread made one request
  left "$@" || return
  like stdout "$(cat "$tmp/out")" '*0 descriptors, 0 connections'
  is "requests of $KEY" "$(server_lines "$KEY" | wc -l)" 6
}

cleanup_by_a_cancelled_thread_s_handler_in_a_wait_frees_everything() {
  local plan
  for plan in 503 503:size=3000 rst 200:size=9000:chunked:rst@5000; do
    keeps_nothing cancel "$plan" || return
  done
}

# as_unshimmed_left WAY PLAN: a later libcurl keeps a descriptor, having been
# left while it polled.
as_unshimmed_left() { # WAY PLAN
  local bare
  SHIM='' left "$@" || return
  bare=$(tail -n 1 "$tmp/out")
  left "$@"
  is "stdout's last line" "$(tail -n 1 "$tmp/out")" "$bare"
}

cleanup_by_a_cancelled_thread_s_handler_in_a_transfer_frees_everything() {
  local plan
  for plan in 200:size=3000:stall@100 200:size=3000:chunked:stall@2000; do
    as_unshimmed_left cancel "$plan" || return
  done
}

cleanup_by_a_cancelled_thread_s_key_frees_everything() {
  keeps_nothing key 503 && as_unshimmed_left key 200:size=3000:stall@100
}

copies_and_resets_by_a_cancelled_thread_s_handler_are_whole() {
  keeps_nothing dup 503 && as_unshimmed_left dup 200:size=3000:stall@100
}

handle_is_usable_in_a_cancelled_thread_s_handler() {
  left again 503,200:size=10,503,200:size=10,503,200:size=10 || return
  like stdout "$(cat "$tmp/out")" '*again 0*again 0*again 0*'
  like stdout "$(cat "$tmp/out")" '*0 descriptors, 0 connections'
}

# What is held is handed over after the transfer: libcurl knows of nothing.
leaving_a_write_callback_behind_the_transfer_frees_everything() {
  keeps_nothing write 200:size=3000:chunked &&
    keeps_nothing exit 200:size=3000:chunked
}

# There libcurl itself leaks, having been left in its callback.
leaving_a_write_callback_in_the_transfer_is_as_unshimmed() {
  local way bare
  for way in write exit; do
    SHIM='' left "$way" 200:size=3000 || return
    bare=$(cat "$tmp/out")
    left "$way" 200:size=3000
    text_out "$bare"
  done
}

memory_of_a_left_call_is_freed() {
  local plan way
  have valgrind || return
  for plan in 'cancel 503:size=3000' 'write 200:size=3000:chunked' \
    'cancel 200:size=3000:chunked:stall@2000'; do
    read -r way plan <<<"$plan"
    left "$way" "$plan" valgrind --quiet --leak-check=full \
      --errors-for-leak-kinds=definite --error-exitcode=99 || return
    silent
  done
}

cxx_destructor_frees_the_handle_of_a_call_that_an_exception_left() {
  local urls=() plan
  have g++ || return
  g++ -Wall -Wextra -Werror -o "$tmp/unwound" "$hosts/unwound.cc" -lcurl ||
    return
  for plan in 200 503,200 rst,200; do
    new_key
    urls+=("$HTTP/$KEY/${plan%200}200:size=3000:chunked")
  done
  host "$tmp/unwound" "${urls[@]}"
  ended 0
  text_out '3 thrown, 0 connections'
  retries 2
}

run_tests "$0"
