#!/bin/bash
# Beside other preloaded libraries that wrap libcurl's functions, as tracers
# do, and look for the next ones by dlsym(): in every order each of them is
# called, and a 503 is retried by us, once (checklist 7, 16, 47).
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"

wrapper() { # NAME OPTION...: $tmp/NAME.so
  compile "$1.so" wraps.c -shared -fPIC "-DNAME=\"$1\"" "${@:2}" -ldl
}

# Each wrapper in PRELOAD then says that CALLED was.
by_curl() { # CALLED PRELOAD...: a download through a 503; @ is the shim
  local library preload=${*:2}
  new_key
  SHIM=${preload//@/$shim} host "$CURL_PROGRAM" -q -sS \
    "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
  for library in "${@:2}"; do
    library=${library##*/}
    case $library in
    @ | copy.so) ;;
    *) like "stderr of ${*:2}" "$(cat "$tmp/err")" "*${library%.so}$1*" ;;
    esac
  done
}

shim=$SHIM

every_order() { # CALLED: of the wrappers before, behind
  by_curl "$1" "$tmp/before.so" @
  by_curl "$1" @ "$tmp/behind.so"
  by_curl "$1" "$tmp/before.so" @ "$tmp/behind.so"
  by_curl "$1" "$tmp/before.so" "$tmp/behind.so" @
  by_curl "$1" @ "$tmp/before.so" "$tmp/behind.so"
}

wrapped() { # CALLED OPTION...: every order, found lazily and at the start
  local found
  for found in -DLAZILY -DAT_START; do
    wrapper before "${@:2}" "$found" && wrapper behind "${@:2}" "$found" ||
      return
    every_order "$1"
  done
}

wrapper_of_perform_works_in_every_order() {
  wrapped ' perform' -DPERFORM
}

wrapper_of_perform_that_uses_the_handle_works_in_every_order() {
  wrapped ' perform' -DPERFORM -DTWICE
}

wrapper_of_init_works_in_every_order() {
  wrapped ' init cleanup' -DINIT
}

wrapper_of_setopt_works_in_every_order() {
  wrapped ' setopt' -DSETOPT
}

wrapper_of_all_but_perform_works_in_every_order() {
  wrapped ' setopt init cleanup others' -DSETOPT -DINIT -DOTHERS
}

# Nothing tells it from a libcurl but what nobody wraps.
wrapper_of_everything_works_in_every_order() {
  wrapped ' perform setopt init cleanup others' -DPERFORM -DSETOPT -DINIT \
    -DOTHERS
}

wrapper_that_jumps_to_the_next_works_in_every_order() {
  wrapped ' perform setopt init cleanup' -O2 -DPERFORM -DSETOPT -DINIT
}

wrapper_that_is_linked_with_libcurl_works_in_every_order() {
  wrapped ' perform' -DPERFORM -Wl,--no-as-needed -lcurl
}

# It gets our stubs, and calls them from behind us: not in circles. What it
# finds is libcurl's own, so a wrapper behind it is passed by, as without us.
wrapper_that_opens_libcurl_works_in_every_order() {
  local options
  for options in -DPERFORM '-DPERFORM -DSETOPT -DINIT -DOTHERS'; do
    # shellcheck disable=SC2086 # words are meant
    wrapper before -DBY_OPEN $options && wrapper behind -DBY_OPEN $options ||
      return
    by_curl ' perform' "$tmp/before.so" @
    by_curl ' perform' @ "$tmp/behind.so"
    by_curl '' "$tmp/before.so" @ "$tmp/behind.so"
    by_curl '' @ "$tmp/before.so" "$tmp/behind.so"
  done
}

# Wrappers see their functions where the program's libcurl is local, too, but
# there RTLD_NEXT leads nowhere: with and without us.
wrapper_behind_us_leaves_a_local_libcurl_alone() {
  have "$PYTHON" && wrapper behind -DPERFORM -DSETOPT -DINIT || return
  new_key
  SHIM="$SHIM $tmp/behind.so" host "$PYTHON" "$hosts/get_ctypes.py" \
    libcurl.so.4 "$HTTP/$KEY/503,200:size=5000"
  delivered 0 5000
  saw GET:503 GET:200
  retries 1
}

two_flavours_behind() { # LIBRARY
  compile together together.c -lcurl || return
  new_key
  SHIM="$SHIM $1" host "$tmp/together" 8 "$HTTP/$KEY/503,200:body=x"
  ended 0
  text_out "$(printf '8 handles\nx')"
  saw GET:503 GET:200
}

two_flavours_keep_their_own_functions_behind_a_wrapper() {
  wrapper behind -DPERFORM -DSETOPT -DINIT &&
    two_flavours_behind "$tmp/behind.so"
}

# The places of objects are looked for one by one there.
wrappers_work_in_every_order_with_an_older_loader() {
  local shim="$SHIM $tmp/older_loader.so"
  compile older_loader.so older_loader.c -shared -fPIC || return
  wrapped ' perform setopt init cleanup' -DPERFORM -DSETOPT -DINIT
  like stderr "$(cat "$tmp/err")" '*asked in vain*'
}

two_flavours_keep_their_own_functions_with_an_older_loader() {
  compile older_loader.so older_loader.c -shared -fPIC &&
    two_flavours_behind "$tmp/older_loader.so" || return
  like stderr "$(cat "$tmp/err")" '*asked in vain*'
}

# Attempts of two would multiply.
second_copy_of_the_shim_retries_nothing_itself() {
  local preload
  cp "$SHIM" "$tmp/copy.so" && wrapper behind -DPERFORM -DSETOPT -DINIT ||
    return
  for preload in "@ $tmp/copy.so" "@ $tmp/behind.so $tmp/copy.so" \
    "@ $tmp/copy.so $tmp/behind.so"; do
    # shellcheck disable=SC2086 # words are meant
    by_curl ' perform' $preload
    new_key
    SHIM=${preload//@/$shim} host "$CURL_PROGRAM" -q -sS -o /dev/null \
      "$HTTP/$KEY/503*9"
    saw GET:503 GET:503 GET:503 GET:503
  done
}

run_tests "$0"
