#!/bin/bash
# curl.sh one|many FILES JOBS: the transfers of jobs.py by stock curl,
# each in a process, or 40 in one of curl -Z. Prints KEY CODE STATUS SIZE
# SHA-256. Environment: SHIM; BODIES, a folder for the bodies.
set -u
way=$1 files=$2 jobs=$3 output=$BODIES
options=(-q -sS -k -g --no-progress-meter)

# The options of a line of the jobs, as curl's configuration file has them.
write_config() { # KEY SERVER OPERATION BODY URL PROXY VERSION
  echo "url = \"$5\""
  echo "output = \"$output/$1\""
  [ "$6" = - ] && echo 'proxy = ""' || echo "proxy = \"$6\""
  [ "$7" = 2 ] && echo http2 || echo http1.1
  case $3 in
  PUT) echo "upload-file = \"$files/$4\"" ;;
  POST) echo "data-binary = \"@$files/$4\"" ;;
  esac
  printf 'write-out = "%%{stderr}written %s %%{exitcode} %%{http_code}\\n"\n' \
    "$1"
}

# What curl says of each, with its file.
report() {
  local key code status
  while read -r _ key code status; do
    [ -e "$output/$key" ] || : >"$output/$key"
    echo "$key $code $status $(stat -c %s "$output/$key") $(
      sha256sum <"$output/$key" | cut -d ' ' -f 1)"
    rm -f "$output/$key"
  done < <(grep -a '^written ' "$output/errors")
}

count=0 # of the configuration file's transfers
run() {
  [ "$count" -gt 0 ] || return
  LD_PRELOAD=$SHIM curl "${options[@]}" "$@" -K "$output/config" \
    2>"$output/errors" </dev/null
  local status=$?
  [ "$status" -lt 128 ] || echo "signal $status" >&2
  report
  count=0
}

mkdir -p "$output"
while read -r -a words; do
  if [ "$count" = 0 ]; then
    : >"$output/config"
  else
    printf 'next\nsilent\ninsecure\n' >>"$output/config"
  fi
  write_config "${words[@]}" >>"$output/config"
  count=$((count + 1))
  if [ "$way" = one ]; then
    run
  elif [ "$count" = 40 ]; then
    run -Z --parallel-max 12
  fi
done <"$jobs"
[ "$way" = one ] || run -Z --parallel-max 12
exit 0
