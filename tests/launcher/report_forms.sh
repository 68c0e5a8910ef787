# report_forms.sh - the report for other programs: metrics, HAR, the page;
# sourced by test_report.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

# --- metrics ---------------------------------------------------------------

metric() { # NAME{LABELS}: its value
  awk -v name="$1" '$1 == name { print $2 }' "$tmp/out"
}

metrics_are_those_of_the_json() {
  have jq || return
  report --openmetrics
  is stderr "$err" ''
  local a='host="a.test:80"' b='host="b.test:443"'
  is 'calls of a' "$(for name in ok rescued failed program; do
    metric "curlretry_calls_total{$a,outcome=\"$name\"}"
  done | paste -s -d ' ')" '1 2 1 0'
  is 'failures of b' "$(for name in final dns connect timeout reset; do
    metric "curlretry_failures_total{$b,class=\"$name\"}"
  done | paste -s -d ' ')" '0 0 1 1 1'
  is attempts "$(metric "curlretry_attempts_total{$b}")" 4
  is waited "$(metric "curlretry_waited_seconds_total{$b}")" 0.30025
  is lost "$(metric "curlretry_lost_seconds_total{$b}")" 1.34525
  is sent "$(metric "curlretry_sent_bytes_total{$a}")" 7
  is received "$(metric "curlretry_received_bytes_total{$a}")" 100
  is 'a call at most' \
    "$(metric "curlretry_call_duration_seconds{$b,quantile=\"1\"}")" 1.34525
  is 'calls together' \
    "$(metric "curlretry_call_duration_seconds_sum{$b}")" 1.35225
  is attempts \
    "$(metric "curlretry_attempt_duration_seconds_count{$a}")" 6
  is torn "$(metric curlretry_trace_torn_lines_total)" 0
  is 'the last line' "$(tail -n 1 "$tmp/out")" '# EOF'
  report --openmetrics --by program
  is 'by program' "$(metric 'curlretry_attempts_total{program="git"}')" 3
}

metrics_please_promtool() {
  have jq promtool || return
  call 9 '{url: "http://a\\b\"c/"}' >"$tmp/quotes"
  local by
  for by in host url; do
    run --report --by $by --openmetrics "$trace" "$tmp/quotes"
    is "by $by" "$(promtool check metrics <"$tmp/out" 2>&1; echo $?)" 0
  done
  is 'a label' "$(grep -c \
    '^curlretry_attempts_total{url="http://a\\\\b\\"c/"}' "$tmp/out")" 1
  : >"$tmp/empty"
  run --report --openmetrics "$tmp/empty"
  is 'of nothing' "$(promtool check metrics <"$tmp/out" 2>&1; echo $?)" 0
}

every_metric_is_in_the_manual() {
  have jq || return
  local name count=0
  report --openmetrics
  while read -r name; do
    count=$((count + 1))
    at_least "$name" "$(grep -c -w -e "$name" \
      "$tree/scripts/curlretry.1")" 1
  done < <(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$tmp/out")
  is metrics "$count" 11
}

# --- HAR -------------------------------------------------------------------

validate() { # FILE: by the schema of HAR 1.2
  python3 - "$tree/tests/launcher/har-1.2.schema.json" "$1" <<'PROGRAM' 2>&1
import json, sys
import jsonschema
schema, har = [json.load(open(name)) for name in sys.argv[1:]]
jsonschema.Draft6Validator(schema, format_checker=jsonschema.FormatChecker()
                           ).validate(har)
print(len(har["log"]["entries"]), "entries are valid")
PROGRAM
}

har_is_valid() {
  have jq python3 || return
  report --har
  is stderr "$err" ''
  is entries "$(validate "$tmp/out")" '11 entries are valid'
  jq 'del(.log.entries[3].response.status)' "$tmp/out" >"$tmp/bad"
  like 'with one that is not' "$(validate "$tmp/bad")" \
    "*'status' is a required property*"
  : >"$tmp/empty"
  run --report --har "$tmp/empty"
  is 'of nothing' "$(validate "$tmp/out")" '0 entries are valid'
  "$tree/tests/launcher/trace.py" 200 >"$tmp/many"
  run --report --har "$tmp/many"
  like 'of many' "$(validate "$tmp/out")" '2* entries are valid'
}

har_entry_is_an_attempt() {
  have jq || return
  report --har
  is 'a failed one' "$(jq -c '.log.entries[4]' "$tmp/out")" \
    '{"startedDateTime":"2026-11-26T16:59:59.500Z","time":1000,'\
'"request":{"method":"GET","url":"https://b.test/","httpVersion":"HTTP/1.1",'\
'"cookies":[],"headers":[],"queryString":[],"headersSize":-1,"bodySize":0},'\
'"response":{"status":0,"statusText":"","httpVersion":"HTTP/1.1",'\
'"cookies":[],"headers":[],"content":{"size":0,"mimeType":""},'\
'"redirectURL":"","headersSize":-1,"bodySize":0},"cache":{},'\
'"timings":{"blocked":-1,"dns":1,"connect":6.25,"ssl":4.25,"send":0,'\
'"wait":992.75,"receive":0},"serverIPAddress":"2001:db8::1",'\
'"connection":"443","_pid":41,"_tid":41,"_call":3,"_attempt":2,'\
'"_program":"curl","_call_url":"https://b.test/","_host":"b.test:443",'\
'"_proxy":null,"_at_proxy":false,"_reused":false,"_injected":false,'\
'"_code":28,"_class":"timeout","_verdict":"retry","_reason":null,'\
'"_delay_ms":200,"_retry_after_ms":null,"_held":0,"_replayed":0,'\
'"_resumed_from":null}'
  is 'a good one' "$(jq -c '.log.entries[0] | [.time, .timings,
    .response.status, .response.bodySize]' "$tmp/out")" \
    '[10,{"blocked":-1,"dns":1,"connect":2,"ssl":-1,"send":0,"wait":3,'\
'"receive":4},200,100]'
  is 'what libcurl said' \
    "$(jq -r '.log.entries[3].response._error' "$tmp/out")" "Couldn't connect"
  is 'parts make the whole' "$(jq '[.log.entries[] | .time - (.timings |
    [.dns, .connect, .wait, .receive] | map(select(. > 0)) | add)] | map(fabs)
    | max < 0.001' "$tmp/out")" true
}

# --- the page --------------------------------------------------------------

page_holds_figures_and_calls() {
  have jq || return
  local total
  total=$(json .total)
  report --html
  is stderr "$err" ''
  is total "$(page_data '.total | del(.failed_ms, .injected)')" "$total"
  is 'time of failed attempts' "$(page_data '.total.failed_ms')" 1083
  is rows "$(page_data '[.rows[] | [.key, .failed_ms]]')" \
    '[["a.test:80",29],["b.test:443",1045],["proxy p.test:3128",9]]'
  is 'worst peer' "$(page_data '.rows[1] |
    [.peer, .peer_failures, .peer_attempts]')" '["[2001:db8::1]:443",2,2]'
  is 'failures over time' "$(page_data '[.rows[].failures | add]')" '[3,3,1]'
  is calls "$(page_data '[.worst[] | [.outcome, .pid, .call, .total,
    (.steps | length)]]')" '[["failed",41,3,1345.25,3],["failed",41,5,9,1],'\
'["failed",42,1,8,1],["rescued",41,2,550,2],["rescued",42,2,3,2],'\
'["program",41,4,7,1],["ok",41,1,10,1]]'
  is 'an attempt' "$(page_data '.worst[0].steps[1] | [.number, .total,
    .delay, .code, .class, .peer]')" \
    '[2,1000,200,28,"timeout","[2001:db8::1]:443"]'
  is note "$(page_data '[.notes[] | [.level, .count, .text]]')" \
    '[["warn",2,"the snapshot is too large"]]'
}

page_loads_nothing_and_runs_its_own_script_alone() {
  have jq || return
  local nonce
  call 1 '{url: "</script><script>alert(1)</script><!--", class: "status",
    outcome: "failed", host: "<img src=x onerror=alert(1)>"}' >"$tmp/evil"
  run --report --html "$tmp/evil"
  is 'addresses outside the data' "$(sed 's/<script type=.*//' "$tmp/out" |
    grep -o -E '(https?:)?//[a-z][^"'\'' )]*' | sort -u)" \
    'http://www.w3.org/2000/svg'
  is scripts "$(grep -o '<script' "$tmp/out" | wc -l)" 2
  is 'ends of scripts' "$(grep -o '</script' "$tmp/out" | wc -l)" 2
  is images "$(grep -c '<img' "$tmp/out")" 0
  is 'the URL' "$(page_data '.worst[0].url')" \
    '"</script><script>alert(1)</script><!--"'
  nonce=$(sed -n 's/.*<script nonce="\([0-9a-f]*\)".*/\1/p' "$tmp/out")
  is 'its length' "${#nonce}" 32
  local policy="default-src 'none'; style-src 'nonce-$nonce'"
  policy+="; script-src 'nonce-$nonce'; base-uri 'none'; form-action 'none'"
  is policy "$(grep -o 'content="default-src .*"' "$tmp/out")" \
    "content=\"$policy\""
  run --report --html "$tmp/evil"
  is 'the same again' "$(grep -c "$nonce" "$tmp/out")" 0
}

page_is_small_however_many_calls_there_are() {
  have jq python3 || return
  "$tree/tests/launcher/trace.py" 10000 >"$tmp/many"
  run --report --html "$tmp/many"
  at_most bytes "$(stat -c %s "$tmp/out")" 600000
  is kept "$(page_data '[.worst[].outcome] | group_by(.) |
    map([.[0], length])')" '[["failed",2],["ok",100],["rescued",300]]'
  is 'the longest first' "$(page_data '[.worst[] | select(.outcome ==
    "rescued") | .total] | . == (sort | reverse)')" true
  is 'with all attempts' \
    "$(page_data '[.worst[] | (.steps | length) == .attempts] | all')" true
  is 'their failures over time' "$(page_data '([.rows[].failures | add] | add)
    == ([.total.classes[]] | add)')" true
}
