# places.sh - where the library is looked for, installing; sourced by
# test_launcher.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

missing_library_is_an_error() {
  local launcher=$tmp/bare-tree/bin/curlretry
  make_tree "$tmp/bare-tree"
  rm "$tmp/bare-tree/lib/libcurlretry.so"
  run true
  refused 2 "libcurlretry.so is not there: looked for in $tmp/bare-tree/bin,\
 $tmp/bare-tree/lib and *; it has to be moved together with curlretry"
}

unreadable_library_is_an_error() {
  if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    reason='needs root and setpriv'
    return
  fi
  make_tree "$tmp/closed"
  as_nobody true && chmod 700 "$tmp/closed/lib/libcurlretry.so"
  setpriv --reuid 65534 --regid 65534 --clear-groups -- \
    "$tmp/closed/bin/curlretry" true 2>"$tmp/err"
  is status $? 2
  err=$(<"$tmp/err")
  one_line_error "*/closed/lib/libcurlretry.so can't be read: Permission *"
}

library_path_with_a_space_is_an_error() {
  local launcher="$tmp/a tree/bin/curlretry"
  make_tree "$tmp/a tree"
  run true
  refused 2 "*a tree*LD_PRELOAD can't hold*"
}

library_of_the_build_tree_is_beside_it() {
  mkdir -p "$tmp/build"
  cp "$home/bin/curlretry" "$library" "$tmp/build"
  local launcher=$tmp/build/curlretry
  run sh -c "$print_preload"
  is LD_PRELOAD "$out" "$tmp/build/libcurlretry.so"
}

launcher_is_found_through_a_link() {
  mkdir -p "$tmp/links"
  ln -s "$launcher" "$tmp/links/retrying"
  out=$(cd / && PATH=$tmp/links:$PATH retrying sh -c "$print_preload")
  is LD_PRELOAD "$out" "$library"
}

moved_tree_works() {
  make_tree "$tmp/before"
  mv "$tmp/before" "$tmp/after"
  local launcher=$tmp/after/bin/curlretry
  run sh -c "$print_preload"
  is LD_PRELOAD "$out" "$tmp/after/lib/libcurlretry.so"
}

empty_environment_is_enough() { # cron's is nearly so
  out=$(env -i "$launcher" /bin/sh -c "$print_preload")
  is LD_PRELOAD "$out" "$library"
}

# --- make ------------------------------------------------------------------

installation_may_be_staged_in_a_folder_with_a_space() {
  local root="$tmp/a root"
  local arguments=(PREFIX=/opt/retry LIBDIR=/opt/retry/lib/retry
    DESTDIR="$root")
  make_copy install "${arguments[@]}"
  is 'status of make install' "$status" 0
  is files "$(cd "$root" && find . -type f | sort)" "./opt/retry/bin/curlretry
./opt/retry/lib/retry/libcurlretry.so
./opt/retry/share/bash-completion/completions/curlretry
./opt/retry/share/man/man1/curlretry.1
./opt/retry/share/man/man7/libcurlretry.7
./opt/retry/share/zsh/site-functions/_curlretry"
  mv "$root/opt/retry" "$tmp/moved"
  out=$("$tmp/moved/bin/curlretry" sh -c "$print_preload")
  is 'the library of the moved tree' "$out" \
    "$tmp/moved/lib/retry/libcurlretry.so"
  mv "$tmp/moved" "$root/opt/retry"
  make_copy uninstall "${arguments[@]}"
  is 'files left' "$(cd "$root" && find . -type f)" ''
}

prefix_with_a_space_is_refused() {
  make_copy install PREFIX="$tmp/a prefix"
  at_least status "$status" 1
  like stderr "$err" "*a prefix/lib*LD_PRELOAD can't hold*"
  is installed "$(ls "$tmp/a prefix" 2>/dev/null)" ''
}

missing_headers_are_named_with_their_package() {
  make -s -C "$tree" B="$tmp/none" CC='cc -nostdinc' >"$tmp/out" 2>&1
  is status $? 2
  like 'the first line' "$(head -n 1 "$tmp/out")" '*stdio.h is missing: *'
  mkdir -p "$tmp/headers/curl"
  echo '#error none' >"$tmp/headers/curl/curl.h"
  make -s -C "$tree" B="$tmp/none" CPPFLAGS="-I$tmp/headers" >"$tmp/out" 2>&1
  like 'the first line without curl' "$(head -n 1 "$tmp/out")" \
    '*curl/curl.h is missing: *curl*'
}
