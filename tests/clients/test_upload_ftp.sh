#!/bin/bash
# FTP (vsftpd) and SFTP uploads that break on their way: what the server has
# in the end is right, and what adds to a file is sent once. A server that
# isn't there is a skipped test.
#
# Environment: VSFTPD.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

# --- FTP -------------------------------------------------------------------

needs_empty_ftp() { # BYTES...: where uploads break so
  rm -rf "$site"
  needs_ftp up "$@"
}

ftp_put() { # RUNNER ARG...
  over_ftp "$1" file "${@:2}"
}

failed() { # curl did
  at_least "exit code" "$RC" 1
}

commands() { # COMMAND COUNT: how often the server was told so
  is "$1 commands" "$(grep -c "FTP command.*\"$1 " "$tmp/vsftpd.log")" "$2"
}

stored() { # FILE: what the server has is that, byte for byte
  is "bytes at the server" "$(stat -c %s "$site/file")" \
    "$(stat -c %s "$1")"
  is "SHA-256 at the server" "$(sha "$site/file")" "$(sha "$1")"
}

broken_ftp_upload_from_a_pipe_is_repeated_whole() {
  needs_empty_ftp 1 100000 299999 all || return
  from_pipe ftp_put shimmed -T -
  ended 0
  retries 3
  commands STOR 4
  stored "$UPLOAD"
}

broken_ftp_upload_of_a_file_is_repeated_whole() {
  needs_empty_ftp 100000 all || return
  ftp_put shimmed -T "$UPLOAD"
  ended 0
  retries 1
  commands STOR 2
  stored "$UPLOAD"
}

broken_ftp_upload_fails_unshimmed() {
  needs_empty_ftp 100000 all || return
  ftp_put bare -T "$UPLOAD"
  failed
  commands STOR 1
}

not_repeated() { # the transfer failed, and the shim says why it was let be
  failed
  retries 0
  gave_up "must not be sent twice"
}

ftp_append_is_sent_once() {
  needs_empty_ftp 100000 all || return
  ftp_put shimmed -a -T "$UPLOAD"
  not_repeated
  commands APPE 1
}

ftp_upload_with_commands_is_sent_once() {
  local command
  for command in 'DELE old' '-DELE old' '+DELE old'; do
    needs_empty_ftp 100000 all || return
    : >"$site/old"
    ftp_put shimmed -Q "$command" -T "$UPLOAD"
    not_repeated
    commands STOR 1
    at_least "1 DELE, or none:" 1 "$(grep -c 'FTP command.*DELE' \
      "$tmp/vsftpd.log")"
  done
}

# libcurl appends (APPE) what comes after the offset: twice would be wrong.
continued_ftp_upload_is_sent_once() {
  needs_empty_ftp 100000 all || return
  head -c 1000 "$UPLOAD" >"$site/file"
  ftp_put shimmed -C 1000 -T "$UPLOAD"
  not_repeated
  commands APPE 1
}

# It asks for the size first, and appends what is missing then.
continued_ftp_upload_of_unknown_offset_is_never_wrong() {
  needs_empty_ftp 100000 all || return
  head -c 1000 "$UPLOAD" >"$site/file"
  ftp_put shimmed -C - -T "$UPLOAD"
  if [ "$RC" -eq 0 ]; then
    stored "$UPLOAD"
  else
    commands APPE 1
  fi
}

# --- SFTP ------------------------------------------------------------------

# libssh2 says 79 whatever broke, also what stays broken: not in the default.
sftp_put() { # ARG...
  CURLRETRY_ON=default,curl:79 shimmed -k "$@" "$SFTP/file"
}

broken_sftp_upload_is_repeated_whole() {
  needs_sftp uprst@100000,upclose@200000,pass || return
  from_pipe sftp_put -T -
  ended 0
  retries 2
  opened 'write /file' 'write /file' 'write /file'
  stored "$UPLOAD"
}

broken_sftp_upload_of_a_file_is_repeated_whole() {
  needs_sftp uprst@100000,pass || return
  sftp_put -T "$UPLOAD"
  ended 0
  retries 1
  opened 'write /file' 'write /file'
  stored "$UPLOAD"
}

broken_sftp_upload_fails_unshimmed() {
  needs_sftp uprst@100000,pass || return
  bare -k -T "$UPLOAD" "$SFTP/file"
  failed
  opened 'write /file'
}

sftp_append_is_sent_once() {
  needs_sftp uprst@100000,pass || return
  head -c 1000 "$UPLOAD" >"$site/file"
  sftp_put -a -T "$UPLOAD"
  not_repeated
  opened 'append /file'
}

sftp_upload_with_commands_is_sent_once() {
  local command
  for command in 'rm /old' '-rm /old'; do
    needs_sftp uprst@100000,pass || return
    : >"$site/old"
    sftp_put -Q "$command" -T "$UPLOAD"
    not_repeated
    opened 'write /file'
  done
}

# So does libcurl here, or did (8.10): it opens the file for appending.
continued_sftp_upload_is_sent_once() {
  needs_sftp uprst@100000,pass || return
  head -c 1000 "$UPLOAD" >"$site/file"
  sftp_put -C 1000 -T "$UPLOAD"
  not_repeated
  is "opened files" "$(wc -l <"$tmp/sftp.log")" 1
}

run_tests "$0"
