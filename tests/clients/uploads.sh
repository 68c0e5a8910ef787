# uploads.sh - uploads of stock programs, met by every fault that makes one
# be sent again; sourced by test_uploads*.sh after setup.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)
#
# A test says by source_is where a program takes its bytes from and calls
# meets: each fault is met by one run of the program. The file's function
# `command_for MODE URL` makes COMMAND of source_is's words.

# NAME | MODE | PLAN | REQUESTS | RETRIES
#   MODE      what the program is told: plain; and without Expect: follow
#             (redirects), any, digest (authentication), reused (a GET first,
#             on the same connection)
#   PLAN      the server's; MIDDLE, LAST, LENGTH stand for bytes of the body
#   REQUESTS  METHOD:STATUS:BODY of each, U: the upload's method; BODY: whole,
#             wrong, or, where it was cut off or not looked at, its length
#   RETRIES   the shim's retry lines; [01]: it is open whether libcurl itself
#             repeats; own: none, libcurl always does, and fails without the
#             shim if the program can't go back
every_fault="
a 503|plain|503,201|U:503:whole U:201:whole|1
a reset at the first byte|plain|uprst@1,201|U:0:1 U:201:whole|1
a reset in the middle|plain|uprst@MIDDLE,201|U:0:MIDDLE U:201:whole|1
a reset before the last byte|plain|uprst@LAST,201|U:0:LAST U:201:whole|1
a close in the middle|plain|upclose@MIDDLE,201|U:0:MIDDLE U:201:whole|1
a close after the upload|plain|close,201|U:0:whole U:201:whole|1
a reset after the upload|plain|rst,201|U:0:whole U:201:whole|1
three faults|plain|uprst@LAST,503,close,201|\
U:0:LAST U:503:whole U:0:whole U:201:whole|3
a 307|follow|307,201|U:307:whole U:201:whole|own
a 307, then a 503|follow|307,503,307,201|\
U:307:whole U:503:whole U:307:whole U:201:whole|1
an early 503|follow|503:early,201|U:503:0 U:201:whole|1
an early 307|follow|307:early,201|U:307:0 U:201:whole|0
a 401|any|201:auth=digest|U:401:LENGTH U:201:whole|own
a 401, then a reset|any|uprst@MIDDLE:auth=digest,201:auth=digest|\
U:401:LENGTH U:0:MIDDLE U:201:whole|[01]
a 401, then a 503|any|503:auth=digest,201:auth=digest|\
U:401:LENGTH U:503:whole U:201:whole|1
a 401 before the upload|digest|201:auth=digest|U:401:0 U:201:whole|0
a 401 before it, then a 503|digest|503:auth=digest,201:auth=digest|\
U:401:0 U:503:whole U:201:whole|1
a connection closed before|reused|200:drop,201|GET:200:0 U:201:whole|[01]
a connection closed after|reused|200,close,201|\
GET:200:0 U:0:whole U:201:whole|own
a connection closed, then a 503|reused|200,close,503,201|\
GET:200:0 U:0:whole U:503:whole U:201:whole|1
a connection reset in the middle|reused|200,uprst@MIDDLE,201|\
GET:200:0 U:0:MIDDLE U:201:whole|[01]
"

# Of an upload that libcurl announces by Expect: more than 1 MB, for some.
expect_faults="
a 417|plain|201:expect=417|U:417:0 U:201:whole|0
a 417, then a 503|plain|503:expect=417,201|U:417:0 U:503:whole U:201:whole|1
a 417, then a reset|plain|uprst@LAST:expect=417,201|\
U:417:0 U:0:LAST U:201:whole|1
"

# faults PATTERN: rows of the first table.
faults() { grep -E "$1" <<<"$every_fault"; }

# Of each kind one.
some_faults=$(faults '^a (503|close |307|401|connection closed after)[^,]*\|')

export CURLRETRY_BASE_DELAY=2ms

# source_is STDIN REWINDS WORD...: what is uploaded now. STDIN: bytes on
# standard input: none, pipe, slow (a pipe), file. REWINDS: whether the
# program can send them again by itself.
source_is() {
  STDIN=$1 REWINDS=$2 WORDS=("${@:3}")
  FORM=''    # the part's file name: the bytes are a form's
  PRINTS=yes # whether the answer is printed
  LOOK=true  # what looks at each run besides
}

# run_command [NAME=VALUE...]: COMMAND, with these in its environment.
run_command() {
  local run=(timeout -k 5 90 env "$@" "${COMMAND[@]}")
  : >"$tmp/shim.log"
  case $STDIN in
  pipe) "${run[@]}" < <(cat "$UPLOAD") ;;
  slow) "${run[@]}" < <(write_slowly) ;;
  file) "${run[@]}" <"$UPLOAD" ;;
  *) "${run[@]}" </dev/null ;;
  esac >"$tmp/out" 2>"$tmp/err"
  RC=$?
  LOG=$(cat "$tmp/shim.log")
}

# In pieces, the server's fault meets the first.
write_slowly() {
  local piece=$((${UPLOAD##*.} / 3 + 1)) index
  for index in 0 1 2; do
    tail -c "+$((index * piece + 1))" "$UPLOAD" | head -c "$piece"
    sleep 0.05
  done
}

# with_the_shim: its lines go to a file, whatever a program does with stderr.
with_the_shim() {
  run_command LD_PRELOAD="$SANITIZER$SHIM" CURLRETRY_LOG="$tmp/shim.log" \
    CURLRETRY_METHODS=all
}

# --- what the server saw ---------------------------------------------------

# sha_of_form BOUNDARY: of the form as curl writes it.
sha_of_form() {
  { printf -- '--%s\r\nContent-Disposition: form-data; name="f"; ' "$1"
    printf 'filename="%s"\r\n' "$FORM"
    [ "$FORM" = - ] ||
      printf 'Content-Type: application/octet-stream\r\n'
    printf '\r\n'
    cat "$UPLOAD"
    printf -- '\r\n--%s--\r\n' "$1"; } | sha256sum | cut -d ' ' -f 1
}

# The boundaries of the key's forms; a program keeps one for a call.
boundaries() {
  server_log "$KEY" | jq -r '.headers["content-type"] // "" |
    capture("boundary=(?<text>.*)").text' | uniq
}

# METHOD:STATUS:BODY of each request of the key, in REQUESTS.
look_at_requests() {
  local method status length sum complete whole=$UPLOAD_SHA body
  [ -z "$FORM" ] || whole=$(sha_of_form "$(boundaries)")
  REQUESTS=
  while read -r _ method _ _ length sum complete status _; do
    case $complete:$sum in
    "complete:$whole") body=whole ;;
    partial:* | complete:-) body=$length ;;
    *) body=wrong ;;
    esac
    [ "$method" != GET ] || body=$length
    REQUESTS+="${REQUESTS:+ }$method:$status:$body"
  done < <(server_lines "$KEY")
}

# --- the runs --------------------------------------------------------------

# meets FAULTS...: the source meets each of them.
meets() {
  measure
  meets_each "$@"
}

# The unshimmed run, without a fault, says what there is to be sent.
measure() {
  new_key
  command_for plain "$HTTP/$KEY/201:body=stored"
  run_command
  read -r METHOD LENGTH < <(server_lines "$KEY" | cut -d ' ' -f 2,5)
  is "exit code without a fault" "$RC" 0
  look_at_requests
  is "requests without a fault" "$REQUESTS" "$METHOD:201:whole"
}

meets_each() {
  local name mode plan expected retries
  while IFS='|' read -r name mode plan expected retries; do
    [ -z "$name" ] || meet
  done < <(printf '%s\n' "$@")
}

# One fault, its row in the caller's variables.
meet() {
  local before=$problem
  plan=${plan//201/201:body=stored}
  plan=$(numbers "$plan")
  expected=$(numbers "${expected//U:/$METHOD:}")
  new_key
  command_for "$mode" "$HTTP/$KEY/$plan"
  with_the_shim
  ended 0
  [ -z "$PRINTS" ] || text_out stored
  look_at_requests
  is requests "${REQUESTS::300}" "$expected"
  like "retry lines in '$LOG'" "$(retry_lines)" \
    "${retries/own/0}"
  "$LOOK"
  [ "$retries" != own ] || [ -n "$REWINDS" ] || fails_unshimmed
  [ "$problem" = "$before" ] ||
    problem="$before# $name ($plan):"$'\n'"${problem#"$before"}"
}

# MIDDLE, LAST and LENGTH of $1 as numbers.
numbers() {
  local text=${1//MIDDLE/$((LENGTH / 2))}
  text=${text//LAST/$((LENGTH - 1))}
  echo "${text//LENGTH/$LENGTH}"
}

# The same again without the shim: the upload can't be sent again. libcurl 8.7
# to 8.13 go on, without its bytes.
fails_unshimmed() {
  new_key
  command_for "$mode" "$HTTP/$KEY/$plan"
  run_command
  [ "$RC" -ne 0 ] || libcurl_from 8.7 8.14 ||
    problem+="# it succeeds without the shim"$'\n'
  look_at_requests
  like "requests without the shim" "$REQUESTS" \
    "${expected%% "$METHOD:201:whole"}*"
}
