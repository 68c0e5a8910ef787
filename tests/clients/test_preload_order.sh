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

# both_orders CHECK [VARIABLE=VALUE...]: with $LIBRARY; CHECK looks at what
# the other library left.
both_orders() { # CHECK [VARIABLE=VALUE...]: with $LIBRARY
  local preload command shim=$SHIM
  for preload in "$shim $LIBRARY" "$LIBRARY $shim"; do
    for command in "$CURL_PROGRAM -q -sS -c $tmp/jar" \
      "python3 $hosts/get_ctypes.py libcurl.so.4"; do
      have "${command%% *}" || return
      new_key
      # shellcheck disable=SC2086 # words are meant
      SHIM=$preload host env "${@:2}" $command \
        "$HTTP/$KEY/503,200:size=5000:hdr=Set-Cookie~a=b;%20Max-Age=9"
      delivered 0 5000
      saw GET:503 GET:200
      retries 1
      "$1" "${command%% *}"
    done
  done
}

# --- the other libraries ---------------------------------------------------

libfaketime() {
  find_library libfaketime libfaketime.so.1 || return
  both_orders is_in_2035 FAKETIME='@2035-01-01 00:00:00' TZ=UTC \
    FAKETIME_DONT_FAKE_MONOTONIC=0
}

is_in_2035() { # PROGRAM: curl's cookies expire then
  [ "$1" = "$CURL_PROGRAM" ] || return 0
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

library_that_hooks_dlsym() {
  compile hook.so hook_dlsym.c -shared -fPIC || return
  LIBRARY=$tmp/hook.so
  both_orders hooked_something
}

hooked_something() { # PROGRAM: ctypes calls dlsym() for each function
  [ "$1" = python3 ] || return 0
  is stderr "$(cat "$tmp/err")" 'hooked many'
}

run_tests "$0"
