#!/bin/bash
# selftest.sh - every kind of step, seen by an unshimmed curl and by the log.
# Usage: [FAULTY=binary] tests/server/selftest.sh
set -u
unset LD_PRELOAD
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
CURL=(/usr/bin/curl -q -sS -g -m 20 --noproxy '')
WORK=$(mktemp -d)
# shellcheck disable=SC2016 # for the trap
at_exit 'stop_all; rm -rf "$WORK"'
PASSED=0 FAILED=0

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then
    PASSED=$((PASSED + 1))
    echo "ok $((PASSED + FAILED)) - $1"
  else
    FAILED=$((FAILED + 1))
    echo "not ok $((PASSED + FAILED)) - $1"
    printf '# expected: %s\n# actual:   %s\n' "$2" "$3"
  fi
}

# get KEY/PLAN [CURL-OPTION...]: sets RC, CODE, BODY_SHA, BODY_SIZE; headers
# in $WORK/head, body in $WORK/body.
get() {
  local path=$1
  shift
  rm -f "$WORK/body" "$WORK/head"
  CODE=$("${CURL[@]}" -D "$WORK/head" -o "$WORK/body" -w '%{http_code}' \
    "$@" "$HTTP/$path" 2>"$WORK/error")
  RC=$?
  touch "$WORK/body" "$WORK/head"
  BODY_SIZE=$(stat -c %s "$WORK/body")
  BODY_SHA=$(sha256sum <"$WORK/body" | cut -d ' ' -f 1)
}

# expect NAME "RC CODE SIZE" after get
expect() { check "$1" "$2" "$RC $CODE $BODY_SIZE"; }

# header NAME: its value in the answer that get saw last
header() {
  tr -d '\r' <"$WORK/head" | sed -n "s/^$1: //Ip" | tail -n 1
}

# logged KEY JQ-FILTER: the filter over the array of the key's entries
logged() { server_log "$1" | jq -s -r "$2"; }

test_statuses() {
  get s1/503,429:ra=7,200:size=5000
  expect "503 with its short body" "0 503 12"
  get s1/503,429:ra=7,200:size=5000
  check "Retry-After" "429 7" "$CODE $(header Retry-After)"
  get s1/503,429:ra=7,200:size=5000
  check "generated body" "$(body_sha s1 5000)" "$BODY_SHA"
  get s1/503,429:ra=7,200:size=5000
  expect "the last step repeats" "0 200 5000"
  check "log: steps in turn" "503 429:ra=7 200:size=5000 200:size=5000" \
    "$(logged s1 '[.[].step] | join(" ")')"
  get 's2/503*2,200' && get 's2/503*2,200'
  expect "a repeated step" "0 503 12"
  get 's2/503*2,200'
  expect "the step after it" "0 200 1000"
  get s3/503:ra=date+3
  check "Retry-After as a date" "3" "$(($(date -d "$(header Retry-After)" \
    +%s) - $(date -d "$(header Date)" +%s)))"
  get s4/502:size=3M
  expect "a large error body" "0 502 3145728"
  get s5/404:body=no%20such%2C%20thing:type=text%2Fplain
  check "a literal body" "no such, thing text/plain" \
    "$(cat "$WORK/body") $(header Content-Type)"
  get s6/204
  expect "204" "0 204 0"
  get s6/304
  expect "304" "0 304 0"
  get s7/200:size=70000 -I
  check "HEAD" "200 70000" "$CODE $(header Content-Length)"
  get 's8/200:hdr=X-One~1%3A2:hdr=X-Two~b'
  check "extra headers" "1:2 b" "$(header X-One) $(header X-Two)"
  get s9/200:info=103
  check "an interim response" "HTTP/1.1 103 Interim HTTP/1.1 200 OK" \
    "$(tr -d '\r' <"$WORK/head" | grep HTTP/ | paste -s -d ' ')"
}

test_framing() {
  get f1/200:size=100000:chunked=777
  check "chunked" "$(body_sha f1 100000) chunked" \
    "$BODY_SHA $(header Transfer-Encoding)"
  get f2/200:size=100000:eof
  check "close-delimited" "$(body_sha f2 100000) ''" \
    "$BODY_SHA '$(header Content-Length)'"
  get f3/200:chunked:trailer=X-Sum~9
  check "trailer" "9" "$(header X-Sum)"
  get f4/200:size=30000:gzip --compressed
  check "gzip, decoded" "$(body_sha f4 30000) gzip" \
    "$BODY_SHA $(header Content-Encoding)"
  get f5/200:http10
  check "HTTP/1.0" "HTTP/1.0 200 OK" "$(head -n 1 "$WORK/head" | tr -d '\r')"
  get f6/200:vary && local first=$BODY_SHA
  get f6/200:vary
  check "a body that changes" "$(body_sha f6#1 1000) $(body_sha f6#2 1000)" \
    "$first $BODY_SHA"
  get f7/200:seed=other
  check "another seed" "$(body_sha other 1000)" "$BODY_SHA"
  get f8/200:size=3000:rate=1000~100 -w '%{http_code} %{time_total}'
  check "rate" "200 1" "${CODE% *} $(awk "BEGIN{print (${CODE#* } >= 0.2)}")"
  get f9/200:events=3~20
  check "events" "text/event-stream data: 000003" \
    "$(header Content-Type) $(grep data "$WORK/body" | tail -n 1)"
}

test_cuts() {
  get c1/close && expect "close without answer" "52 000 0"
  get c1/rst && expect "reset before the answer" "56 000 0"
  get c1/rst@head && expect "reset in the headers" "56 200 0"
  get c1/200:size=100000:close@70000
  expect "close in a body with length" "18 200 70000"
  get c1/200:size=100000:rst@70000
  expect "reset in a body with length" "56 200 70000"
  get c1/200:size=100000:chunked:close@70000
  expect "chunked cut short" "18 200 70000"
  get c1/200:size=5000:chunked:close@5000
  expect "chunked without its last chunk" "18 200 5000"
  get c1/200:size=100000:chunked:rst@70000
  expect "chunked and reset" "56 200 70000"
  get c1/200:size=100000:eof:rst@70000
  expect "close-delimited and reset" "56 200 70000"
  get c1/502:size=100:rst@50 && expect "an error body cut" "56 502 50"
  get c1/rst@500 && expect "a fault as the step's kind" "56 200 500"
  check "log: body bytes sent" "500" "$(logged c1 '.[-1].sent')"
  get c2/200:size=9000:stall@4000 -m 1
  expect "stall" "28 200 4000"
  get c2/200:size=9000:stall@4000=300
  expect "a stall that ends" "0 200 9000"
  get c2/200:size=9000:stall@4000=50:rst@6000
  expect "a stall, then a reset" "56 200 6000"
  get c2/hang -m 1 && expect "no answer at all" "28 000 0"
  get c2/503:wait=300 -w '%{http_code} %{time_total}'
  check "wait" "503 1" "${CODE% *} $(awk "BEGIN{print (${CODE#* } >= 0.3)}")"
  get c3/200:rst@5000 && check "a fault behind the end: 599" "599" "$CODE"
}

test_uploads() {
  head -c 8000000 /dev/urandom >"$WORK/up"
  local sum
  sum=$(sha256sum <"$WORK/up" | cut -d ' ' -f 1)
  get u1/201,307:next,200 -T "$WORK/up"
  check "PUT with length" "201 PUT 8000000 $sum true" \
    "$CODE $(logged u1 '.[-1] | "\(.method) \(.body_length) \(
      .body_sha256) \(.body_complete)"')"
  get u2/201 -T - <"$WORK/up"
  check "PUT in chunks" "201 8000000 $sum chunked" \
    "$CODE $(logged u2 '.[-1] | "\(.body_length) \(.body_sha256) \(
      .headers["transfer-encoding"])"')"
  get u3/uprst@100000 -T "$WORK/up"
  check "reset while sending" "1 100000 false" "$((RC == 55 || RC == 56)) \
$(logged u3 '.[-1] | "\(.body_length) \(.body_complete)"')"
  get u4/upclose@100000 -T "$WORK/up"
  check "close while sending" "52" "$RC"
  get u5/upstall@100000=200 -T "$WORK/up"
  expect "stall while sending" "0 200 1000"
  get u6/close -T "$WORK/up"
  check "close after sending" "52 $sum" \
    "$RC $(logged u6 '.[-1].body_sha256')"
  get u7/413:early -T "$WORK/up"
  check "early answer" "413 0 false" \
    "$CODE $(logged u7 '.[-1] | "\(.body_length) \(.body_complete)"')"
  get u8/200:expect=417 -T "$WORK/up"
  check "417, then without Expect" "0 200 417 200" \
    "$RC $CODE $(logged u8 '[.[].status] | join(" ")')"
  get u9/201 -T "$WORK/up" -H 'Expect: 100-continue' --expect100-timeout 15
  check "100 Continue" "HTTP/1.1 100 Continue 201" \
    "$(head -n 1 "$WORK/head" | tr -d '\r') $CODE"
  get u10/uprst@100 --data-binary small
  check "an upload fault never reached: 599" "0 599" "$RC $CODE"
}

test_redirects_and_authentication() {
  get r1/307,308,503 -L -T "$WORK/up"
  check "307, 308, 503" "503 PUT PUT PUT" \
    "$CODE $(logged r1 '[.[].method] | join(" ")')"
  server_plan r3 200:body=there
  get r2/303:to=r3 -L -d x
  check "303 to another key" "there POST GET" "$(cat "$WORK/body") \
$(logged r2 '.[0].method') $(logged r3 '.[0].method')"
  get r4/302:loc=%2Fr3%2Fa%3Fb -L
  check "a written Location" "/r3/a?b" "$(logged r3 '.[-1].path')"
  get r5/301:noloc && check "no Location" "301" "$CODE$(header Location)"
  get a1/200:auth=digest --digest -u user:secret -T "$WORK/up"
  check "Digest" "200 401 200" "$CODE $(logged a1 '[.[].status] | join(" ")')"
  get a2/200:auth=digest --digest -u user:wrong
  check "Digest, wrong password" "401" "$CODE"
  # Without connclose curl itself repeats what fails on a reused connection.
  get a3/digest:connclose,rst,200 --digest -u user:secret
  check "a Digest round, then a reset" "56 2" "$RC $(server_count a3)"
  get a4/rst:auth=digest,200:auth=digest --digest -u user:secret
  check "the guard uses up no step" "0 401 0 200" \
    "$RC $(logged a4 '[.[].status] | join(" ")')"
  get a5/200:auth=basic -u user:secret && check "Basic" "200" "$CODE"
  get a5/200:auth=basic && check "Basic, missing" "401" "$CODE"
}

test_ranges() {
  get g1/200:size=9000:ranges:etag=x -r 4000-
  check "range" "206 5000 bytes 4000-8999/9000 \"x\"" \
    "$CODE $BODY_SIZE $(header Content-Range) $(header ETag)"
  check "range: its bytes" "$("$FAULTY" body g1 9000 | tail -c 5000 |
    sha256sum)" "$BODY_SHA  -"
  get g1/200:size=9000:ranges:etag=x -r 4000- -H 'If-Range: "x"'
  expect "If-Range matches" "0 206 5000"
  get g1/200:size=9000:ranges:etag=x -r 4000- -H 'If-Range: "y"'
  expect "If-Range doesn't" "0 200 9000"
  get g1/200:size=9000:ranges:wetag=x -r 4000- -H 'If-Range: W/"x"'
  expect "If-Range with a weak tag" "0 200 9000"
  get g1/200:size=9000:ranges:lm && local modified
  modified=$(header Last-Modified)
  get g1/200:size=9000:ranges:lm -r 4000- -H "If-Range: $modified"
  expect "If-Range with a date" "0 206 5000"
  get g1/200:size=9000:ranges -r 9000- && expect "416" "0 416 0"
  get g1/200:size=9000:noranges -r 4000-
  check "ranges ignored" "200 none" "$CODE $(header Accept-Ranges)"
  get g1/200:size=9000:ranges:crange=bytes%200-9%2F10 -r 4000-
  check "a lying Content-Range" "bytes 0-9/10" "$(header Content-Range)"
  get g1/200:size=9000:ranges -r 0-9,20-29
  check "multipart" "206 multipart/byteranges; boundary=faulty-boundary" \
    "$CODE $(header Content-Type)"
  get g2/200:etag=vary && local tag
  tag=$(header ETag)
  get g2/200:etag=vary
  check "a tag that changes" '"g2-1" "g2-2"' "$tag $(header ETag)"
}

test_connections_and_control() {
  "${CURL[@]}" -o /dev/null "$HTTP/k1/503,200" -o /dev/null "$HTTP/k1/503,200"
  check "keep-alive" "1 2 true" \
    "$(logged k1 '"\(.[0].request) \(.[1].request) \(
      .[0].connection == .[1].connection)"')"
  "${CURL[@]}" -o /dev/null "$HTTP/k2/200:drop" -o /dev/null "$HTTP/k2/200"
  check "drop: closed unannounced" "false" \
    "$(logged k2 '.[0].connection == .[1].connection')"
  check "attempts did not overlap" "1" "$(server_stats | jq .max_concurrent)"
  "${CURL[@]}" --parallel --parallel-immediate -o "$WORK/p1" -o "$WORK/p2" \
    "$HTTP/k3/200:wait=500" "$HTTP/k3/200:wait=500" 2>/dev/null
  check "overlapping requests are seen" "2" \
    "$(server_stats | jq .max_concurrent)"
  get k4/nonsense 2>/dev/null && check "a bad plan: 599" "599" "$CODE"
  get k4 && check "no plan: 599" "599" "$CODE"
  server_plan k5 50x 2>/dev/null && RC=0 || RC=1
  check "a bad plan is not stored" "1" "$RC"
  server_plan k5 503,200 && get k5/any/path && get k5/any/other
  check "a stored plan" "200 2" "$CODE $(server_count k5)"
  check "plain words" "1 200 1000 200" \
    "$(server_lines k5 | awk 'END{print $4, $8, $9, $11}')"
  local server=$HTTP
  HTTP=http://no.such.host
  get k5/by/proxy -x "$server"
  HTTP=$server
  check "as a plain proxy" "200 /k5/by/proxy" \
    "$CODE $(logged k5 '.[-1].path')"
}

# try URL [OPTION...]: exit code, CONNECT status and body size of curl.
try() {
  local result
  result=$("${CURL[@]}" -o "$WORK/body" -w '%{http_connect} %{size_download}' \
    "${@:2}" "$1" 2>/dev/null)
  echo "$? $result"
}

test_proxies() {
  local url=$HTTP/x1/200:size=9000
  start_proxy 503:ra=1,403,407,close,rst,200:rst@5000,200:close@4000,200
  local via=(-p -x "$PROXY")
  for wanted in "56 503 0" "56 403 0" "56 407 0" "56 000 0" "56 000 0"; do
    check "CONNECT: ${wanted% *}" "$wanted" "$(try "$url" "${via[@]}")"
  done
  check "tunnel reset" "56 200" "$(try "$url" "${via[@]}" | cut -d ' ' -f 1,2)"
  check "tunnel closed" "18 200" \
    "$(try "$url" "${via[@]}" | cut -d ' ' -f 1,2)"
  check "tunnel" "0 200 9000" "$(try "$url" "${via[@]}")"
  check "CONNECT log" "8 5000" \
    "$(HTTP=$PROXY server_log connect | jq -s -r '"\(length) \(.[5].sent)"')"
  start_tcp "$HTTP_PORT" rst@5000,close@4000,stall@100,uprst@20,close,rst,pass
  url=$TCP/x2/200:size=9000
  for wanted in 56 18 28 56 52 56 0; do
    check "TCP proxy: $wanted" "$wanted" "$(try "$url" -m 1 | cut -d ' ' -f 1)"
  done
  check "TCP log" "5000 4000 100 0 0 0" \
    "$(tcp_log 7 | jq -s -r '[.[:6][].down] | join(" ")')"
  check "TCP log: bytes to the server" "20" "$(tcp_log 7 | jq -s '.[3].up')"
}

test_dead_ports_and_ends() {
  start_dead refuse && check "refuse" "7 000 0" "$(try "$DEAD")"
  start_dead mute && check "mute" "28 000 0" "$(try "$DEAD" -m 1)"
  start_dead full && check "full" "28 000 0" "$(try "$DEAD" -m 1)"
  start_faulty http --listen-when "$WORK/go"
  local url=http://127.0.0.1:$SERVER_PORT/l/200
  check "refused at first" "7 000 0" "$(try "$url")"
  echo >"$WORK/go"
  for _ in {1..50}; do
    try "$url" >"$WORK/result"
    grep -q '^7 ' "$WORK/result" || break
    sleep 0.1
  done
  check "listening later" "0 000 1000" "$(cat "$WORK/result")"
  start_faulty http --life 1
  wait "$SERVER_PID"
  check "the life ends" "0" "$?"
  "$FAULTY" http --until-eof --port-file "$WORK/port" \
    < <(sleep 0.3) >/dev/null
  check "ends with stdin" "0 1" "$? $(grep -c '^[0-9]*$' "$WORK/port")"
  # shellcheck disable=SC2016 # for the inner shell
  { FAULTY=$FAULTY TMPDIR=$WORK bash -c '. "$0" && start_http &&
      echo "$HTTP" && kill -9 $$' \
    "$(dirname "$0")/lib.sh" >"$WORK/url"; } 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    try "$(cat "$WORK/url")/p/200" >"$WORK/result"
    grep -q '^7 ' "$WORK/result" && break
    sleep 0.1
  done
  check "ends with its parent" "7 000 0" "$(cat "$WORK/result")"
}

# In a subshell: its own servers at once, and those it knows of not at all.
test_stopping() {
  local started=$SECONDS
  (start_http --life 20 && echo "$HTTP" >"$WORK/url" && stop_all)
  check "it didn't wait for a life's end" "yes" \
    "$([ $((SECONDS - started)) -lt 15 ] && echo yes)"
  check "a subshell's server is gone" "7 000 0" \
    "$(try "$(cat "$WORK/url")/p/200")"
  check "its shell's is there" "0 000 1000" "$(try "$HTTP/p/200")"
  check "and its files" "yes" "$([ -p "$SERVER_DIR/port" ] && echo yes)"
  for _ in {1..20}; do
    sleep 5 &
    kill $!
    wait $! 2>/dev/null
  done
  check "nor does a child that is killed at once touch them" "yes" \
    "$([ -p "$SERVER_DIR/port" ] && [ -d "$WORK" ] && echo yes)"
}

start_http --life 300 || exit 1
exec 3>&2 2>"$WORK/stderr"
test_statuses
test_framing
test_cuts
test_uploads
test_redirects_and_authentication
test_ranges
test_connections_and_control
test_proxies
test_dead_ports_and_ends
test_stopping
exec 2>&3
check "no complaint that wasn't asked for" "" \
  "$(grep -v -e '^faulty: 599' "$WORK/stderr" | head -n 3)"
echo "1..$((PASSED + FAILED))"
echo "$PASSED passed, $FAILED failed"
[ "$FAILED" -eq 0 ]
