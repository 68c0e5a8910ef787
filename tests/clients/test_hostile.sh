#!/bin/bash
# A server that answers without end: the program ends as it would without the
# shim, in about the memory and the time.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"

serve_python hostile_server.py
export CURLRETRY_MAX_RETRIES=1

cat >"$tmp/measure.py" <<'END'
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[1:], timeout=60).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, usage.ru_maxrss, int((time.monotonic() - began) * 1000),
      int((usage.ru_utime + usage.ru_stime) * 1000))
END

# measured PRELOAD PATH [ARG...]: sets CODE, KB, MS and CPU, in ms.
measured() { # PRELOAD PATH [ARG...]
  read -r CODE KB MS CPU < <("$PYTHON" "$tmp/measure.py" \
    env ${1:+LD_PRELOAD="$1"} "${stock[@]}" -o /dev/null "${@:3}" \
    "http://127.0.0.1:$PORTS/$2" 2>/dev/null)
}

# harmless PATH MS MB [ARG...]: it takes at most so much more, of the
# processor: time on the clock is the other processes', too. One that waits
# for a minute has no exit code.
harmless() { # PATH MS MB [ARG...]
  local bare kb cpu
  measured '' "$1" "${@:4}"
  bare=$CODE kb=$KB cpu=$CPU
  measured "$SANITIZER$SHIM" "$1" "${@:4}"
  is "exit code of $1" "$CODE" "$bare"
  at_most "kB" "$KB" $((2 * kb + $3 * 1024))
  at_most "ms of CPU" "$CPU" $((2 * cpu + $2))
}

interim_answers_without_end_are_passed_on() {
  harmless interim 2000 4
}

headers_without_end_are_an_error() {
  harmless headers 2000 4
  harmless errors 2000 4
}

line_without_end_is_an_error() {
  harmless line 2000 4
}

# Each field costs libcurl a walk through all that it has.
trailers_without_end_cost_no_minutes() {
  harmless trailers 4000 40
}

error_without_end_is_not_read_to_it() {
  measured "$SHIM" body
  is "exit code" "$CODE" 0
  at_most "kB" "$KB" 40000
}

error_that_drips_is_left_after_a_second() {
  rm -f "$tmp/log"
  CURLRETRY_LOG=$tmp/log measured "$SHIM" slow -m 10
  is "retries" "$(grep -c 'curlretry: retry 1/1' "$tmp/log")" 1
  at_most "ms" "$MS" 14000 # the server goes on for 15 s
  at_most "ms of CPU" "$CPU" 3000
}

bomb_is_not_held() {
  harmless bomb 3000 8 --compressed
}

run_tests "$0"
