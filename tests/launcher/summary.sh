# summary.sh - --summary: the program, its signals, and the report of its run;
# sourced by test_report.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# (variables of setup.sh; programs for a shell in single quotes)

# A program that never transfers anything writes what one would have traced.
transfers='cat "$0" >>"$CURLRETRY_TRACE"'

summary_is_on_stderr_and_the_program_on_stdout() {
  have jq || return
  run --summary sh -c "echo mine; $transfers; exit 7" "$trace"
  is status "$status" 7
  is stdout "$out" mine
  like stderr "$err" '7 calls, *a.test:80 *Without curlretry 5 of 7 *'
}

trace_of_a_summary_is_private_and_removed() {
  have jq || return
  mkdir -p "$tmp/own"
  TMPDIR=$tmp/own run --summary sh -c "$transfers
    stat -c '%a %n' \"\$CURLRETRY_TRACE\" \"\${CURLRETRY_TRACE%/*}\"" "$trace"
  like 'mode and name' "$out" "600 $tmp/own/curlretry-??????/trace
700 $tmp/own/curlretry-??????"
  is 'what is left' "$(ls "$tmp/own")" ''
  TMPDIR=$tmp/none run --summary true
  refused 2 "$tmp/none/curlretry-??????: No such file or directory"
}

program_in_the_background_makes_no_trace_anew() {
  have curl || return
  mkdir -p "$tmp/later"
  mkfifo "$tmp/over" "$tmp/done"
  TMPDIR=$tmp/later run --log off --max-retries 0 --summary sh -c '
    (read -r _ <"$0"; curl -s http://127.0.0.1:1/; echo >"$1") 2>/dev/null &' \
    "$tmp/over" "$tmp/done"
  echo >"$tmp/over"
  timeout 20 cat "$tmp/done" >/dev/null
  is 'what is left' "$(ls "$tmp/later")" ''
}

summary_of_what_is_no_file_is_refused() {
  mkfifo "$tmp/fifo"
  run --trace "$tmp/fifo" --summary true
  refused 2 "$tmp/fifo: --summary reads the trace, so it has to be a regular*"
  run --trace /dev/full --summary true
  refused 2 "/dev/full: --summary reads the trace, so it has to be a regular*"
}

is_childless() { ! pgrep -P "$1" >/dev/null; }

# It is no more for the program, whose number another one may have.
signal_during_the_report_ends_it() {
  local pid timer
  : >"$tmp/long" # much to read, not much of a file
  CURLRETRY_TRACE=$tmp/long setsid env --default-signal "$launcher" \
    --summary truncate -s 200G "$tmp/long" 2>/dev/null &
  pid=$!
  soon test -s "$tmp/long"
  soon is_childless "$pid"
  kill -TERM "$pid"
  (sleep 10 && kill -KILL "$pid") 2>/dev/null &
  timer=$!
  wait "$pid" 2>/dev/null
  is status $? 143
  kill "$timer"
}

summary_of_a_trace_that_is_set_begins_at_its_end() {
  have jq || return
  cp "$trace" "$tmp/kept"
  call 8 '{}' >"$tmp/one"
  CURLRETRY_TRACE=$tmp/kept run --summary sh -c "$transfers" "$tmp/one"
  like stderr "$err" '1 calls, *'
  is 'the trace' "$(wc -l <"$tmp/kept")" $(($(wc -l <"$trace") + 1))
  run --trace "$tmp/new" --summary sh -c "$transfers" "$tmp/one"
  like 'of a new one' "$err" '1 calls, *'
  is 'the trace' "$(wc -l <"$tmp/new")" 1
  CURLRETRY_TRACE=off run --summary sh -c "$transfers" "$tmp/one"
  like 'of none' "$err" '1 calls, *'
}

summary_without_transfers_asks_for_the_doctor() {
  run --summary sh -c 'exit 3'
  is status "$status" 3
  is stderr "$err" \
    'curlretry: no transfers were seen: see curlretry --doctor sh'
  CURLRETRY_TRACE=$tmp/never run --summary true
  is 'no file' "$err" \
    'curlretry: no transfers were seen: see curlretry --doctor true'
}

summary_is_a_launcher_too() {
  run --summary --max-retries 5 sh -c "$print_retries"
  is stdout "$out" 5
  run --max-retries 5 --summary sh -c "$print_preload"
  is 'the library' "$out" "$library"
  run --summary --max-retries many true
  refused 2 '--max-retries many: *'
  run --summary
  refused 2 'no program given; *'
  run --summary no-such-program-here
  refused 127 'no-such-program-here: not found'
  printf 'echo $0\n' >"$tmp/plain"
  chmod +x "$tmp/plain"
  run --summary "$tmp/plain"
  is 'without a first line' "$out" "$tmp/plain"
  printf '#!%s\n' "$tmp/gone" >"$tmp/script"
  chmod +x "$tmp/script"
  run --summary "$tmp/script"
  is 'what cannot be run' "$status" 127
  is 'lines of it' "$(wc -l <"$tmp/err")" 1
  run --summary --json true
  refused 2 '--json is an option of --report: *'
}

summary_dies_of_the_programs_signal() {
  local name
  have jq || return
  for name in TERM KILL INT; do
    run --summary sh -c "$transfers; kill -$name \$\$" "$trace"
    is "status of $name" "$status" $((128 + $(kill -l "$name")))
    like "stderr of $name" "$err" '7 calls, *'
  done
}

is_up() { [ -e "$tmp/up" ]; }

passes() { # NAME: whether that signal reaches the program, once
  rm -f "$tmp/up" "$tmp/got"
  # Its own group, as of a service: nobody else sends the program anything.
  # A shell lets its background jobs ignore some signals.
  setsid env --default-signal "$launcher" --summary bash -c '
    trap "echo $1 >>$2/got; exit 9" "$1"
    touch "$2/up"; for i in {1..100}; do sleep 0.05; done' \
    program "$1" "$tmp" >/dev/null 2>&1 &
  local pid=$!
  soon is_up
  kill "-$1" "$pid"
  wait "$pid"
  is "status after $1" $? 9
  is "$1 came" "$(cat "$tmp/got" 2>/dev/null)" "$1"
}

signals_are_passed_on() {
  local name
  for name in TERM HUP INT QUIT USR1 USR2; do
    passes "$name"
  done
}

is_in_state() { # PID STATE
  [ "$(cut -d ' ' -f 3 "/proc/$1/stat")" = "$2" ]
}

stopping_and_continuing_is_passed_on() {
  local pid child
  set -m # a group of its own, with somebody who could continue it
  "$launcher" --summary sleep 60 >/dev/null 2>&1 &
  pid=$!
  set +m
  soon pgrep -P "$pid" sleep >/dev/null
  child=$(pgrep -P "$pid")
  kill -TSTP "$pid"
  is 'both stop' "$(soon is_in_state "$pid" T && soon is_in_state "$child" T
    echo $?)" 0
  kill -CONT "$pid"
  is 'both go on' "$(soon is_in_state "$pid" S && soon is_in_state "$child" S
    echo $?)" 0
  kill -TERM "$pid"
  wait "$pid" 2>/dev/null
  is status $? 143
}

# A terminal's key reaches the whole group: the program must see it once. The
# launcher stands still until it has, so that two wouldn't become one.
key_of_a_terminal_reaches_the_program_once() {
  have python3 || return
  cat >"$tmp/counter" <<'PROGRAM'
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print("ready", flush=True)
seen = 0
while signal.sigtimedwait({signal.SIGINT}, 20 if seen == 0 else 0.5):
    seen += 1
    print("got", flush=True)
print("seen", seen, flush=True)
raise SystemExit(5)
PROGRAM
  out=$(timeout 30 python3 - "$launcher" "$tmp/counter" <<'PROGRAM'
import os, pty, signal, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--summary", sys.executable,
                           sys.argv[2]])
text = b""
sent = False
try:
    while data := os.read(terminal, 4096):
        text += data
        if b"ready" in text and not sent:
            sent = True
            os.kill(child, signal.SIGSTOP)
            os.write(terminal, b"\x03")
        if b"got" in text:
            os.kill(child, signal.SIGCONT)
except OSError:
    pass
status = os.waitpid(child, 0)[1]
print(text.decode().replace("\r", ""), os.waitstatus_to_exitcode(status))
PROGRAM
)
  like output "$out" $'*ready*seen 1\n*no transfers were seen* 5'
}

ignored_signals_stay_ignored() {
  out=$(trap '' HUP && "$launcher" --summary sh -c 'kill -HUP $PPID
    kill -HUP $$; echo alive' 2>/dev/null)
  is stdout "$out" alive
}

summary_of_a_real_run() {
  have jq curl || return
  # Nobody listens there.
  run --base-delay off --max-retries 2 --log off --summary \
    curl -sS http://127.0.0.1:1/
  is status "$status" 7
  like stderr "$err" \
    '*127.0.0.1:1  *3 of 3 attempts failed: connect 3*with it 1 did*'
  run --trace "$tmp/real" --base-delay off --max-retries 2 --log off \
    curl -sS 'http://127.0.0.1:1/?secret=7'
  run --report --json "$tmp/real"
  is report "$(jq -c '.total | [.calls, .failed, .attempts, .classes.connect,
    .torn, .foreign]' "$tmp/out")" '[1,1,3,3,0,0]'
  run --report --html "$tmp/real"
  is 'secrets in a page' "$(grep -c 'secret=7' "$tmp/out")" 0
  is 'its URL' "$(page_data '.worst[0].url')" \
    '"http://127.0.0.1:1/?secret=..."'
}
