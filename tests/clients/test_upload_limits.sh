#!/bin/bash
# Uploads at the limits of what is kept of them: large ones, files that are
# not copied, folders that can't take the copy, SNAPSHOT_MEMORY and
# SNAPSHOT_DISK to the byte.
set -u
# Some tests mount small file systems: in a mount namespace of our own.
if [ -z "${UPLOAD_LIMITS_MOUNTS-}" ]; then
  export UPLOAD_LIMITS_MOUNTS=yes
  for own in -m -rm; do
    unshare $own mount -t tmpfs none "${TMPDIR:-/tmp}" 2>/dev/null &&
      exec unshare $own "$0" "$@"
  done
  UPLOAD_LIMITS_MOUNTS=no
fi
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=spool.sh
. "$(dirname "$0")/spool.sh"
# shellcheck disable=SC2016 # for the trap
at_exit 'umount "$tmp"/disk.* 2>/dev/null; stop_all; rm -rf "$tmp"'

# --- a large upload from a pipe --------------------------------------------

large_upload_from_a_pipe_is_repeated_from_the_spool() {
  mkdir "$tmp/large"
  TMPDIR=$tmp/large begin 160M uprst@150M,201:body=stored
  awaits_spool $((158 << 20))
  like spool "$SPOOL" "$tmp/large/*"
  is "files while it runs" "$(ls -A "$tmp/large")" ''
  finish
  ended 0
  text_out stored
  local UPLOAD_SHA
  UPLOAD_SHA=$(body_sha large 200M)
  received PUT:0:part PUT:201:whole
  is "bytes of the first attempt" \
    "$(server_lines "$KEY" | awk 'NR == 1 { print $5 }')" $((150 << 20))
  retries 1
  is "files left" "$(ls -A "$tmp/large")" ''
}

killed_program_leaves_no_file() {
  mkdir "$tmp/killed"
  TMPDIR=$tmp/killed begin 60M uprst@50M,201
  awaits_spool $((58 << 20))
  kill -9 "$PID"
  finish 2>/dev/null
  ended 137
  is "files left" "$(ls -A "$tmp/killed")" ''
}

killed_program_frees_the_disk() {
  needs_disk killed size=100M || return
  is "blocks before" "$(blocks_used)" 0
  TMPDIR=$DISK begin 60M uprst@50M,201
  awaits_spool $((58 << 20))
  at_least "blocks while it runs" "$(blocks_used)" $(((58 << 20) / 4096))
  kill -9 "$PID"
  finish 2>/dev/null
  ended 137
  is "blocks after" "$(blocks_used)" 0
}

without_tmpdir_the_spool_is_in_tmp() {
  TMPDIR='' begin 3M 503,201
  awaits_spool 1
  like spool "$SPOOL" '/tmp/*'
  kill -9 "$PID"
  finish 2>/dev/null
}

spool_never_has_a_name() {
  compile watch watch.c || return
  needs_disk named size=20M || return
  make_upload 3000000
  new_key
  watched "$DISK/spool" "${shim[@]}" "${stock[@]}" -T - "$HTTP/$KEY/503,204"
  ended 0
  received PUT:503:whole PUT:204:whole
  is "names that were seen" "$NAMES" ''
}

spool_has_a_name_for_a_moment_where_it_needs_one() {
  compile watch watch.c || return
  compile no_tmpfile.so no_tmpfile.c -shared -fPIC || return
  make_upload 3000000
  new_key
  watched "$tmp/old" env LD_PRELOAD="$SANITIZER$tmp/no_tmpfile.so $SHIM" \
    "${stock[@]}" -T - "$HTTP/$KEY/503,204"
  ended 0
  received PUT:503:whole PUT:204:whole
  like "names that were seen" "$NAMES" 'curlretry-??????'
}

# --- files -----------------------------------------------------------------

large_file_is_sent_again_without_a_copy() {
  local plan=201:nohash plain
  needs_upload || return
  truncate -s 1G "$tmp/sparse"
  new_key
  ran "$tmp/upload" file "$HTTP/$KEY/$plan" "$tmp/sparse"
  is "unshimmed" "$RC $(word 2)" '0 201'
  plain=$(word 3)
  new_key
  ran "${shim[@]}" "$tmp/upload" file "$HTTP/$KEY/uprst@400M:nohash,$plan" \
    "$tmp/sparse"
  ended 0
  is "status and spools" "$(word 2,4)" '201 0'
  retries 1
  is "bytes that came" "$(server_lines "$KEY" | cut -d ' ' -f 2,5,7 |
    paste -s -d ,)" \
    "PUT $((400 << 20)) partial,PUT $((1 << 30)) complete"
  at_least "KiB left of 4 MiB more than $plain" \
    $((plain + 4096 - $(word 3))) 0
  echo "# 1 GiB from a FILE: $(word 3) KiB, unshimmed $plain KiB"
}

file_is_sent_again_without_a_folder() {
  needs_upload || return
  UPLOAD=$tmp/100M
  "$FAULTY" body file 100M >"$UPLOAD"
  UPLOAD_SHA=$(sha "$UPLOAD")
  new_key
  TMPDIR=$tmp/missing ran "${shim[@]}" "$tmp/upload" file \
    "$HTTP/$KEY/503,uprst@70M,201:body=stored" "$UPLOAD"
  ended 0
  text_out stored
  received PUT:503:whole PUT:0:part PUT:201:whole
  retries 2
  is "spools" "$(word 4)" 0
}

# curl reads files by callbacks of its own, with which they can be sought.
curl_with_a_large_file_takes_no_memory() {
  local plan=201:nohash:wait=300 plain
  truncate -s 1G "$tmp/sparse"
  curl_file '' "$plan"
  ended 0
  plain=$PEAK
  at_least "KiB unshimmed" "$plain" 1000
  curl_file "$SANITIZER$SHIM" "uprst@400M:nohash,$plan"
  ended 0
  saw PUT:0 PUT:201
  retries 1
  is "bytes spooled" "$SPOOLED" $((256 << 20))
  at_least "KiB left of 4 MiB more than $plain" $((plain + 4096 - PEAK)) 0
  CURLRETRY_SNAPSHOT_DISK=off curl_file "$SANITIZER$SHIM" "503:early,$plan"
  ended 0
  saw PUT:503 PUT:201
  is "bytes spooled with SNAPSHOT_DISK=off" "$SPOOLED" 0
  echo "# 1 GiB by curl -T: $PEAK KiB, unshimmed $plain KiB"
}

curl_with_a_file_repeats_what_is_not_kept() {
  local policy
  UPLOAD=$tmp/30M
  "$FAULTY" body file 30M >"$UPLOAD"
  UPLOAD_SHA=$(sha "$UPLOAD")
  for policy in CURLRETRY_SNAPSHOT_DISK=10M CURLRETRY_SNAPSHOT_DISK=off \
    TMPDIR="$tmp/missing"; do
    new_key
    ran env "$policy" "${shim[@]}" "${stock[@]}" -T "$UPLOAD" \
      "$HTTP/$KEY/503,uprst@20M,201:body=stored"
    ended 0
    text_out stored
    received PUT:503:whole PUT:0:part PUT:201:whole
    retries 2
  done
}

# --- nowhere to keep it ----------------------------------------------------

# goes_on [WRAPPER...]: an upload that can't be kept succeeds and is right; a
# 503 is delivered whole. One line says so, at once where the program can't
# seek, else when it matters.
goes_on() { # [WRAPPER...]
  make_upload 3000000
  new_key
  piped "$@" "${shim[@]}" "${stock[@]}" -T - "$HTTP/$KEY/201:body=stored"
  ended 0
  text_out stored
  received PUT:201:whole
  silent
  new_key
  piped "$@" "${shim[@]}" "${stock[@]}" -T - "$HTTP/$KEY/503:size=20000,201"
  delivered 0 20000
  received PUT:503:whole
  is "lines in '$LOG'" "$(grep -c . <<<"$LOG")" 1
  gave_up "can't be sent again"
  without_seek pipe "$@"
}

# without_seek SOURCE [WRAPPER...]: the same of a program that has no seek.
without_seek() { # SOURCE [WRAPPER...]
  needs_upload || return
  new_key
  piped "${@:2}" "${shim[@]}" "$tmp/upload" "$1" "$HTTP/$KEY/201:body=stored"
  text_out stored
  is "code and status" "$(word 1,2)" '0 201'
  received PUT:201:whole
  is "lines in '$LOG'" "$LOG" ''
  new_key
  piped "${@:2}" "${shim[@]}" "$tmp/upload" "$1" \
    "$HTTP/$KEY/503:size=20000,201"
  delivered 0 20000
  is "code and status" "$(word 1,2)" '0 503'
  received PUT:503:whole
  is "lines in '$LOG'" "$(grep -c . <<<"$LOG")" 1
  gave_up "can't be sent again"
}

full_disk_ends_no_upload() {
  needs_disk full size=512K || return
  goes_on env TMPDIR="$DISK"
  is "files left" "$(ls -A "$DISK")" ''
  is "blocks left" "$(blocks_used)" 0
}

read_only_folder_ends_no_upload() {
  needs_disk readonly ro || return
  goes_on env TMPDIR="$DISK"
}

missing_folder_ends_no_upload() {
  goes_on env TMPDIR="$tmp/missing"
}

folder_that_is_a_file_ends_no_upload() {
  goes_on env TMPDIR="$tree/Makefile"
}

# A write beyond it would end the program with SIGXFSZ.
limit_of_file_sizes_ends_no_upload() {
  # shellcheck disable=SC2016 # another shell's
  goes_on bash -c 'ulimit -f 512 && exec "$@"' bash
}

exhausted_descriptors_end_no_upload() {
  make_upload 3000000
  # shellcheck disable=SC2016 # another shell's
  without_seek full bash -c 'ulimit -n 64 && exec "$@"' bash
}

# --- to the byte -----------------------------------------------------------

uploads_of_the_limits_are_repeated_and_one_byte_more_is_not() {
  local limits memory disk size
  for limits in 64K,64K,131072 65536,off,65536 off,100K,102400 1,1,2 \
    1M,1500K,2584576 off,1,1; do
    IFS=, read -r memory disk size <<<"$limits"
    export CURLRETRY_SNAPSHOT_MEMORY=$memory CURLRETRY_SNAPSHOT_DISK=$disk
    make_upload "$size"
    put 503,201
    ended 0
    received PUT:503:whole PUT:201:whole
    make_upload $((size + 1))
    put 503:body=busy,201
    text_out busy
    received PUT:503:whole
    gave_up "can't be sent again"
  done
  unset CURLRETRY_SNAPSHOT_MEMORY CURLRETRY_SNAPSHOT_DISK
}

nothing_kept_repeats_an_empty_upload_only() {
  export CURLRETRY_SNAPSHOT_MEMORY=off CURLRETRY_SNAPSHOT_DISK=off
  UPLOAD=/dev/null
  put 503,201
  received PUT:503:none PUT:201:none
  make_upload 1
  put 503,201
  received PUT:503:whole
  unset CURLRETRY_SNAPSHOT_MEMORY CURLRETRY_SNAPSHOT_DISK
}

was_repeated() { # up to now
  [ "$(server_count "$KEY")" -ge 2 ]
}

# It had not passed the limits when it failed; that it does later is fine.
failure_before_the_limits_is_repeated() {
  local UPLOAD_SHA
  UPLOAD_SHA=$(body_sha large 200M)
  CURLRETRY_SNAPSHOT_DISK=1M begin 1500K uprst@1M,201:body=stored
  soon was_repeated
  finish
  ended 0
  text_out stored
  received PUT:0:part PUT:201:whole
  retries 1
}

run_tests "$0"
