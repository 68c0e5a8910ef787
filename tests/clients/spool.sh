# spool.sh - uploads with a look at what is kept of them: programs in the
# background, their unnamed files, their memory; small file systems. Sourced
# after setup.sh and hosts/host.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

shim=(env LD_PRELOAD="$SANITIZER$SHIM")

# piped COMMAND...: with $UPLOAD from a pipe.
piped() { from_pipe run_quietly "$@"; }

# ran COMMAND...: without an upload on stdin.
ran() { run_quietly "$@" </dev/null; }

run_quietly() {
  timeout -k 5 180 "$@" >"$tmp/out" 2>"$tmp/err"
  RC=$?
  read_errors
}

# needs_disk NAME OPTIONS: a file system in memory; sets DISK, its folder.
needs_disk() {
  DISK=$tmp/disk.$1
  if [ "$UPLOAD_LIMITS_MOUNTS" != yes ]; then
    reason="no mount namespace can be made here"
    return 1
  fi
  mkdir "$DISK" && mount -t tmpfs -o "$2" none "$DISK" && return
  problem+="# $DISK could not be mounted"$'\n'
  return 1
}

blocks_used() { stat -f -c '%b %f' "$DISK" | awk '{ print $1 - $2 }'; }

# needs_upload: makes the C program, whose last words are CODE STATUS PEAK
# SPOOLS.
needs_upload() { [ -x "$tmp/upload" ] || compile upload upload.c -lcurl; }

word() { tail -n 1 <<<"$ERR" | cut -d ' ' -f "$1"; }

# --- in the background -----------------------------------------------------

# The first FIRST bytes of what the server calls "large", then single ones
# (curl notices nothing while it waits for its stdin) until the file "go" is
# there, then the others.
feed() {
  "$FAULTY" body large 200M | {
    head -c "$1"
    while [ ! -e "$tmp/go" ]; do
      sleep 0.05
      head -c 1
    done
    cat
  }
}

# begin FIRST PLAN [ARG...]: curl in the background, PID, its stdin fed so.
begin() {
  new_key
  rm -f "$tmp/go"
  [ -p "$tmp/pipe" ] || mkfifo "$tmp/pipe"
  feed "$1" >"$tmp/pipe" 2>/dev/null &
  FEEDER=$!
  LD_PRELOAD=$SANITIZER$SHIM "${stock[@]}" -m 180 -T - "${@:3}" \
    "$HTTP/$KEY/$2" <"$tmp/pipe" >"$tmp/out" 2>"$tmp/err" &
  PID=$!
}

# finish: lets the rest go and waits for curl.
finish() {
  : >"$tmp/go"
  wait "$PID"
  RC=$?
  wait "$FEEDER"
  read_errors
}

# awaits_spool BYTES: until the curl that was begun has an unnamed file of so
# many; sets SPOOL, where it was.
awaits_spool() {
  local tries=0 file size
  while [ $((tries++)) -lt 400 ] && sleep 0.05; do
    for file in "/proc/$PID/fd/"*; do
      SPOOL=$(readlink "$file")
      [[ $SPOOL == *' (deleted)' ]] || continue
      size=$(stat -L -c %s "$file") && [ "$size" -ge "$1" ] && return
    done
  done
  problem+="# no unnamed file of $1 bytes was seen"$'\n'
  SPOOL=
}

# watched FOLDER COMMAND...: sets NAMES, of files that appeared in the folder.
watched() {
  mkdir "$1"
  piped "$tmp/watch" "$1" env TMPDIR="$1" "${@:2}"
  NAMES=$(cat "$tmp/out")
  is "files left" "$(ls -A "$1")" ''
}

# --- memory and files ------------------------------------------------------

# look_at_curl PID: until it ends; sets PEAK, in KiB, and SPOOLED, the largest
# unnamed file's bytes.
look_at_curl() {
  local line file size
  PEAK=0 SPOOLED=0
  while line=$(grep VmHWM "/proc/$1/status" 2>/dev/null); do
    PEAK=$(tr -cd 0-9 <<<"$line")
    for file in "/proc/$1/fd/"*; do
      [[ $(readlink "$file") == *' (deleted)' ]] || continue
      size=$(stat -L -c %s "$file" 2>/dev/null) || continue
      [ "$size" -le "$SPOOLED" ] || SPOOLED=$size
    done
    sleep 0.02
  done
}

# curl_file PRELOAD PLAN: 1 GiB by curl -T. The last answer waits a little,
# so that the memory of the whole upload is seen.
curl_file() {
  new_key
  LD_PRELOAD=$1 "${stock[@]}" -m 180 -T "$tmp/sparse" "$HTTP/$KEY/$2" \
    >"$tmp/out" 2>"$tmp/err" </dev/null &
  PID=$!
  look_at_curl "$PID"
  wait "$PID"
  RC=$?
  read_errors
}
