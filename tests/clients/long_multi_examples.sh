#!/bin/bash
# The examples of libcurl's own documentation that use the multi interface, of
# which only URLs are changed.
set -u
# shellcheck source-path=SCRIPTDIR source=examples.sh
. "$(dirname "$0")/examples.sh"

# --- perform and poll, one URL ---------------------------------------------

built_in() { # NAME: what is printed is the body of the one URL
  local FIXED_KEY=$1
  example "$1" "s|https://www.example.com/|$HTTP/$1|
    s|http://localhost/|$HTTP/empty/204|" || return
  next_url 200:seed=x
  alone "$tmp/$1"
  cp "$tmp/out" "$tmp/alone"
  server_plan "$KEY" 200:seed=x
  host "$tmp/$1"
  ended 0
  is "what differs" "$(cmp "$tmp/alone" "$tmp/out" 2>&1)" ''
  saw GET:200 GET:200
  retries 0
  rescues "$tmp/$1"
}

multi_single_is_rescued() {
  built_in multi-single
}

multi_double_is_rescued() {
  built_in multi-double
}

multi_debugcallback_is_rescued() {
  built_in multi-debugcallback
}

# --- a download and an upload ----------------------------------------------

# The upload comes from stdin; the example's is to an FTP server.
up_and_down() { # NAME
  local runner
  example "$1" "s|https://example.com|$HTTP/down|
    s|ftp://example.com|$HTTP/up|" || return
  for runner in alone host; do
    "${SERVER_CURL[@]}" -X DELETE "$HTTP/_log"
    server_plan down rst,503,200:size=5000:rst@4000,200:size=5000
    server_plan up 503,201:size=0
    # shellcheck disable=SC2016 # for sh
    "$runner" sh -c 'exec "$0" <"$1"' "$tmp/$1" "$UPLOAD"
    [ "$runner" = host ] ||
      like stdout "$(cat "$tmp/out")" '*HTTP*with status 5[26]*'
  done
  ended 0
  head -c 5000 "$tmp/out" >"$tmp/body"
  is SHA-256 "$(sha "$tmp/body")" "$(body_sha down 5000)"
  is "other lines" "$(tail -c +5001 "$tmp/out" | sort)" \
    'FTP transfer completed with status 0
HTTP transfer completed with status 0'
  KEY=down saw GET:0 GET:503 GET:200 GET:200
  KEY=up received PUT:503:whole PUT:201:whole
  retries 4
}

multi_app_is_rescued() {
  up_and_down multi-app
}

multi_legacy_is_rescued() {
  up_and_down multi-legacy
}

# --- ten at a time ---------------------------------------------------------

# Each third of its 47 URLs is right, answers 503, resets.
ten_at_a_time_are_rescued() {
  local runner count=47
  for runner in alone host; do
    new_key
    example 10-at-a-time \
      "s|^  \"https://.*\",|  \"$HTTP/$KEY-@/200:connclose\",|" || return
    awk '/-@/ { sub(/@.*"/, ++n plan[n % 3] "\"") } { print }
      BEGIN {
        plan[0] = "/200:connclose"
        plan[1] = "/503:connclose,200:connclose"
        plan[2] = "/rst,200:connclose"
      }' "$tmp/10-at-a-time.c" >"$tmp/ten.c"
    cc -w -o "$tmp/ten" "$tmp/ten.c" -lcurl
    CURLRETRY_BUDGET=1000 "$runner" "$tmp/ten"
    is lines "$(grep -c '^R: ' "$tmp/err")" "$count"
    is "different URLs" "$(grep '^R: ' "$tmp/err" | sort -u | wc -l)" "$count"
    [ "$runner" = host ] ||
      is "failed without the shim" "$(grep -c '^R: 5' "$tmp/err")" 16
  done
  ended 0
  is "not failed" "$(grep -c '^R: 0 - ' "$tmp/err")" "$count"
  is requests "$(server_lines | grep -c " /$KEY-")" $((count + 32))
  retries 32
}

# --- socket_action ---------------------------------------------------------

# feed NAME RUNNER: the URLs of a lot, through its FIFO; ends it when all of
# them are done, or after 10 s.
feed() { # NAME RUNNER
  local pid preload='' tries=0
  [ "$2" = alone ] || preload=$SHIM
  new_work
  : >"$tmp/shim.log"
  # Its stdout ends with it, unread, if it isn't told otherwise.
  env -C "$work" LD_PRELOAD="$preload" CURLRETRY_LOG="$tmp/shim.log" \
    CURLRETRY_BASE_DELAY=50ms CURLRETRY_JITTER=none \
    stdbuf -oL timeout -k 5 30 "$tmp/$1" >"$tmp/out" 2>"$tmp/err" \
    </dev/null &
  pid=$!
  soon [ -p "$work/hiper.fifo" ]
  printf '%s\n' "${URLS[@]}" >"$work/hiper.fifo"
  while [ "$(grep -a -c '^DONE: ' "$tmp/out")" -lt ${#URLS[@]} ] &&
    [ $((tries++)) -lt 200 ]; do
    sleep 0.05
  done
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  LOG=$(cat "$tmp/shim.log")
}

done_with() { # NAME: what it says of it
  sed -n "s|^DONE: $HTTP/$LOT_KEY-$1 => (\([0-9]*\)).*|\1|p" "$tmp/out"
}

# It looks neither at a status nor at a body.
hiper() { # NAME OPTION...: one of the examples that do the same
  local runner name plan without seen
  have stdbuf && example "$1" '' "${@:2}" || return
  for runner in alone host; do
    plan_lot
    feed "$1" "$runner"
    is "lines DONE" "$(grep -a -c '^DONE: ' "$tmp/out")" ${#URLS[@]}
    while IFS='|' read -r name plan without seen; do
      [ -n "$name" ] || continue
      KEY=$LOT_KEY-$name
      if [ "$runner" = alone ]; then
        like "$name without the shim" "$(done_with "$name")" \
          "$(case $without in 0*) echo 0 ;; *) echo '[1-9]*' ;; esac)"
        saw "${seen%% *}"
      else
        is "$name" "$(done_with "$name")" 0
        # shellcheck disable=SC2086 # a list of words
        saw $seen
      fi
    done <<<"$lot"
  done
  retries "$lot_retries"
}

ephiperfifo_is_rescued() {
  hiper ephiperfifo
}

evhiperfifo_by_libev_is_rescued() {
  hiper evhiperfifo -lev
}

hiperfifo_by_libevent_is_rescued() {
  hiper hiperfifo -levent
}

ghiper_by_glib_is_rescued() {
  have pkg-config || return
  # shellcheck disable=SC2046 # a list of words
  hiper ghiper $(pkg-config --cflags --libs glib-2.0)
}

measure_downloads() { # lines "URL DONE"; its URL number N went to N.download
  local url rest index
  while read -r url rest; do
    for index in "${!URLS[@]}"; do
      [ "${URLS[index]}" = "$url" ] || continue
      echo "${url##*/} ? ? $(stat -c %s "$work/$((index + 1)).download") $(
        sha "$work/$((index + 1)).download")"
    done
  done <"$tmp/out" >"$tmp/measured"
  mv "$tmp/measured" "$tmp/out"
}

multi_uv_by_libuv_is_rescued() {
  local MEASURE=measure_downloads
  example multi-uv '' -luv || return
  new_work
  rescues_lot env -C "$work" "$tmp/multi-uv" @URLS
}

multi_event_by_libevent_is_rescued() {
  local MEASURE=measure_downloads
  example multi-event '' -levent || return
  new_work
  rescues_lot env -C "$work" "$tmp/multi-event" @URLS
}

# --- HTTP/2 ----------------------------------------------------------------

needs_http2() { # libcurl with it, a server, its certificate
  needs_certificate && has_feature HTTP2 || return
  have_output python3-h2 "$PYTHON" -c 'import h2'
}

run_http2() { # NAME RUNNER PLAN ARG...: the files are in $work
  H2_LOG=$tmp/h2.$2
  : >"$H2_LOG"
  serve_python http2_server.py "$H2_LOG" "$3" "$tmp/cert.pem" "$tmp/key.pem"
  example "$1" "s|localhost:8443|127.0.0.1:$PORTS|" || return
  new_work
  "$2" env -C "$work" "$tmp/$1" "${@:4}"
  FILES=$(cd "$work" && grep . -r | sort | xargs)
}

streams_of_http2_download_are_rescued() {
  local plan=reset@0,reset@0,200
  needs_http2 || return
  run_http2 http2-download alone $plan 4 || return
  is "files without the shim" "$(wc -w <<<"$FILES")" 2
  run_http2 http2-download host $plan 4
  ended 0
  is files "$FILES" \
    'dl-0:answered dl-1:answered dl-2:answered dl-3:answered'
  is requests "$(wc -l <"$H2_LOG")" 6
  at_most connections "$(cut -d ' ' -f 3 "$H2_LOG" | sort -u | wc -l)" 2
  retries 2
}

# A stream that is pushed from another port than 443 is refused by libcurl
# 7.88, after it made a handle for it; from 443 it crashes, all by itself.
http2_serverpush_is_rescued() {
  local runner
  needs_http2 || return
  for runner in alone host; do
    run_http2 http2-serverpush $runner push || return
    ended 0
    is files "$FILES" dl:answered
    is requests "$(wc -l <"$H2_LOG")" 1
  done
  retries 0
  run_http2 http2-serverpush alone reset@0,push
  is "files without the shim" "$FILES" ''
  run_http2 http2-serverpush host reset@0,push
  ended 0
  is files "$FILES" dl:answered
  is requests "$(wc -l <"$H2_LOG")" 2
  retries 1
}

run_tests "$0"
