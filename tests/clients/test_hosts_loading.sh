#!/bin/bash
# dlopen() and dlsym() stay the caller's own, and libcurl is found however it
# came in (checklist 7, 9, 11-13, 16-18, 23).
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

plugin() { # OUTPUT SOURCE OPTION...: a shared object
  compile "$1" "$2" -shared -fPIC "${@:3}"
}

loading() { # the probe
  [ -x "$tmp/loading" ] || compile loading loading.c
}

same_answers() { # ARG...: the probe's text and status don't change
  local bare
  loading || return
  "$tmp/loading" "$@" >"$tmp/bare" 2>&1
  bare=$?
  host env CURLRETRY_LOG_LEVEL=debug "$tmp/loading" "$@"
  ended "$bare"
  at_least "lines" "$(wc -l <"$tmp/bare")" 10
  is "what differs" "$(diff "$tmp/bare" "$tmp/out")" ''
}

other_names_are_found_where_they_were() {
  same_answers names
  like log "$LOG" '*RTLD_DEEPBIND is taken* libm.so.6*'
}

errors_are_said_in_the_same_words() {
  same_answers errors
}

# dlerror() may name the shim instead of the caller: it was the last to look.
names_of_an_absent_libcurl_stay_absent() {
  loading || return
  "$tmp/loading" absent | grep -v '^1 ' >"$tmp/bare"
  host "$tmp/loading" absent
  ended 0
  is "what differs" "$(sed "s|$SHIM:|$tmp/loading:|" "$tmp/out" |
    grep -v '^1 ' | diff "$tmp/bare" -)" ''
  is "names asked for" "$(wc -l <"$tmp/bare")" 12
}

names_of_an_absent_libcurl_stay_absent_from_rtld_next() {
  loading || return
  host "$tmp/loading" absent
  ended 0
  is "names asked for" "$(grep -c '^1 ' "$tmp/out")" 4
  is "names found" "$(grep -c '^1 .*: found' "$tmp/out")" 0
}

# --- plugins ---------------------------------------------------------------

# 2: RTLD_NOW, 8: RTLD_DEEPBIND
plugin_finds_its_sibling_by_its_own_runpath() {
  local mode
  loading && plugin libsibling.so plugin.c -DIS_SIBLING &&
    plugin plugin.so plugin.c -Wl,--enable-new-dtags,-rpath,\$ORIGIN ||
    return
  for mode in 2 10; do
    host env CURLRETRY_LOG_LEVEL=debug \
      "$tmp/loading" plugin "$tmp/plugin.so" $mode open_sibling
    ended 0
    text_out 'the sibling'
  done
  like log "$LOG" '*RTLD_DEEPBIND is taken* */plugin.so*'
}

local_and_deeply_bound_plugins_are_retried() {
  local mode
  loading && plugin get.so get.c -DIS_PLUGIN -lcurl || return
  for mode in 2 10 258; do
    new_key
    host "$tmp/loading" perform "$tmp/get.so" $mode \
      "$HTTP/$KEY/503,200:size=5000"
    delivered 0 5000
    saw GET:503 GET:200
    retries 1
  done
}

deeply_bound_plugin_is_out_of_reach_with_keep_deepbind() {
  loading && plugin get.so get.c -DIS_PLUGIN -lcurl || return
  new_key
  host env CURLRETRY_KEEP_DEEPBIND=1 "$tmp/loading" perform "$tmp/get.so" 10 \
    "$HTTP/$KEY/503,200:size=5000"
  text_out '503 planned'
  saw GET:503
  new_key
  host env CURLRETRY_KEEP_DEEPBIND=1 "$tmp/loading" perform "$tmp/get.so" 2 \
    "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  retries 1
}

# The return address is the program's, which has no libcurl.
local_plugin_that_jumps_to_libcurl_works() {
  loading && plugin thin.so thin.c -O2 -DCURL_DISABLE_TYPECHECK -lcurl ||
    return
  new_key
  host "$tmp/loading" thin "$tmp/thin.so" 2 "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

libcurl_in_another_namespace_stays_apart() {
  compile namespace namespace.c -lcurl || return
  host "$tmp/namespace"
  ended 0
  text_out 'handle by the second'
}

early_library() { # OPTION: a program that needs a library made with it
  compile libearly.so early.c -shared -fPIC "$@" -lcurl &&
    compile early get.c -Wl,--no-as-needed "$tmp/libearly.so" -lcurl \
      "-Wl,-rpath,$tmp"
}

# Constructors of the program's own libraries run before the shim's.
policy_holds_when_a_constructor_was_earlier() {
  local option
  for option in -DOPENS -DGETS; do
    early_library $option || return
    new_key
    host env CURLRETRY_MAX_RETRIES=0 EARLY_URL="$HTTP/$KEY.early/503,200" \
      "$tmp/early" "$HTTP/$KEY/503,200"
    ended 0
    saw GET:503
    retries 0
    new_key
    host env CURLRETRY_MAX_RETRIES=5 EARLY_URL="$HTTP/$KEY.early/200" \
      "$tmp/early" "$HTTP/$KEY/503*5,200"
    saw GET:503 GET:503 GET:503 GET:503 GET:503 GET:200
    retries 5
  done
}

libcurl_may_be_closed_and_opened_again() {
  local first last
  loading || return
  new_key
  first=$HTTP/$KEY/503,200:body=first
  new_key
  last=$HTTP/$KEY/503,200:body=last
  host "$tmp/loading" reload 200 "$first" "$last"
  ended 0
  text_out firstlast
  silent
  saw GET:503 GET:200
  retries 2
}

# The second plugin is mapped where the first one was.
plugin_at_the_address_of_another_gets_its_own_libcurl() {
  have_file libcurl3-gnutls "$(cc -print-file-name=libcurl-gnutls.so.4)" &&
    loading && plugin openssl.so thin.c -DCURL_DISABLE_TYPECHECK -lcurl &&
    plugin gnutls.so thin.c -DCURL_DISABLE_TYPECHECK \
      -l:libcurl-gnutls.so.4 || return
  host "$tmp/loading" turns "$tmp"/{openssl,gnutls,openssl,openssl,gnutls}.so
  text_out "$(printf '%s\n' OpenSSL GnuTLS OpenSSL OpenSSL GnuTLS)"
}

# Ours are found first there, and stand for what its libcurl has.
what_libcurl_lacks_is_not_found() {
  local names='curl_easy_perform curl_easy_pause curl_multi_poll
    curl_multi_waitfds curl_multi_notify_enable curl_multi_get_offt'
  compile asks asks.c -lcurl -ldl || return
  # shellcheck disable=SC2086 # words are meant
  "$tmp/asks" $names >"$tmp/bare"
  like "without the shim" "$(cat "$tmp/bare")" '*curl_easy_perform: yes*'
  # shellcheck disable=SC2086 # words are meant
  host "$tmp/asks" $names
  is "with it" "$(grep : "$tmp/out")" "$(cat "$tmp/bare")"
  is "version and state" "$(grep -v : "$tmp/out")" \
    "$(make -s -C "$tree" version) 1"
  host CURLRETRY_DISABLE=1 "$tmp/asks"
  like "switched off" "$(cat "$tmp/out")" '* 0'
}

# --- copies ----------------------------------------------------------------

second_copy_of_the_shim_does_not_loop() {
  local command
  cp "$SHIM" "$tmp/other.so"
  for command in "$CURL_PROGRAM -sS" "$PYTHON $hosts/get_ctypes.py
    libcurl.so.4" "php $hosts/get.php"; do
    have "${command%% *}" || return
    new_key
    # shellcheck disable=SC2086 # words are meant
    SHIM="$SHIM $tmp/other.so" host $command "$HTTP/$KEY/503,200:size=5000"
    delivered 0 5000
    saw GET:503 GET:200
    retries 1
  done
  SHIM="$SHIM $tmp/other.so" same_answers errors
}

# A static libcurl is bound before any preload; exported or not.
static_libcurl_is_left_alone() {
  local archive option libraries
  archive=$(cc -print-file-name=libcurl.a)
  have_file libcurl4-openssl-dev "$archive" && have ldd || return
  mapfile -t libraries < <(ldd "$(cc -print-file-name=libcurl.so)" |
    awk '$3 ~ "^/" && $1 !~ /^libc\./ { print $3 }')
  for option in '' -rdynamic; do
    compile static get.c ${option:+"$option"} "$archive" "${libraries[@]}" ||
      return
    new_key
    host "$tmp/static" "$HTTP/$KEY/200:size=3000" "$HTTP/$KEY/503"
    is "bytes on stdout" "$(stat -c %s "$tmp/out")" 3012
    ended 0
    silent
    is log "$LOG" ''
    saw GET:200 GET:503
  done
}

cxx_exception_out_of_a_callback_leaves_nothing_behind() {
  local first
  have g++ || return
  g++ -Wall -Wextra -Werror -o "$tmp/throws" "$hosts/throws.cc" -lcurl ||
    return
  new_key
  first=$HTTP/$KEY/200
  new_key
  host "$tmp/throws" "$first" "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  is stderr "$(cat "$tmp/err")" planned
  saw GET:503 GET:200
  retries 1
}

run_tests "$0"
