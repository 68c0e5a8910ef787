# chaos.sh - many transfers of all kinds, every byte of which is looked at, by
# stock programs and ours, through what breaks; sourced by test_chaos.sh and
# long_chaos.sh. README.md says what is counted.
#
# Environment: SOAK_TRANSFERS, SOAK_SEED; SOAK_KEEP, a folder for the traces;
# SOAK_LIBCURL, a folder with another one for the programs of ours;
# SOAK_BARE=1: without retries, to compare (the rules about traces then fail).
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

soak_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/clients/setup.sh
. "$soak_folder/../clients/setup.sh"
# shellcheck source=tests/clients/hosts/host.sh
. "$soak_folder/../clients/hosts/host.sh"
# shellcheck source=tests/clients/servers.sh
. "$soak_folder/../clients/servers.sh"
# shellcheck source=tests/soak/servers.sh
. "$soak_folder/servers.sh"
NGINX=${NGINX:-nginx}
SOAK=${SOAK:-$(dirname "$SHIM")/soak}
SOAK_SEED=${SOAK_SEED:-$((RANDOM * 32768 + RANDOM))}

# What all run under: waits are short, what hangs is noticed.
export CURLRETRY_MAX_RETRIES=4 CURLRETRY_BASE_DELAY=5ms \
  CURLRETRY_MAX_DELAY=100ms CURLRETRY_MAX_TIME=10s CURLRETRY_BUDGET=off \
  CURLRETRY_STALL_TIMEOUT=2s CURLRETRY_RETRY_AFTER=2s \
  CURLRETRY_ATTEMPT_HEADER=X-Attempt CURLRETRY_LOG_LEVEL=error

# --- the programs ----------------------------------------------------------

runs=() # NAME:PID

# begin NAME COMMAND...: with the shim and a trace, in the background.
begin() {
  mkdir -p "$tmp/temporary/$1"
  env CURLRETRY_TRACE="$tmp/$1.trace" CURLRETRY_LOG="$tmp/$1.log" \
    TMPDIR="$tmp/temporary/$1" ${SOAK_BARE:+CURLRETRY_DISABLE=1} \
    timeout -k 5 "$limit" "${@:2}" \
    >"$tmp/$1.out" 2>"$tmp/$1.err" </dev/null &
  runs+=("$1:$!")
}

# own NAME MODE COUNT WIDTH [NAME=VALUE...]: a long-lived program of ours.
own() {
  begin "$1" env LD_PRELOAD="$SHIM" "${@:5}" \
    ${SOAK_LIBCURL:+LD_LIBRARY_PATH="$SOAK_LIBCURL"} "$SOAK" "$2" "$1" \
    "$SOAK_SEED" "$3" "$4" "$files" "$tmp/servers" "$tmp/$1.results"
}

# stock NAME COUNT COMMAND...: one that gets its list as its last argument.
stock() {
  "$PYTHON" "$soak_folder/jobs.py" "$SOAK_SEED" "$1" "$2" "$files" \
    "${SOME_SERVERS:-$tmp/servers}" >"$tmp/$1.jobs"
  begin "$1" "${@:3}" "$files" "$tmp/$1.jobs"
}

has_php() { php -r 'exit(!extension_loaded("curl"));' >/dev/null 2>&1; }
has_pycurl() { "$PYTHON" -c 'import pycurl' >/dev/null 2>&1; }

# Shares of all transfers, in percent. The policies differ in what is held.
begin_programs() { # TRANSFERS
  local each=$(($1 / 100))
  own easy easy $((each * 30)) 12 CURLRETRY_HOLD_BYTES=64K \
    CURLRETRY_HOLD_TIME=200ms CURLRETRY_SNAPSHOT_MEMORY=16K
  own poll poll $((each * 28)) 16
  own epoll epoll $((each * 28)) 16 CURLRETRY_HOLD_BYTES=4K \
    CURLRETRY_HOLD_TIME=20ms
  export CURLRETRY_HOLD_BYTES=64K
  if has_php; then
    stock php $((each * 3)) env LD_PRELOAD="$SHIM" php \
      "$soak_folder/client.php" easy
    stock php_multi $((each * 3)) env LD_PRELOAD="$SHIM" php \
      "$soak_folder/client.php" multi
  else
    absent php
  fi
  if has_pycurl; then
    stock pycurl $((each * 3)) env LD_PRELOAD="$SHIM" "$PYTHON" \
      "$soak_folder/client.py" easy
    stock pycurl_multi $((each * 3)) env LD_PRELOAD="$SHIM" "$PYTHON" \
      "$soak_folder/client.py" multi
  else
    absent pycurl
  fi
  stock curl "$each" env SHIM="$SHIM" BODIES="$tmp/curl.files" \
    "$soak_folder/curl.sh" one
  # What SFTP's broken handshakes are, 2, ends all that curl -Z still has.
  grep -v ' sftp ' "$tmp/servers" >"$tmp/some"
  SOME_SERVERS=$tmp/some stock curl_many $((each * 2)) env SHIM="$SHIM" \
    BODIES="$tmp/curl_many.files" "$soak_folder/curl.sh" many
  unset CURLRETRY_HOLD_BYTES
}

end_programs() {
  local run status
  : >"$tmp/ended"
  for run in "${runs[@]}"; do
    wait "${run#*:}"
    status=$?
    echo "${run%:*} $status $(find "$tmp/temporary/${run%:*}" -type f |
      wc -l)" >>"$tmp/ended"
  done
  runs=()
}

# in_a_namespace LINK TRANSFERS: this file again, in a network namespace of its
# own, whose lo is bad (netem: the kernel's) or whose other end (tun: ours).
# False: it isn't permitted, for the $reason.
in_a_namespace() {
  local way trial='ip tuntap add dev t0 mode tun'
  have unshare ip tc || return
  [ "$1" != netem ] || trial='tc qdisc add dev lo root netem delay 1ms'
  for way in -n -rn; do
    unshare "$way" sh -c "ip link set lo up && $trial" 2>/dev/null || continue
    unshare "$way" env SOAK_LINK="$1" SOAK_TRANSFERS="$2" \
      SOAK_SEED="$SOAK_SEED" SOAK_BARE="${SOAK_BARE-}" \
      "$soak_folder/chaos_link.sh" >"$tmp/inner" 2>&1
    is "exit code in the namespace" $? 0
    grep '^#' "$tmp/inner"
    return
  done
  reason="$1 isn't permitted here, or not in this kernel"
  return 1
}

# soak TRANSFERS SECONDS: all of them; leaves $tmp/report, whose lines "NAME
# COUNT" of violations are to be looked at.
soak() {
  local limit=$2
  echo "# SOAK_SEED=$SOAK_SEED"
  start_servers "$SOAK_SEED"
  [ -n "${TLS_PORT-}" ] || { reason='nginx is missing' && return 1; }
  begin_programs "$1"
  end_programs
  [ -z "${LINK_PID-}" ] || end_server TERM "$LINK_PID"
  end_server QUIT "$NGINX_PID" # its log is whole then
  "$PYTHON" "$soak_folder/check.py" "$tmp" "$site" >"$tmp/report" \
    2>"$tmp/check.err"
  is "check.py" "$? $(tail -n 3 "$tmp/check.err")" '0 '
  [ -z "${SOAK_KEEP-}" ] || keep
  sed 's/^/# /' "$tmp/report"
  [ -z "${LINK_PID-}" ] || sed 's/^/# the link: /' "$tmp/link"
  [ -z "$ABSENT" ] || echo "# left out, as it is missing:$ABSENT"
}

# end_server SIGNAL PID: its number may soon be another's.
end_server() {
  local pid others=()
  kill "-$1" "$2"
  wait "$2" 2>/dev/null
  for pid in "${SERVER_PIDS[@]}"; do
    [ "$pid" = "$2" ] || others+=("$pid")
  done
  SERVER_PIDS=("${others[@]}")
}

no_rule_is_broken() {
  is "rules that were broken" "$(grep -E '^ *[1-9][0-9]* [a-zA-Z]' \
    "$tmp/report")" ''
  at_least "rules" "$(grep -c -E '^ *[0-9]+ [a-zA-Z]' "$tmp/report")" 16
}

keep() {
  mkdir -p "$SOAK_KEEP"
  cp "$tmp"/*.{trace,results,jobs,out,err,log,error} \
    "$tmp"/{report,ended,servers} "$SOAK_KEEP" 2>/dev/null
}
