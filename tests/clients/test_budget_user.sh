#!/bin/bash
# BUDGET_SCOPE=user: the processes of a user share one budget, in a page in
# /dev/shm. Each test has a /dev/shm of its own, where namespaces can be made.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

export CURLRETRY_BUDGET_SCOPE=user
PAGE=/dev/shm/curlretry-budgets-v1-$(id -u)
INSIDE=() # what runs a command there

make_place() { # a mount namespace that lives as long as this script
  local pid
  unshare -rm sleep 600 </dev/null >/dev/null 2>&1 &
  pid=$!
  SERVER_PIDS+=("$pid") # ends with them
  INSIDE=(nsenter -t "$pid" -U -m --preserve-credentials --)
  if soon "${INSIDE[@]}" mount -t tmpfs -o mode=1777 shm /dev/shm 2>/dev/null
  then
    PAGE=/dev/shm/curlretry-budgets-v1-0
  else
    INSIDE=()
  fi
}

fresh() { # [MOUNT OPTION]: no budget is used yet: another port, another page
  start_http || return
  new_key
  [ ${#INSIDE[@]} -gt 0 ] && inside umount /dev/shm &&
    inside mount -t tmpfs -o "mode=1777${1:+,$1}" shm /dev/shm
}

inside() { # COMMAND...: where curl runs
  "${INSIDE[@]}" "$@"
}

has_own_folder() { # else the test is skipped
  [ ${#INSIDE[@]} -gt 0 ] || reason="no namespace can be made (unshare -rm)"
}

# run_inside FILE ARG...: curl with the shim there; its stderr goes to FILE.
# LIMIT: options of timeout. Leaves RC.
run_inside() { # FILE ARG...
  # shellcheck disable=SC2086 # several words
  timeout ${LIMIT:--k 5 90} "${INSIDE[@]}" env LD_PRELOAD="$SANITIZER$SHIM" \
    "${stock[@]}" "${@:2}" >"$tmp/out" 2>"$1"
  RC=$?
}

call() { # ARG...: one process; leaves RC, LOG, ERR
  run_inside "$tmp/err" "$@"
  read_errors
}

calls() { # COUNT ARG...: processes one after the other; their lines in LOG
  local i all=$tmp/all
  : >"$all"
  for ((i = 0; i < $1; i++)); do
    run_inside "$tmp/err" "${@:2}"
    cat "$tmp/err" >>"$all"
  done
  LOG=$(grep -a '^curlretry: ' "$all")
}

at_once() { # COUNT ARG...: the same at one time; leaves RCS, their codes
  local i code files=$tmp/many pids=()
  mkdir -p "$files"
  rm -f "$files"/*
  for ((i = 0; i < $1; i++)); do
    { run_inside "$files/$i" "${@:2}"; exit "$RC"; } &
    pids+=($!)
  done
  RCS=
  for i in "${pids[@]}"; do
    wait "$i"
    code=$?
    [[ " $RCS " == *" $code "* ]] || RCS+=" $code"
  done
  LOG=$(cat "$files"/* | grep -a '^curlretry: ')
}

refused_port() { # a URL where nobody listens
  start_dead refuse
  REFUSED=$DEAD/
}

said() { # COUNT TEXT: lines of the log with it
  is "lines with '$2'" "$(grep -c -F -e "$2" <<<"$LOG")" "$1"
}

# --- one budget ------------------------------------------------------------

forty_calls_have_one_budget() {
  fresh
  calls 40 -f "$HTTP/$KEY/503"
  is "requests" "$(server_count "$KEY")" 60
  retries 20
  said 34 'retry budget exhausted (BUDGET)'
}

two_hundred_at_once_too() {
  fresh
  refused_port || return
  at_once 200 "$REFUSED"
  retries 20
  is "exit codes" "$RCS" " 7"
}

each_process_has_its_own_by_default() {
  fresh
  refused_port || return
  unset CURLRETRY_BUDGET_SCOPE
  calls 10 "$REFUSED"
  export CURLRETRY_BUDGET_SCOPE=user
  retries 30
  has_own_folder || return
  is "files in /dev/shm" "$(inside ls -A /dev/shm)" ''
}

one_that_has_many_transfers_shares_it() {
  fresh
  call -Z --no-globoff --no-progress-meter -f -o /dev/null \
    "$HTTP/$KEY-[1-12]/503"
  is "requests" "$(server_lines | grep -c " /$KEY-")" 32
  calls 3 -f "$HTTP/$KEY/503"
  is "requests after them" "$(server_count "$KEY")" 3
}

another_host_has_another() {
  local port
  fresh
  calls 8 -f "$HTTP/$KEY/503"
  is "requests" "$(server_count "$KEY")" 28
  port=$HTTP_PORT
  start_http
  new_key
  call "$HTTP/$KEY/503,200:body=fine"
  ended 0
  saw GET:503 GET:200
  is "ports that are the same" "$((port == HTTP_PORT))" 0
}

# --- and again -------------------------------------------------------------

successes_fill_it() {
  fresh
  calls 8 -f "$HTTP/$KEY/503"
  new_key
  call "$HTTP/$KEY/503,200:body=fine"
  saw GET:503
  new_key
  calls 5 "$HTTP/$KEY/200"
  new_key
  call "$HTTP/$KEY/503,200:body=fine"
  ended 0
  saw GET:503 GET:200
  new_key # its success gave the cost back
  call "$HTTP/$KEY/503,200:body=fine"
  saw GET:503 GET:200
}

find_faketime() { # sets FAKETIME_LIBRARY
  FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 -print -quit)
  [ -n "$FAKETIME_LIBRARY" ] || reason="libfaketime is missing"
  [ -z "$SANITIZER" ] || reason="no place for libfaketime"
  [ -z "$reason" ]
}

ten_minutes_fill_it() {
  local minutes requests
  find_faketime || return
  fresh
  calls 8 -f "$HTTP/$KEY/503"
  while read -r minutes requests; do
    new_key
    SANITIZER="$FAKETIME_LIBRARY:" FAKETIME=+${minutes}m \
      call "$HTTP/$KEY/503,200:body=fine"
    is "requests after $minutes minutes" "$(server_count "$KEY")" "$requests"
  done < <(printf '%s\n' '9 1' '12 2')
}

# --- accidents -------------------------------------------------------------

killed_processes_leave_it_right() {
  local i pids=()
  fresh
  for i in {1..60}; do
    LIMIT="-s KILL 0.0$((RANDOM % 90 + 10))" \
      run_inside "$tmp/killed.$i" -f "$HTTP/$KEY/503" &
    pids+=($!)
    [ $((i % 8)) -ne 0 ] || wait "${pids[@]}"
  done 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  calls 8 -f "$HTTP/$KEY/503"
  said 0 'BUDGET_SCOPE'
  at_most "requests" "$(server_count "$KEY")" $((60 + 8 + 20))
  new_key # eight calls alone would use all of it
  call "$HTTP/$KEY/503,200"
  saw GET:503
}

holds() { # FILE [NAME]: the page is a copy of it, 0600; and has that name
  (umask 077 && inside tee "$PAGE" <"$1" >/dev/null) # it may be in /dev/shm
  [ -z "${2-}" ] || inside ln "$PAGE" "$2"
}

fills() { # BYTES: an empty page, and a file system that is full
  holds /dev/null
  head -c "$1" /dev/zero | inside tee /dev/shm/full >/dev/null
}

list_files() { # with all that an attempt to use them could change
  inside find /dev/shm -mindepth 1 -printf '%p %y %m %s %n %T@\n'
}

unusable() { # REASON COMMAND...: with this file each has a budget of its own
  local before
  fresh "${OPTIONS-}"
  "${@:2}" 2>/dev/null
  before=$(list_files)
  calls 2 -f "$HTTP/$KEY/503,503,503,503,503,503,503,503"
  is "requests" "$(server_count "$KEY")" 8
  retries 6
  said 2 "note: CURLRETRY_BUDGET_SCOPE=user: $PAGE: $1; the budget is this \
process's own"
  is "files" "$(list_files)" "$before"
}

page_that_cannot_be_used_is_said_once() {
  has_own_folder || return
  head -c 4096 /dev/urandom >"$tmp/random"
  echo text >"$tmp/text"
  unusable "it can't be opened" inside ln -s "$tmp/elsewhere" "$PAGE"
  unusable "it is no regular file" inside mkfifo -m 600 "$PAGE"
  unusable "its mode isn't 0600" inside install -m 644 /dev/null "$PAGE"
  unusable "its size is another" holds "$tmp/text"
  unusable "its format is another" holds "$tmp/random"
  unusable "it has another name, too" holds /dev/null "$PAGE.old"
  OPTIONS=ro unusable "it can't be opened" true
  OPTIONS=size=64K unusable "there is no room for it" fills 64K
}

# What is in a page does no harm, only its head has to be right.
any_content_is_a_budget() {
  has_own_folder || return
  fresh
  call "$HTTP/$KEY/200"
  head -c 4080 /dev/urandom |
    inside dd of="$PAGE" bs=1 seek=16 conv=notrunc 2>/dev/null
  calls 10 -f "$HTTP/$KEY/503"
  at_most "requests" "$(server_count "$KEY")" $((1 + 10 + 20))
  said 0 'BUDGET_SCOPE'
}

successes_say_nothing_of_it() {
  has_own_folder || return
  fresh
  inside mkfifo -m 600 "$PAGE"
  call "$HTTP/$KEY/200:body=fine"
  text_out fine
  silent
}

without_a_budget_there_is_no_page() {
  has_own_folder || return
  fresh
  CURLRETRY_BUDGET=off call -f "$HTTP/$KEY/503"
  is "requests" "$(server_count "$KEY")" 4
  is "files in /dev/shm" "$(inside ls -A /dev/shm)" ''
}

page_is_the_users_alone() {
  has_own_folder || return
  fresh
  umask 0
  call "$HTTP/$KEY/200"
  umask 022
  is "page" "$(inside stat -c '%a %s %h %F' "$PAGE")" "600 4096 1 regular file"
  is "files in /dev/shm" "$(inside ls -A /dev/shm)" "${PAGE##*/}"
}

! hash unshare nsenter 2>/dev/null || make_place
run_tests "$0"
