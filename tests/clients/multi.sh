# multi.sh - programs that use libcurl's multi interface: each fails without
# the shim and is right with it; sourced after setup.sh and hosts/host.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

# alone COMMAND...: as host, without the shim.
alone() {
  timeout -k 5 90 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  RC=$?
}

# --- one transfer ----------------------------------------------------------

# put_into_place URL WORD...: ARGUMENTS are the words, with @URL and @FILE
# replaced.
put_into_place() {
  local word
  ARGUMENTS=()
  for word in "${@:2}"; do
    word=${word//@URL/$1}
    ARGUMENTS+=("${word//@FILE/$tmp/file}")
  done
  rm -f "$tmp/file"
}

# NAME|PLAN|REQUESTS
single='
a 503|503,200:size=100000|GET:503 GET:200
a reset|rst,200:size=100000|GET:0 GET:200
a cut body|200:size=100000:rst@70000,200:size=100000|GET:200 GET:200
two failures|rst,503,200:size=100000|GET:0 GET:503 GET:200
'

# next_url PLAN: a new key, or FIXED_KEY for a program that has its URL built
# in, with this plan; sets URL.
next_url() {
  if [ -z "${FIXED_KEY-}" ]; then
    new_key
  else
    KEY=$FIXED_KEY
    "${SERVER_CURL[@]}" -X DELETE "$HTTP/_log"
  fi
  server_plan "$KEY" "$1"
  URL=$HTTP/$KEY
}

# rescues COMMAND...: the program, in whose arguments @URL stands for the URL
# and @FILE for the file it writes if not to stdout, does not get the body
# without the shim, after one request; and does with it.
rescues() {
  local name plan seen problem_before
  while IFS='|' read -r name plan seen; do
    [ -n "$name" ] || continue
    problem_before=$problem
    next_url "$plan"
    put_into_place "$URL" "$@"
    alone "${ARGUMENTS[@]}"
    [ ! -e "$tmp/file" ] || mv "$tmp/file" "$tmp/out"
    is "whether it has the body without the shim" "$(
      [ "$(sha "$tmp/out")" != "$(body_sha "$KEY" 100000)" ] || echo yes)" ''
    saw "${seen%% *}"
    next_url "$plan"
    put_into_place "$URL" "$@"
    host "${ARGUMENTS[@]}"
    [ ! -e "$tmp/file" ] || mv "$tmp/file" "$tmp/out"
    delivered 0 100000
    # shellcheck disable=SC2086 # a list of words
    saw $seen
    retries $(($(wc -w <<<"$seen") - 1))
    [ "$problem" = "$problem_before" ] || problem+="# that was $name"$'\n'
  done <<<"$single"
}

# --- many at once ----------------------------------------------------------

# What is in one multi handle at the same time. Behind the plan: what comes of
# it without the shim (0 or failed, the status, the size) and what the server
# sees with it; without it, that is the first of these. None leaves a
# connection to the others (END is connclose): libcurl repeats by itself what
# is reset on one that was used before.
# NAME|PLAN|WITHOUT|REQUESTS
lot='
whole|200:size=100000:END|0 200 100000|GET:200
status|503:END,200:size=100000:END|0 503 12|GET:503 GET:200
reset|rst,200:size=100000:END|failed * 0|GET:0 GET:200
cut|200:size=100000:rst@70000,200:size=100000:END|'\
'failed * 70000|GET:200 GET:200
chunks|200:size=100000:chunked:close@70000,200:size=100000:chunked:END|'\
'failed * 70000|GET:200 GET:200
twice|rst,503:END,200:size=100000:END|failed * 0|GET:0 GET:503 GET:200
streamed|200:size=3M:etag=v1:ranges:rst@2M,200:size=3M:etag=v1:ranges:END|'\
'failed * 2097152|GET:200 GET:206
'
lot_retries=7

# plan_lot: new keys; sets URLS, and URL_GLOB, all of them as curl's globbing
# has it.
plan_lot() {
  local name plan rest names=''
  new_key
  LOT_KEY=$KEY URLS=()
  while IFS='|' read -r name plan rest; do
    [ -n "$name" ] || continue
    server_plan "$KEY-$name" "${plan//END/connclose}"
    URLS+=("$HTTP/$KEY-$name")
    names+=,$name
  done <<<"$lot"
  URL_GLOB="$HTTP/$KEY-{${names:1}}"
}

# measure_files: lines of a program that says NAME CODE STATUS and writes
# $tmp/files/NAME.
measure_files() {
  local name rest
  while read -r name rest; do
    [ -e "$tmp/files/$name" ] || : >"$tmp/files/$name"
    echo "$name $rest $(stat -c %s "$tmp/files/$name") $(
      sha "$tmp/files/$name")"
  done <"$tmp/out" >"$tmp/measured"
  mv "$tmp/measured" "$tmp/out"
}

# line_of KEY CODE STATUS: what the program said of it, other codes than 0 as
# "failed"; for "?" what is expected.
line_of() {
  awk -v key="$1" -v code="$2" -v status="$3" '$1 == key {
    print ($2 == "?" ? code : $2 == "0" ? 0 : "failed"),
      ($3 == "?" ? status : $3), $4, $5
  }' "$tmp/out"
}

lot_failed() {
  local name plan without seen
  while IFS='|' read -r name plan without seen; do
    [ -n "$name" ] || continue
    KEY=$LOT_KEY-$name
    like "$name without the shim" "$(line_of "$KEY" "${without%% *}" \
      "$(cut -d ' ' -f 2 <<<"$without")")" "$without *"
    saw "${seen%% *}"
  done <<<"$lot"
}

lot_arrived() {
  local name plan without seen size count=0
  while IFS='|' read -r name plan without seen; do
    [ -n "$name" ] || continue
    KEY=$LOT_KEY-$name size=100000
    [ "$name" != streamed ] || size=3145728
    is "$name" "$(line_of "$KEY" 0 200)" \
      "0 200 $size $(body_sha "$KEY" "$size")"
    # shellcheck disable=SC2086 # a list of words
    saw $seen
    count=$((count + 1))
  done <<<"$lot"
  is lines "$(wc -l <"$tmp/out")" "$count"
  retries "$lot_retries"
}

# rescues_lot COMMAND...: the program gets all URLs of a lot, @URLS, at once
# and says of each one that ended NAME CODE STATUS SIZE SHA-256, where NAME is
# what is behind the URL's last slash. Or it gets @GLOB, and MEASURE is a
# function that makes such lines.
rescues_lot() {
  local runner
  for runner in alone host; do
    plan_lot
    rm -rf "$tmp/files"
    mkdir "$tmp/files"
    put_lot_into_place "$@"
    CURLRETRY_BASE_DELAY=100ms CURLRETRY_JITTER=none \
      "$runner" "${ARGUMENTS[@]}"
    ${MEASURE-}
    if [ "$runner" = alone ]; then
      lot_failed
    else
      ended 0
      lot_arrived
      # What didn't fail is not held up by what did.
      is "the first to end" "$(head -n 1 "$tmp/out" | cut -d ' ' -f 1)" \
        "$LOT_KEY-whole"
    fi
  done
}

put_lot_into_place() {
  local word
  ARGUMENTS=()
  for word in "$@"; do
    case $word in
    @URLS) ARGUMENTS+=("${URLS[@]}") ;;
    *)
      word=${word//@GLOB/${URL_GLOB-}}
      ARGUMENTS+=("${word//@KEY/${LOT_KEY-}}")
      ;;
    esac
  done
}
