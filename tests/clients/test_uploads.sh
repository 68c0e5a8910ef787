#!/bin/bash
# Every way in which a stock curl takes an upload from, met by every fault
# that makes it be sent again: the server accepts exactly its bytes.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=uploads.sh
. "$(dirname "$0")/uploads.sh"

# WORDS are curl's options.
command_for() { # MODE URL
  local common=(-q -sS -g --noproxy '')
  COMMAND=("$CURL_PROGRAM" "${common[@]}")
  [ "$1" != reused ] ||
    COMMAND+=(-o "$tmp/first" "$2" --next "${common[@]:1}")
  [ "$1" = plain ] || COMMAND+=(-H 'Expect:')
  case $1 in
  follow) COMMAND+=(-L) ;;
  any) COMMAND+=(--anyauth -u user:secret) ;;
  digest) COMMAND+=(--digest -u user:secret) ;;
  esac
  COMMAND+=("${WORDS[@]}" "$2")
}

# --- every source, every fault ---------------------------------------------

put_from_a_pipe_arrives_whole() {
  source_is pipe '' -T -
  meets "$every_fault"
}

put_from_a_pipe_that_is_not_waited_for_arrives_whole() {
  source_is pipe '' -T .
  meets "$every_fault"
}

put_from_a_file_arrives_whole() {
  source_is none yes -T "$UPLOAD"
  meets "$every_fault"
}

put_from_a_redirected_file_arrives_whole() {
  source_is file yes -T -
  meets "$every_fault"
}

post_data_from_a_pipe_arrives_whole() {
  source_is pipe yes --data-binary @-
  meets "$every_fault"
}

post_data_from_a_file_arrives_whole() {
  source_is none yes --data-binary "@$UPLOAD"
  meets "$every_fault"
}

form_from_a_pipe_arrives_whole() {
  source_is pipe yes -F f=@-
  FORM=-
  meets "$every_fault"
}

form_from_a_file_arrives_whole() {
  source_is none yes -F "f=@$UPLOAD"
  FORM=$(basename "$UPLOAD")
  meets "$every_fault"
}

# --- other sizes, other speeds ----------------------------------------------

every_source=(put_from_a_pipe put_from_a_pipe_that_is_not_waited_for
  put_from_a_file put_from_a_redirected_file post_data_from_a_pipe
  post_data_from_a_file form_from_a_pipe form_from_a_file)

from_every_source() { # FAULTS: the tests above, met by these instead
  local every_fault=$1 source before
  for source in "${every_source[@]}"; do
    before=$problem
    "${source}_arrives_whole"
    [ "$problem" = "$before" ] ||
      problem="$before# $source:"$'\n'"${problem#"$before"}"
  done
}

uploads_that_expect_100_continue_arrive_whole() {
  make_upload 1500000
  from_every_source "$expect_faults"
  make_upload 300000
}

# More than SNAPSHOT_MEMORY: the pipe's bytes go to a file without a name.
uploads_that_go_to_disk_arrive_whole() {
  local stdin
  make_upload 3000000
  mkdir "$tmp/spool"
  export TMPDIR=$tmp/spool
  for stdin in - .; do
    source_is pipe '' -T "$stdin"
    meets "$some_faults" "$expect_faults"
  done
  unset TMPDIR
  is "files left" "$(ls -A "$tmp/spool")" ''
  make_upload 300000
}

uploads_of_nothing_arrive() {
  make_upload 0
  # nothing was read that would have to be read again
  from_every_source "$(grep -v MIDDLE <<<"${some_faults//|own/|0}")"
  make_upload 300000
}

uploads_from_a_slow_pipe_arrive_whole() {
  local stdin
  for stdin in - .; do
    source_is slow '' -T "$stdin"
    meets "$(grep -E '503|close|307' <<<"$some_faults")"
  done
}

run_tests "$0"
