#!/bin/bash
# Beside other preloaded libraries, before and behind them (checklist 15, 38,
# 47): a stock curl, and ctypes, which takes its functions by dlsym(). Each
# test also proves that the other library was at work.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

find_library() { # PACKAGE NAME: a Debian package's library, in LIBRARY
  for LIBRARY in /usr/lib/*/"$2" /usr/lib/*/*/"$2"; do
    [ -e "$LIBRARY" ] && return
  done
  reason="$1 is missing"
  return 1
}

by_curl() { # PRELOAD [VARIABLE=VALUE...]: a download through a 503
  new_key
  SHIM=$1 host "${@:2}" "$CURL_PROGRAM" -q -sS -c "$tmp/jar" \
    "$HTTP/$KEY/503,200:size=5000:hdr=Set-Cookie~a=b;%20Max-Age=9"
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

by_ctypes() { # PRELOAD [VARIABLE=VALUE...]: the same, by dlsym()
  new_key
  SHIM=$1 host "${@:2}" "$PYTHON" "$hosts/get_ctypes.py" libcurl.so.4 \
    "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

both_orders() { # CHECK [VARIABLE=VALUE...]: CHECK looks for $LIBRARY's work
  local preload shim=$SHIM
  for preload in "$shim $LIBRARY" "$LIBRARY $shim"; do
    by_curl "$preload" "${@:2}"
    "$1" curl
    have "$PYTHON" || return
    by_ctypes "$preload" "${@:2}"
    "$1" ctypes
  done
}

# --- the other libraries ---------------------------------------------------

libfaketime() {
  find_library libfaketime libfaketime.so.1 || return
  both_orders is_in_2035 FAKETIME='@2035-01-01 00:00:00' TZ=UTC \
    FAKETIME_DONT_FAKE_MONOTONIC=0
}

# Its clock stands still; a wait is over all the same, in a loop of the
# program's, too.
libfaketime_that_stops_the_clock() {
  local preload
  find_library libfaketime libfaketime.so.1 || return
  both_orders is_in_2035 FAKETIME='2035-01-01 00:00:00' TZ=UTC \
    FAKETIME_DONT_FAKE_MONOTONIC=0
  have_output python3-pycurl "$PYTHON" -c 'import pycurl' || return
  for preload in "$SHIM $LIBRARY" "$LIBRARY $SHIM"; do
    new_key
    server_plan "$KEY" 503,200:size=5000
    SHIM=$preload host FAKETIME='2035-01-01 00:00:00' \
      FAKETIME_DONT_FAKE_MONOTONIC=0 "$PYTHON" "$hosts/multi_pycurl.py" \
      select "$HTTP/$KEY"
    is "exit status" "$RC" 0
    like "its line" "$(cat "$tmp/out")" "$KEY 0 200 5000 *"
    saw GET:503 GET:200
    retries 1
  done
}

is_in_2035() { # PROGRAM: curl's cookies expire then
  [ "$1" = curl ] || return 0
  like "the cookie's end" "$(awk '/^[^#]/ { print $5 }' "$tmp/jar")" \
    20512224*
}

jemalloc() {
  find_library libjemalloc2 libjemalloc.so.2 || return
  both_orders has_statistics MALLOC_CONF=stats_print:true
}

has_statistics() { # PROGRAM: jemalloc's, at the end
  like stderr "$(cat "$tmp/err")" '*Begin jemalloc statistics*'
}

proxychains() {
  find_library libproxychains4 libproxychains.so.4 || return
  start_proxy pass || return
  printf '%s\n' strict_chain quiet_mode '[ProxyList]' \
    "http 127.0.0.1 $PROXY_PORT" >"$tmp/chain.conf"
  both_orders came_through PROXYCHAINS_CONF_FILE="$tmp/chain.conf"
  is "connections through the proxy" "$TUNNELS" 4
}

TUNNELS=0
came_through() { # PROGRAM: a request of it came through the proxy
  local now
  now=$(HTTP=$PROXY server_count connect)
  at_least "tunnels" "$now" $((TUNNELS + 1))
  TUNNELS=$now
}

# The hook asks libc itself, so that ctypes behind it is out of reach.
library_that_hooks_dlsym() {
  compile hook.so hook_dlsym.c -shared -fPIC || return
  by_curl "$SHIM $tmp/hook.so"
  like stderr "$(cat "$tmp/err")" 'hooked *'
  by_curl "$tmp/hook.so $SHIM"
  like stderr "$(cat "$tmp/err")" 'hooked *'
  by_ctypes "$SHIM $tmp/hook.so"
}

# Without the shim it sees what the program looks up; so it does with it.
dlsym_hook_behind_the_shim_is_still_called() {
  compile hook.so hook_dlsym.c -shared -fPIC && have "$PYTHON" || return
  by_ctypes "$SHIM $tmp/hook.so"
  like stderr "$(cat "$tmp/err")" '*hooked many*'
}

run_tests "$0"
