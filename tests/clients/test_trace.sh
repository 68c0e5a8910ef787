#!/bin/bash
# The trace of stock programs: who failed, how often out of how many, what it
# took; whole lines whoever writes at once; no secret in it.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

launcher=$(dirname "$SHIM")/curlretry
export CURLRETRY_TRACE=$tmp/trace CURLRETRY_LOG=off

# asked FILTER: what jq says of all lines of the trace.
asked() { # FILTER
  jq -c -s "$1" <"$CURLRETRY_TRACE"
}

fresh() { # no trace, a new key
  rm -f "$CURLRETRY_TRACE"
  new_key
}

# --- an attempt, a call ----------------------------------------------------

attempts_and_calls_are_lines() {
  fresh
  shimmed -o "$tmp/out" "$HTTP/$KEY/rst,503:ra=1,200:size=5000"
  is events "$(asked 'map(.event)')" '["attempt","attempt","attempt","call"]'
  is "what came of them" "$(asked 'map(select(.event == "attempt") |
    [.attempt, .method, .code, .status, .class, .verdict, .received,
     .retry_after_ms])')" '[[1,"GET",56,null,"reset","retry",0,null],'\
'[2,"GET",0,503,"status","retry",12,1000],[3,"GET",0,200,null,"deliver",5000,'\
'null]]'
  is "the call" "$(asked '.[3] | [.outcome, .code, .status, .attempts, .driver,
    .class, .call, .host == "127.0.0.1:'"$HTTP_PORT"'", .host == .peer,
    .waited_ms >= 1000, .total_ms >= .waited_ms]')" \
    '["rescued",0,200,3,"easy","status",1,true,true,true,true]'
  is "a writer" "$(asked 'map([.v, .program, .pid == .tid]) | unique')" \
    '[[1,"curl",true]]'
}

redirect_to_nowhere_is_nobodys_peer() {
  local way
  start_dead refuse || return
  for way in '' -Z; do
    fresh
    CURLRETRY_MAX_RETRIES=1 shimmed $way -L \
      "$HTTP/$KEY/302:loc=http%3A%2F%2F127.0.0.1%3A$DEAD_PORT%2F"
    is "who failed" "$(asked 'map([.class, .host, .peer]) | unique')" \
      "[[\"connect\",\"127.0.0.1:$DEAD_PORT\",null]]"
  done
  start_dead full || return
  fresh
  shimmed -m 1 -L \
    "$HTTP/$KEY/302:loc=http%3A%2F%2F127.0.0.1%3A$DEAD_PORT%2F"
  is "what took its time" "$(asked 'map([.class, .host, .peer]) | unique')" \
    "[[\"timeout\",\"127.0.0.1:$DEAD_PORT\",null]]"
}

time_in_all_is_with_waits() {
  fresh
  CURLRETRY_FAULTS=delay=300ms shimmed "$HTTP/$KEY/200"
  is "of a delay" "$(asked '.[-1] | .attempts == 1 and .total_ms >= 300')" true
  printf '%s\n' 'import pycurl, sys, time' 'multi = pycurl.CurlMulti()' \
    'curl = pycurl.Curl()' 'curl.setopt(pycurl.URL, sys.argv[1])' \
    'multi.add_handle(curl)' 'for i in range(30):' '    multi.perform()' \
    '    time.sleep(0.01)' 'multi.remove_handle(curl)' >"$tmp/removes.py"
  fresh
  CURLRETRY_BASE_DELAY=9s CURLRETRY_JITTER=none host "$PYTHON" \
    "$tmp/removes.py" "$HTTP/$KEY/503" >/dev/null
  is "of what was taken away" "$(asked '.[-1] | [.outcome, .attempts,
    .waited_ms >= 100, .total_ms >= .waited_ms]')" '["program",1,true,true]'
}

upload_says_what_was_sent_again() {
  fresh
  UPLOAD=$tmp/upload.300000 from_pipe shimmed -T - "$HTTP/$KEY/503,201"
  is "bytes" "$(asked 'map(select(.event == "attempt") |
    [.method, .sent >= 300000, .replayed])')" \
    '[["PUT",true,0],["PUT",true,300000]]'
  is "bytes up" "$(asked '.[-1].bytes_up == (map(.sent // 0) | add)')" true
}

resume_says_where_it_went_on() {
  local plan=200:size=300000:etag=v1:ranges
  fresh
  CURLRETRY_HOLD_BYTES=1 shimmed -o "$tmp/out" \
    "$HTTP/$KEY/$plan:rst@150000,$plan"
  is "the second" "$(asked 'map(select(.event == "attempt"))[1] |
    [.status, .resumed_from, .received, .class]')" '[206,150000,150000,null]'
  is "the first" "$(asked 'map(select(.event == "attempt"))[0] |
    [.code, .class, .resumed_from]')" '[56,"reset",null]'
}

program_that_stops_is_told_apart() {
  fresh
  shimmed "$HTTP/$KEY/200:size=3M" -o /dev/full
  ended 23
  is outcome "$(asked '.[-1] | [.outcome, .code, .class]')" \
    '["program",23,"final"]'
  fresh
  shimmed "$HTTP/$KEY/404"
  is outcome "$(asked '.[-1] | [.outcome, .code, .status, .class]')" \
    '["failed",0,404,"status"]'
}

multi_is_a_driver() {
  fresh
  shimmed -Z "$HTTP/$KEY-a/503,200" "$HTTP/$KEY-b/503,200" -o /dev/null \
    -o /dev/null
  is calls "$(asked 'map(select(.event == "call") |
    [.driver, .outcome, .attempts]) | unique')" '[["multi","rescued",2]]'
  is "numbers of calls" "$(asked 'map(select(.event == "call") | .call) |
    sort')" '[1,2]'
}

git_is_traced() {
  have git || return
  fresh
  timeout 30 env LD_PRELOAD="$SHIM" git ls-remote "$HTTP/$KEY/503*9" \
    >/dev/null 2>&1
  is "programs and drivers" "$(asked 'map(select(.event == "call") |
    [.program, .driver, .outcome, .status]) | unique')" \
    '[["git-remote-http","multi","failed",503]]'
}

notes_are_lines() {
  fresh
  CURLRETRY_MAX_RETRIES=many shimmed "$HTTP/$KEY/200"
  like note "$(asked 'map([.event, .level, .call, .text])')" \
    '[["note","error",null,"CURLRETRY_MAX_RETRIES=many: not understood;*'
  fresh
  CURLRETRY_LOG=$tmp/none/log shimmed "$HTTP/$KEY/503,200"
  is notes "$(asked 'map(select(.event == "note") | .text)')" \
    '["lines of the log are lost"]'
}

off_opens_nothing() {
  fresh
  CURLRETRY_TRACE=off get 503,200
  is "a trace" "$([ ! -e "$CURLRETRY_TRACE" ] || echo there)" ''
}

relative_path_is_of_the_start() {
  fresh
  printf '%s\n' 'import os, pycurl, sys' 'os.chdir("/")' \
    'curl = pycurl.Curl()' 'curl.setopt(pycurl.URL, sys.argv[1])' \
    'curl.perform()' >"$tmp/moves.py"
  (cd "$tmp" && CURLRETRY_TRACE=./here host "$PYTHON" "$tmp/moves.py" \
    "$HTTP/$KEY/200")
  is "lines there" "$(wc -l <"$tmp/here")" 2
}

many_writers_leave_whole_lines() {
  local i
  fresh
  for i in {1..20}; do
    for _ in 1 2 3 4 5; do
      LD_PRELOAD=$SHIM "$CURL_PROGRAM" -q -s -o /dev/null \
        "$HTTP/$KEY-$i-$RANDOM/503,200"
    done &
  done 2>/dev/null
  # shellcheck disable=SC2046 # pids
  wait $(jobs -p | grep -v -x -F "$(printf '%s\n' "${SERVER_PIDS[@]}")")
  is "lines" "$(wc -l <"$CURLRETRY_TRACE")" 300
  is "lines that are no objects" \
    "$(jq -R 'fromjson? // "torn"' <"$CURLRETRY_TRACE" | grep -c torn)" 0
}

# Each by a process of its own: the one that met the full disk is gone when
# there is room again.
full_disk_costs_one_record() {
  local size
  fresh
  shimmed -o "$tmp/out" "$HTTP/$KEY/200"
  size=$(stat -c %s "$CURLRETRY_TRACE")
  head -c $((8192 - 300 - size)) /dev/zero | tr '\0' '\n' >>"$CURLRETRY_TRACE"
  (
    ulimit -f 8
    shimmed -o "$tmp/out" "$HTTP/$KEY/200"
    shimmed -o "$tmp/out" "$HTTP/$KEY/200"
  )
  is "bytes when it is full" "$(stat -c %s "$CURLRETRY_TRACE")" 8192
  shimmed -o "$tmp/out" "$HTTP/$KEY/200"
  is "lines" "$(grep . "$CURLRETRY_TRACE" |
    jq -r -R '(fromjson? // {event: "torn"}).event' | paste -s -d ' ')" \
    'attempt call torn attempt call'
  is "calls, torn, foreign" "$("$launcher" --report --json "$CURLRETRY_TRACE" |
    jq -c '.total | [.calls, .torn, .foreign]')" '[2,1,0]'
  saw GET:200 GET:200 GET:200 GET:200
}

# --- the script of 40 calls to three hosts ---------------------------------

# Of its calls 22 succeed at once, 17 after retries, one is lost.
forty_calls() { # of an unmodified script
  local i to_b=http%3A%2F%2Fb.test%3A$B_PORT
  for i in {1..13}; do curl_at "$A/$KEY-$i/200"; done
  for i in {1..6}; do # a.test leads to b.test, which fails once
    curl_at -L "$A/$KEY-r$i/302:loc=$to_b%2F$KEY-r$i%2F503%2C200"
  done
  for i in {1..4}; do
    curl_at -L "$A/$KEY-s$i/302:loc=$to_b%2F$KEY-s$i%2F200"
  done
  for i in {1..6}; do curl_at "$B/$KEY-b$i/rst,200"; done
  for i in {1..5}; do curl_at "http://c.test:$SLOW_PORT/$i"; done
  for i in {1..3}; do # the first of its addresses is slow
    CURLRETRY_STALL_TIMEOUT=1s curl_at "http://c.test:$SLOW_PORT/slow$i"
  done
  CURLRETRY_MAX_RETRIES=1 curl_at -x "127.0.0.1:$DEAD_PORT" "$A/$KEY-p/200"
  curl_at -Z "$A/$KEY-z/503*2,200*2" "$A/$KEY-z/503*2,200*2" -o /dev/null
}

curl_at() { # ARG...
  "${stock[@]}" --resolve "a.test:$HTTP_PORT:127.0.0.1" \
    --resolve "b.test:$B_PORT:127.0.0.1" \
    --resolve "c.test:$SLOW_PORT:127.0.0.2,127.0.0.3,127.0.0.4" \
    -o /dev/null "$@" 2>/dev/null
}

# row KEY FILTER: of the report's row.
row() { # KEY FILTER
  jq -c --arg key "$1" ".rows[] | select(.key == \$key) | $2" <"$tmp/report"
}

report_of_forty_calls_to_three_hosts() {
  local A B own=$HTTP_PORT
  local figures='[.calls, .ok, .rescued, .failed, .attempts]'
  local classes='.classes | with_entries(select(.value > 0))'
  fresh
  start_faulty http || return
  B_PORT=$SERVER_PORT
  start_dead refuse
  serve_python backends.py slow "$tmp/served"
  SLOW_PORT=$PORTS # 127.0.0.2 is slow
  A=http://a.test:$own B=http://b.test:$B_PORT
  export LD_PRELOAD=$SHIM
  forty_calls
  unset LD_PRELOAD
  "$launcher" --report --json "$CURLRETRY_TRACE" >"$tmp/report"
  is total "$(jq -c ".total | $figures" <"$tmp/report")" '[40,22,17,1,58]'
  is "a.test" "$(row "a.test:$own" "$figures")" '[15,13,2,0,17]'
  is "of a.test" "$(row "a.test:$own" "$classes")" '{"status":2}'
  is "b.test" "$(row "b.test:$B_PORT" "$figures")" '[16,4,12,0,28]'
  is "of b.test" "$(row "b.test:$B_PORT" "$classes")" '{"reset":6,"status":6}'
  is "c.test" "$(row "c.test:$SLOW_PORT" "$figures")" '[8,5,3,0,11]'
  is "of c.test" "$(row "c.test:$SLOW_PORT" "$classes")" '{"timeout":3}'
  is "the proxy" "$(row "proxy 127.0.0.1:$DEAD_PORT" "$figures")" \
    '[1,0,0,1,2]'
  is "of the proxy" "$(row "proxy 127.0.0.1:$DEAD_PORT" "$classes")" \
    '{"connect":2}'
  is "time waited" "$(jq .total.waited_ms <"$tmp/report")" \
    "$(asked 'map(.waited_ms // 0) | add')"
  "$launcher" --report --json --by peer "$CURLRETRY_TRACE" >"$tmp/report"
  is "the slow peer" "$(row "127.0.0.2:$SLOW_PORT" \
    '[.calls, .rescued, .classes.timeout]')" '[8,3,3]'
}

# --- secrets ---------------------------------------------------------------

# With a marker in every place that a program or a server can put one.
no_secret_is_told() {
  local form format
  fresh
  rm -f "$tmp/log"
  printf 'machine 127.0.0.1 login me password s3cret\n' >"$tmp/netrc"
  for format in text json; do
    for form in rst,503,404 503:body=s3cret,200:body=s3cret:etag=s3cret \
      503:hdr=X~s3cret,599:hdr=Set-Cookie~s3cret \
      302:loc=%2Fthere%2F200%3Fkey%3Ds3cret%26s3cret%23s3cret \
      401:auth=digest,503,200:auth=digest \
      200:size=9000:etag=s3cret:rst@5000,200:size=7000:etag=s3cret2 \
      200:size=9000:crange=s3cret 200:hdr=Content-Length~s3cret \
      200:hdr=Transfer-Encoding~s3cret 200:hdr=Content-Encoding~s3cret; do
      new_key
      server_plan "$KEY" "$form"
      CURLRETRY_LOG=$tmp/log CURLRETRY_LOG_FORMAT=$format \
        CURLRETRY_LOG_LEVEL=debug CURLRETRY_HOLD_BYTES=1 \
        shimmed -L -H 'Authorization: Bearer s3cret' -A s3cret -e s3cret \
        -b 'session=s3cret' -H 'X-s3cret: s3cret' --netrc-file "$tmp/netrc" \
        -d 's3cret=s3cret' -X PUT --compressed \
        "${HTTP/\/\////me:s3cret@}/$KEY?token=s3cret&s3cret#s3cret"
    done
  done
  CURLRETRY_LOG=$tmp/log CURLRETRY_LOG_LEVEL=debug shimmed \
    -x 'http://me:s3cret@127.0.0.1:1' -U me:s3cret http://a.test/
  CURLRETRY_LOG=$tmp/log CURLRETRY_LOG_LEVEL=debug \
    https_proxy=http://me:s3cret@127.0.0.1:1 shimmed https://a.test/
  at_least "lines of the trace" "$(wc -l <"$CURLRETRY_TRACE")" 20
  at_least "lines of the log" "$(wc -l <"$tmp/log")" 20
  is "in the trace" "$(grep s3cret "$CURLRETRY_TRACE")" ''
  is "in the log" "$(grep s3cret "$tmp/log")" ''
  for form in --json --openmetrics --har --html; do
    "$launcher" --report "$form" "$CURLRETRY_TRACE" >"$tmp/report"
    at_least "bytes of $form" "$(stat -c %s "$tmp/report")" 100
    is "in $form" "$(grep -c s3cret "$tmp/report")" 0
  done
}

run_tests "$0"
