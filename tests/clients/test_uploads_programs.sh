#!/bin/bash
# Uploads of other stock programs and bindings, met by every fault that makes
# them be sent again: the server accepts exactly their bytes.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=uploads.sh
. "$(dirname "$0")/uploads.sh"

# WORDS, with MODE and URL in their places.
command_for() { # MODE URL
  local word
  COMMAND=()
  for word in "${WORDS[@]}"; do
    word=${word/#@MODE/$1}
    COMMAND+=("${word//@URL/$2}")
  done
}

# --- PHP -------------------------------------------------------------------

php_source() { # STDIN REWINDS SOURCE FILE
  have_output php-curl php -r 'exit(!extension_loaded("curl"));' || return
  source_is "$1" "$2" php "$hosts/put_sources.php" "$3" @MODE "$4" @URL
}

php_infile_arrives_whole() {
  php_source none '' infile "$UPLOAD" || return
  meets "$every_fault"
}

php_infile_that_is_a_pipe_arrives_whole() {
  php_source pipe '' infile - || return
  meets "$every_fault"
}

php_read_callback_arrives_whole() {
  php_source none '' callback "$UPLOAD" || return
  meets "$every_fault"
}

php_read_callback_on_a_pipe_arrives_whole() {
  php_source pipe '' callback - || return
  meets "$every_fault"
}

php_uploads_that_expect_100_continue_arrive_whole() {
  make_upload 1500000
  php_source none '' callback "$UPLOAD" && meets "$expect_faults"
  php_source pipe '' infile - && meets "$some_faults" "$expect_faults"
  make_upload 300000
}

# --- pycurl ----------------------------------------------------------------

pycurl_source() { # STDIN REWINDS REWIND FILE
  have_output python3-pycurl "$PYTHON" -c 'import pycurl' || return
  source_is "$1" "$2" "$PYTHON" "$hosts/put_pycurl.py" "$3" @MODE "$4" @URL
}

# A retry never asks the program to go back, libcurl's own repetition does,
# as without the shim.
rewinds_by_the_program() { # with seek or ioctl
  local count
  count=$(sed -n 's/^rewinds //p' "$tmp/err")
  case $mode:$retries in
  plain:*) is "rewinds by the program" "$count" 0 ;;
  *:own) is "rewinds by the program" "$count" 1 ;;
  esac
}

pycurl_without_seek_arrives_whole() {
  pycurl_source none '' none "$UPLOAD" || return
  meets "$every_fault"
}

pycurl_on_a_pipe_arrives_whole() {
  pycurl_source pipe '' none - || return
  meets "$every_fault"
}

pycurl_with_seek_arrives_whole() {
  pycurl_source none yes seek "$UPLOAD" || return
  LOOK=rewinds_by_the_program
  meets "$every_fault"
}

pycurl_with_a_seek_that_fails_arrives_whole() {
  pycurl_source pipe '' fails - || return
  LOOK=rewinds_by_the_program
  meets "$every_fault"
}

pycurl_with_ioctl_arrives_whole() {
  pycurl_source none yes ioctl "$UPLOAD" || return
  LOOK=rewinds_by_the_program
  meets "$every_fault"
}

pycurl_uploads_that_expect_100_continue_arrive_whole() {
  make_upload 1500000
  pycurl_source none '' none "$UPLOAD" && meets "$expect_faults"
  pycurl_source pipe '' none - && meets "$some_faults" "$expect_faults"
  make_upload 300000
}

# --- programs that print nothing and have no such modes ---------------------

# It follows redirects always; what a 401 or a 417 says is a failure for it.
cmake_file_upload_arrives_whole() {
  have cmake || return
  source_is none yes cmake -DURL=@URL -DFILE="$UPLOAD" -P "$hosts/put.cmake"
  PRINTS=''
  meets "$(faults '\|(plain|follow)\|')"
}

# It doesn't follow redirects and has no credentials.
journal_upload() { # STDIN [OPTION...] FILE...
  local program=/lib/systemd/systemd-journal-upload
  have_file systemd-journal-remote "$program" || return
  source_is "$1" '' "$program" --url=@URL "${@:2}"
}

journal_upload_from_a_pipe_arrives_whole() {
  journal_upload pipe - || return
  PRINTS=''
  meets "$(faults '\|plain\|')" "$expect_faults"
}

journal_upload_from_a_file_arrives_whole() {
  journal_upload none "$UPLOAD" || return
  PRINTS=''
  meets "$(faults '\|plain\|')" "$expect_faults"
}

# What it makes of a journal is known from the unshimmed run.
journal_upload_from_a_journal_arrives_whole() {
  local index
  journal_upload none --file="$tmp/x.journal" --follow=no || return
  for index in {1..2000}; do
    printf '__REALTIME_TIMESTAMP=%s\n__MONOTONIC_TIMESTAMP=%s\n' \
      $((1700000000000000 + index)) $((1000 + index))
    printf '_BOOT_ID=%s\nMESSAGE=%s\n\n' \
      0123456789abcdef0123456789abcdef "planned $index"
  done >"$tmp/export"
  /lib/systemd/systemd-journal-remote -o "$tmp/x.journal" "$tmp/export" \
    >/dev/null 2>&1
  new_key
  command_for plain "$HTTP/$KEY/201"
  run_command
  UPLOAD_SHA=$(server_lines "$KEY" | cut -d ' ' -f 6)
  at_least "bytes of the journal" "$(server_lines "$KEY" | cut -d ' ' -f 5)" \
    300000
  PRINTS=''
  meets "$(faults '\|plain\|')" "$expect_faults"
  make_upload 300000
}

# Two files on one connection. It says Expect: only without the answer to
# that does libcurl take the connection for dead before the upload.
journal_upload_on_a_dead_connection_arrives_whole() {
  journal_upload pipe "$UPLOAD" - || return
  PRINTS='' METHOD=POST
  meets_each 'a connection closed|reused|200,close:nocontinue,201|'\
'U:200:whole U:0:whole U:201:whole|own
a connection closed, then a 503|reused|200,close,503,201|'\
'U:200:whole U:0:whole U:503:whole U:201:whole|2'
}

run_tests "$0"
