#!/bin/bash
# What a process may run out of, or never had: descriptors, memory, its
# standard streams. A transfer then ends well, or as it would have ended
# without the shim; never with other bytes.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
export CURLRETRY_BASE_DELAY=1ms CURLRETRY_JITTER=none
export CURLRETRY_LOG=$tmp/shim.log CURLRETRY_TRACE=$tmp/trace
SIZE=100000

# limited LIMIT PRELOAD ARG...: curl with `ulimit LIMIT`; leaves RC, and what
# it wrote in $tmp/body.
limited() { # LIMIT PRELOAD ARG...
  rm -f "$tmp/body"
  # shellcheck disable=SC2086 # an option and its value
  (
    ulimit $1
    LD_PRELOAD=$2 exec timeout -k 5 90 "${stock[@]}" "${@:3}" -o "$tmp/body"
  ) >"$tmp/out" 2>"$tmp/err"
  RC=$?
}

# ends_well WHAT: the whole body, or the 503's, or an error of curl's and
# nothing wrong. Leaves ENDED: whole, busy or failed.
ends_well() { # WHAT
  local got
  got=$(sha "$tmp/body" 2>/dev/null)
  ENDED=failed
  asserted=1
  case $RC:$got in
  "0:$WHOLE") ENDED=whole ;;
  "0:$BUSY") ENDED=busy ;;
  0:*) problem+="# $1: other bytes"$'\n' ;;
  esac
  [ "$RC" -lt 100 ] ||
    problem+="# $1: exit $RC: $(head -n 1 "$tmp/err")"$'\n'
}

# tries WHAT LIMIT ARG...: a 503 and a cut body, with the limit; where curl
# alone can't do it, nothing is asked. Leaves ENDED.
tries() { # WHAT LIMIT ARG...
  new_key
  WHOLE=$(body_sha "$KEY" $SIZE) BUSY=$(printf busy | sha)
  limited "$2" '' "${@:3}" "$HTTP/$KEY/200:size=$SIZE"
  ENDED=impossible
  [ "$RC" -eq 0 ] && [ "$(sha "$tmp/body")" = "$WHOLE" ] || return
  limited "$2" "$SHIM" "${@:3}" \
    "$HTTP/$KEY/503:body=busy,200:size=$SIZE:close@50000,200:size=$SIZE"
  [ "$RC" -ne 18 ] || RC=0 # curl alone would have been given a 503
  ends_well "$1"
}

# --- descriptors -----------------------------------------------------------

process_with_few_descriptors_ends_as_without_the_shim() {
  local number option ended=''
  for option in -sS -Z; do
    for number in 4 5 6 7 8 9 10 11 12 16; do
      tries "$option, $number descriptors" "-n $number" "$option"
      ended+="$ENDED "
    done
  done
  like "the first ones" "$ended" 'impossible *'
  like "the last ones" "$ended" '* whole '
}

# Of an upload that is kept in a file, too.
upload_with_few_descriptors_is_right() {
  local number
  export CURLRETRY_SNAPSHOT_MEMORY=64K
  for number in 6 7 8 9 12; do
    new_key
    limited "-n $number" "$SHIM" -T "$UPLOAD" "$HTTP/$KEY/503,201:body=ok"
    [ "$RC" -eq 0 ] || continue
    received PUT:503:whole PUT:201:whole
    is "$number descriptors: the answer" "$(cat "$tmp/body")" ok
  done
  unset CURLRETRY_SNAPSHOT_MEMORY
  is "the last one" "$RC" 0
}

# --- memory ----------------------------------------------------------------

# The least that curl alone needs is looked for, in steps of 256 KiB.
process_with_little_memory_ends_as_without_the_shim() {
  local least=4096 most=400000 middle ended=''
  while [ $((most - least)) -gt 256 ]; do
    middle=$(((least + most) / 2))
    tries_alone $middle && most=$middle || least=$middle
  done
  for ((middle = most; middle < most + 8192; middle += 256)); do
    tries "$middle KiB" "-v $middle" -sS
    ended+="$ENDED "
  done
  like "the last ones" "$ended" '*whole '
  echo "# curl alone: $most KiB; then $ended"
}

tries_alone() { # KIBIBYTES: whether curl alone can do it
  new_key
  limited "-v $1" '' "$HTTP/$KEY/200:size=$SIZE"
  [ "$RC" -eq 0 ]
}

# --- a process without 0, 1 or 2 -------------------------------------------

# without_streams STREAMS PRELOAD ARG...: curl with these closed.
without_streams() { # STREAMS PRELOAD ARG...
  rm -f "$tmp/body"
  (
    for stream in $1; do
      eval "exec $stream>&-"
    done
    LD_PRELOAD=$2 exec "${stock[@]}" "${@:3}" -o "$tmp/body"
  ) >"$tmp/out" 2>"$tmp/err"
  RC=$?
}

closed_streams_get_nothing_of_ours() {
  local streams option log
  export CURLRETRY_LOG_LEVEL=info CURLRETRY_SNAPSHOT_MEMORY=64K
  for streams in 0 1 2 '0 1' '1 2' '0 2' '0 1 2'; do
    for log in stderr "$tmp/closed.log"; do
      for option in -sS -Z; do
        : >"$tmp/closed.log"
        new_key
        CURLRETRY_LOG=$log without_streams "$streams" "$SHIM" $option \
          "$HTTP/$KEY/503,200:size=$SIZE:close@50000:etag=a:ranges,"`
            `"200:size=$SIZE:etag=a:ranges"
        is "$streams, $option: exit" "$RC" 0
        is "$streams, $option: body" "$(sha "$tmp/body")" \
          "$(body_sha "$KEY" $SIZE)"
        [ "$log" = stderr ] || is "$streams, $option: lines of a retry" \
          "$(grep -c 'curlretry: retry ' "$tmp/closed.log")" 2
        new_key
        CURLRETRY_LOG=$log without_streams "$streams" "$SHIM" $option \
          -T "$UPLOAD" "$HTTP/$KEY/503,201:body=stored"
        is "$streams, $option: exit of an upload" "$RC" 0
        is "$streams, $option: answer" "$(cat "$tmp/body")" stored
        received PUT:503:whole PUT:201:whole
      done
    done
  done
  unset CURLRETRY_LOG_LEVEL CURLRETRY_SNAPSHOT_MEMORY
}

# --- system calls that fail ------------------------------------------------

# meddled CALL:ERROR PATH ARG...: curl with the shim, and such calls fail, on
# that file alone if it isn't "".
meddled() { # CALL:ERROR PATH ARG...
  local only=()
  [ -z "$2" ] || only=(-P "$2")
  rm -f "$tmp/body"
  strace -f -o "$tmp/calls" "${only[@]}" -e inject="${1/:/:error=}" \
    -E LD_PRELOAD="$SHIM" "${stock[@]}" "${@:3}" -o "$tmp/body" \
    >"$tmp/out" 2>"$tmp/err"
  RC=$?
  at_least "$1: injected" "$(grep -c INJECTED "$tmp/calls")" 1
}

log_that_fails_harms_no_transfer() {
  local call option
  have strace || return
  for call in openat:ENOSPC openat:EMFILE write:ENOSPC write:EIO; do
    for option in -sS -Z; do
      new_key
      meddled $call "$tmp/shim.log" $option "$HTTP/$KEY/503,200:size=$SIZE"
      is "$call, $option: exit" "$RC" 0
      is "$call, $option: body" "$(sha "$tmp/body")" "$(body_sha "$KEY" $SIZE)"
      saw GET:503 GET:200
    done
  done
}

# What the snapshot's file alone needs; curl itself never asks for it.
spool_that_fails_harms_no_upload() {
  local call
  have strace || return
  export CURLRETRY_SNAPSHOT_MEMORY=64K
  for call in pwrite64:ENOSPC pwrite64:EIO prlimit64:EPERM; do
    new_key
    from_pipe meddled $call '' -T - "$HTTP/$KEY/201:body=stored"
    is "$call: exit" "$RC" 0
    is "$call: answer" "$(cat "$tmp/body")" stored
    received PUT:201:whole
    new_key
    from_pipe meddled $call '' -T - "$HTTP/$KEY/503:body=busy,201"
    is "$call: exit" "$RC" 0
    is "$call: answer" "$(cat "$tmp/body")" busy
    received PUT:503:whole
  done
  unset CURLRETRY_SNAPSHOT_MEMORY
}

run_tests "$0"
