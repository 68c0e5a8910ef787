# report.sh - the figures of a report, by hand, and the table; sourced by
# test_report.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

# --- the figures -----------------------------------------------------------

total_is_the_sum_of_all() {
  have jq || return
  report --json
  is status "$status" 0
  is stderr "$err" ''
  is total "$(jq -c .total "$tmp/out")" \
    '{"calls":7,"ok":1,"rescued":2,"failed":3,'\
'"program":1,"attempts":11,"classes":{"dns":0,"connect":1,"tls":0,'\
'"timeout":1,"reset":1,"partial":0,"status":2,"final":2},'\
'"waited_ms":800.25,"attempt_ms":{"p50":9.088,"p95":1000,"max":1000},'\
'"call_ms":{"p50":9.088,"p95":1345.25,"max":1345.25},'\
'"bytes_up":7,"bytes_down":100,"torn":0,"foreign":0}'
  is 'what it is' "$(json '[.version, .by, (.rows | length), keys]')" \
    '[1,"host",3,["by","rows","total","version"]]'
}

rows_are_by_host_the_worst_first() {
  have jq || return
  is keys "$(json '[.rows[].key]')" \
    '["a.test:80","b.test:443","proxy p.test:3128"]'
  is 'the row of a' "$(json '.rows[0]')" '{"key":"a.test:80","calls":4,'\
'"ok":1,"rescued":2,"failed":1,"program":0,"attempts":6,"classes":{"dns":0,'\
'"connect":0,"tls":0,"timeout":0,"reset":0,"partial":0,"status":2,'\
'"final":1},"waited_ms":500,"attempt_ms":{"p50":8,"p95":30,"max":30},'\
'"call_ms":{"p50":8,"p95":550,"max":550},"bytes_up":7,"bytes_down":100,'\
'"torn":0,"foreign":0}'
  is 'the row of b' "$(json '.rows[1] | [.calls, .ok, .rescued, .failed,
    .program, .attempts, .waited_ms, .call_ms.max, .classes.connect,
    .classes.timeout, .classes.reset, .classes.final]')" \
    '[2,0,0,1,1,4,300.25,1345.25,1,1,1,0]'
  is 'the row of the proxy' "$(json '.rows[2] | [.calls, .failed, .attempts,
    .classes.final, .call_ms.p50]')" '[1,1,1,1,9]'
}

rows_are_by_what_is_asked_for() {
  have jq || return
  local count='[.rows[] | [.key, .calls, .attempts, .failed]]'
  is peer "$(json "$count" --by peer)" '[["192.0.2.1:80",3,5,1],'\
'["[2001:db8::1]:443",1,2,1],["192.0.2.3:3128",1,1,1],["192.0.2.2:80",1,1,0],'\
'["unknown",1,2,0]]'
  is program "$(json "$count" --by=program)" '[["curl",5,8,2],["git",2,3,1]]'
  is url "$(json "$count" --by url)" \
    '[["http://a.test/x?y=...",5,7,2],["https://b.test/",2,4,1]]'
  is hour "$(json "$count" --by hour)" \
    '[["2026-11-26T17",5,8,2],["2026-11-26T18",2,3,1]]'
  is 'what it is by' "$(json .by --by hour)" '"hour"'
  is host "$(json . --by host)" "$(json .)"
}

rows_beyond_the_top_are_one() {
  have jq || return
  is rows "$(json '[.rows[] | [.key, .calls, .failed, .attempts]]' --top 1)" \
    '[["a.test:80",4,1,6],["(other)",3,2,5]]'
  is 'the last hour' "$(json '[.rows[].key]' --by hour --top 1)" \
    '["2026-11-26T17","(other)"]'
  is 'as many' "$(json '[.rows[].key]' --top 3)" \
    '["a.test:80","b.test:443","proxy p.test:3128"]'
}

every_field_is_in_the_manual() {
  have jq || return
  local field count=0
  for field in $(json '[paths | .[-1] | strings] | unique | .[]' |
    tr -d '"'); do
    count=$((count + 1))
    at_least "$field" "$(sed -n '/^\.SH REPORT/,/^\.SH SUMMARY/p' \
      "$tree/scripts/curlretry.1" | grep -c -w -e "$field")" 1
  done
  is 'fields found' "$count" 30
}

# --- the table -------------------------------------------------------------

table_says_who_failed_and_how_often() {
  have jq || return
  report
  is status "$status" 0
  is stderr "$err" ''
  is stdout "$out" "\
7 calls, 2026-11-26 17:00:00 to 2026-11-26 18:59:59 UTC

host                calls  at once  rescued   failed attempts   waited  program
a.test:80               4        1        2        1        6    500ms        0
  3 of 6 attempts failed: status 2, final 1
  1 of them injected (FAULTS)
  worst peer 192.0.2.1:80: 2 of 5 failed: final 1, status 1
  call p50 8.0ms, p95 550ms, max 550ms; attempt p50 8.0ms, p95 30ms, max 30ms
b.test:443              2        0        0        1        4    300ms        1
  3 of 4 attempts failed: connect 1, timeout 1, reset 1
  worst peer [2001:db8::1]:443: 2 of 2 failed: timeout 1, reset 1
  call p50 7.0ms, p95 1.3s, max 1.3s; attempt p50 7.0ms, p95 1.0s, max 1.0s
proxy p.test:3128
                        1        0        0        1        1       0s        0
  1 of 1 attempts failed: final 1
  worst peer 192.0.2.3:3128: 1 of 1 failed: final 1
  call p50 9.0ms, p95 9.0ms, max 9.0ms; attempt p50 9.0ms, p95 9.0ms, max 9.0ms
total                   7        1        2        3       11    800ms        1
  7 of 11 attempts failed: final 2, status 2, connect 1, timeout 1, reset 1
  1 of them injected (FAULTS)
  call p50 9.1ms, p95 1.3s, max 1.3s; attempt p50 9.1ms, p95 1.0s, max 1.0s

Without curlretry 5 of 7 calls would have failed; with it 3 did (2 rescued).
Calls waited 800ms for retries; waits and failed attempts took 1.9s.
warn (2 times): the snapshot is too large"
}

table_without_failures_is_short() {
  have jq || return
  attempt 1 1 '{}' >"$tmp/good"
  call 1 '{}' >>"$tmp/good"
  run --report "$tmp/good"
  is stdout "$out" "\
1 calls, 2026-11-26 17:00:00 to 2026-11-26 17:00:00 UTC

host                         calls  at once  rescued   failed attempts   waited
a.test:80                        1        1        0        0        1       0s
  call p50 10ms, p95 10ms, max 10ms; attempt p50 10ms, p95 10ms, max 10ms

Without curlretry 0 of 1 calls would have failed; with it 0 did (0 rescued).
Calls waited 0s for retries; waits and failed attempts took 0s."
}

table_of_nothing_says_so() {
  : >"$tmp/empty"
  run --report "$tmp/empty"
  is stdout "$out" 'no transfers in 0 lines'
  is status "$status" 0
  is stderr "$err" ''
}

table_fits_79_columns() {
  "$tree/tests/launcher/trace.py" 3000 7 >"$tmp/many"
  local by
  for by in host peer program hour; do
    run --report --by "$by" "$tmp/many"
    is "longer lines by $by" "$(grep -c '.\{80\}' "$tmp/out")" 0
  done
}

on_terminal() { # COLUMNS COMMAND...: what it prints on a terminal
  python3 - "$@" <<'PROGRAM'
import fcntl, os, pty, struct, sys, termios
parent, child = pty.openpty()
fcntl.ioctl(child, termios.TIOCSWINSZ,
            struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
if os.fork() == 0:
    for number in range(3):
        os.dup2(child, number)
    os.execv(sys.argv[2], sys.argv[2:])
os.close(child)
try:
    while data := os.read(parent, 65536):
        sys.stdout.buffer.write(data)
except OSError:
    pass
PROGRAM
}

names_are_cut_on_a_terminal_alone() {
  have jq python3 || return
  local url
  url=http://a.test/$(printf '%0200d' 7)/last
  call 1 "{url: \"$url\"}" >"$tmp/long"
  run --report --by url "$tmp/long"
  is 'in a pipe' "$(grep -c -x "$url" "$tmp/out")" 1
  out=$(on_terminal 100 "$launcher" --report --by url "$tmp/long" |
    tr -d '\r')
  is 'longer lines' "$(grep -c '.\{101\}' <<<"$out")" 0
  is 'the beginning and the end' \
    "$(grep -c -x 'http://a.test/000*\.\.\.000*7/last' <<<"$out")" 1
}

# --- what is read ----------------------------------------------------------

several_files_are_one_report() {
  have jq || return
  head -n 7 "$trace" >"$tmp/trace.1"
  tail -n +8 "$trace" >"$tmp/trace.2"
  local whole
  whole=$(json .)
  run --report "$tmp/trace.1" "$tmp/trace.2" --json
  is 'both files' "$(jq -c . "$tmp/out")" "$whole"
  out=$("$launcher" --report --json - "$tmp/trace.2" <"$tmp/trace.1")
  is 'stdin and a file' "$(jq -c . <<<"$out")" "$whole"
  out=$(cat "$tmp/trace.1" "$tmp/trace.2" | "$launcher" --report --json)
  is 'stdin alone' "$(jq -c . <<<"$out")" "$whole"
  CURLRETRY_TRACE=$trace run --report --json
  is 'of the environment' "$(jq -c . "$tmp/out")" "$whole"
  out=$(CURLRETRY_TRACE=$tmp/none "$launcher" --report --json <"$trace")
  is 'stdin before the environment' "$(jq -c . <<<"$out")" "$whole"
}

what_cannot_be_read_is_named() {
  run --report "$tmp/none"
  refused 2 "$tmp/none: No such file or directory"
  run --report "$tmp"
  refused 2 "$tmp: Is a directory"
  run --report --har "$tmp/none"
  refused 2 "$tmp/none: No such file or directory"
  echo hello >"$tmp/other"
  run --report "$tmp/other"
  one_line_error "warning: $tmp/other: none of its lines is of a trace, *"
  is status "$status" 0
  have python3 || return
  like 'no trace on a terminal' "$(on_terminal 80 "$launcher" --report)" \
    'curlretry: no trace: name its file, *'
}

options_of_the_report_are_checked() {
  local form
  run --report --by hosts "$trace"
  refused 2 '--by hosts: accepted: host, peer, *; nearest: host'
  for number in 0 -1 8193 many ''; do
    run --report --top="$number" "$trace"
    refused 2 "--top $number: accepted: a whole number from 1 to 8192"
  done
  for form in json openmetrics har html; do
    run --"$form" true
    refused 2 "--$form is an option of --report: curlretry --report --$form"
  done
  run --by host --doctor true
  refused 2 '--by is an option of --report: curlretry --report --by VALUE'
  run --report --json --har "$trace"
  refused 2 '--json and --har can'\''t go together'
  run --report --har --by host "$trace"
  refused 2 '--har has no rows for --by'
  run --report --doctor "$trace"
  refused 2 '--report and --doctor can'\''t go together'
  run --report --max-retries 3 "$trace"
  refused 2 '--max-retries is no option of --report, *'
  run --report --jsn "$trace"
  refused 2 'unknown option --jsn; nearest: --json'
  run --report --by
  refused 2 'option --by needs a value; see curlretry --help'
  run --report -- --json
  refused 2 '--json: No such file or directory'
}
