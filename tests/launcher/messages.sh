# messages.sh - what a user gets wrong, and the one line about it; sourced by
# test_launcher.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

misspelt() { # OPTION NEAREST...: pairs
  while [ $# -gt 0 ]; do
    run "$1" 5 true
    refused 2 "unknown option $1; nearest: $2"
    shift 2
  done
}

misspelt_options_get_the_nearest() {
  misspelt --retries --max-retries --max-retry --max-retries \
    --max_retries --max-retries --MAX-RETRIES --max-retries \
    --max-retrys --max-retries --retry --max-retries \
    -max-retries --max-retries --hold --hold-bytes --host --hosts \
    --dryrun --dry-run --retry-delay --base-delay --docter --doctor
}

far_from_every_option_gets_the_help() {
  run --quux true
  refused 2 'unknown option --quux; see curlretry --help'
}

short_options_are_few() {
  run -n 3 true
  refused 2 'unknown option -n; only -h and -V are short*'
  run -hn
  refused 2 'unknown option -hn; only -h and -V are short*'
}

value_is_never_an_option() {
  run --hosts --dry-run curl
  refused 2 'option --hosts needs a value; --dry-run is no value'
  run --hosts=--dry-run true
  is 'with an equals sign' "$status" 0
}

option_without_a_value_takes_none() {
  run --help=all
  refused 2 'option --help takes no value'
}

program_taken_for_a_value_is_named() {
  run --max-retries curl http://x/
  refused 2 '--max-retries curl: not understood; accepted: a whole number*'
  run --hosts curl
  refused 2 'no program given: curl is the value of --hosts; see *'
}

option_is_named_as_it_was_typed() {
  CURLRETRY_BUDGET=5 run --budget=many true
  refused 2 '--budget=many: not understood; accepted: *'
  run --on curl:60 true
  refused 2 '--on curl:60: *never retried (curl:60)*'
  run --hosts http://x/ true
  refused 2 '--hosts http://x/: not understood; accepted: *'
  run --programs /usr/bin/curl true
  refused 2 '--programs /usr/bin/curl: *file names without directory*'
}

last_of_an_option_counts() {
  run --max-retries many --max-retries 4 sh -c "$print_retries"
  is stdout "$out" 4
}

durations_and_sizes_are_understood() {
  run --max-time 1m30s --hold-bytes 1.5M --drain-bytes 1MB \
    --hosts 127.0.0.1:8080 printf ran
  is stdout "$out$err" ran
}

value_of_a_switch_stands_behind_equals() {
  run --dry-run 1 curl
  refused 127 '1: not found; a value of --dry-run stands behind "=": *run=1'
  run --dry-run=yes sh -c "$print_dry_run"
  is stdout "$out" yes
}

url_is_no_program() {
  run http://x/
  refused 127 'http://x/: not found: it is a URL*; curlretry curl http://x/'
}

command_line_is_no_program() {
  run 'curl -sS x'
  refused 127 'curl -sS x: not found: *without the quotes: curlretry curl *'
  run 'nothing here'
  refused 127 'nothing here: not found'
}

unknown_variable_is_named() {
  CURLRETRY_MAX_RETRY=5 run true
  refused 2 'CURLRETRY_MAX_RETRY=5: no such variable; nearest: *MAX_RETRIES'
}

one_message_is_one_line() {
  run $'two\nlines\e[31m'
  refused 127 'two?lines?\[31m: not found'
}

# --- the log ---------------------------------------------------------------

log_that_cannot_be_opened_is_refused() {
  run --log /nonexistent/f true
  refused 2 "--log /nonexistent/f: the file can't be written: No such file*"
  CURLRETRY_LOG=$tmp/ run true
  refused 2 "CURLRETRY_LOG=$tmp/: the file can't be written: Is a directory"
  run --log "$tmp/new" true
  is stderr "$err" ''
  is 'made before there is a line' "$(ls "$tmp/new" 2>/dev/null)" ''
}

log_of_another_user_is_refused() {
  if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    reason='needs root and setpriv'
    return
  fi
  : >"$tmp/log"
  as_nobody "$launcher" --log "$tmp/log" true 2>"$tmp/err"
  is status $? 2
  err=$(<"$tmp/err")
  one_line_error '--log */log: *belongs to another user (ID 0)'
  as_nobody "$launcher" --log "$tmp/another" true 2>"$tmp/err"
  err=$(<"$tmp/err")
  one_line_error "--log */another: the file can't be written: Permission *"
}

read_fifo() { # FILE: what its first writer writes; "nothing" if that's none
  python3 -c 'import os, select, sys
fifo = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
open(sys.argv[1] + ".is-read", "w").close()
events = select.poll()
events.register(fifo, select.POLLIN)
events.poll(10000)
print(os.read(fifo, 100).decode() or "nothing")' "$1"
}

log_in_a_fifo_is_not_begun_by_the_launcher() {
  local what reader tries
  for what in log trace; do
    mkfifo "$tmp/fifo-$what"
    read_fifo "$tmp/fifo-$what" >"$tmp/read" &
    reader=$!
    for ((tries = 0; tries < 500; tries++)); do
      [ -e "$tmp/fifo-$what.is-read" ] && break
      sleep 0.02
    done
    # shellcheck disable=SC2016 # expanded by the program's shell
    run "--$what" "$tmp/fifo-$what" timeout 10 \
      sh -c 'echo line >"${CURLRETRY_TRACE-$CURLRETRY_LOG}"'
    wait "$reader"
    is status "$status" 0
    is stderr "$err" ''
    is "what came by $what" "$(<"$tmp/read")" line
    rm "$tmp/fifo-$what" "$tmp/fifo-$what.is-read"
  done
  mkfifo -m 0444 "$tmp/fifo"
  if [ "$(id -u)" != 0 ]; then
    run --log "$tmp/fifo" true
    refused 2 "--log $tmp/fifo: the file can't be written: Permission denied"
  fi
}

relative_log_stays_where_it_is_meant() {
  mkdir -p "$tmp/here"
  out=$(cd "$tmp/here" && "$launcher" --log ./x sh -c "cd / && $print_log")
  is './x' "$out" "$tmp/here/x"
  out=$(cd "$tmp/here" && CURLRETRY_LOG=../x "$launcher" sh -c "$print_log")
  is '../x' "$out" "$tmp/here/../x"
  run --log stderr sh -c "$print_log"
  is 'no path' "$out" stderr
  run --log x true
  refused 2 "--log x: not understood; accepted: *a / in it*"
}
