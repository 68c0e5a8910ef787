#!/bin/bash
# What a distribution and a user's shell get: the version, the manual and the
# completion as the code has them, the build's promises; prints TAP and a
# summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
. "$tree/tests/launcher/setup.sh"
. "$tree/tests/packaging/manual.sh"
. "$tree/tests/packaging/completion.sh"

version=$(make -s -C "$tree" version)

# --- the version -----------------------------------------------------------

version_is_the_launchers() {
  like version "$version" '[0-9]*.[0-9]*.[0-9]*'
  run --version
  is stdout "$out" "curlretry $version"
  is status "$status" 0
  run -V
  is 'the short option' "$out" "curlretry $version"
}

version_is_the_librarys() {
  program ask '#define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdio.h>
    int main(void) {
      const char *(*version)(void);
      *(void **)&version = dlsym(RTLD_DEFAULT, "curlretry_version");
      puts(version ? version() : "none");
      return 0;
    }'
  run "$tmp/ask"
  is 'with the library' "$out" "$version"
  is 'without it' "$("$tmp/ask")" none
}

version_is_the_newest_of_the_changelog() {
  is version "$(sed '1,/^## Changelog$/d' "$tree/README.md" |
    sed -n 's/^### \([0-9.]*\), 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/\1/p' |
    head -n 1)" "$version"
}

version_is_in_the_manual() {
  local page
  for page in curlretry.1 libcurlretry.7; do
    like "the head of $page" "$(head -n 1 "$built/$page")" \
      ".TH *\"curlretry $version\"*"
    is "left over in $page" "$(grep -c '@VERSION@' "$built/$page")" 0
  done
}

# --- the build -------------------------------------------------------------

warnings_of() { # MAKE-ARGUMENT...: how often -Werror is in a build's commands
  env -u STRICT make -n -C "$tree" B="$tmp/none" "$@" \
    "$tmp/none/lib/policy/glob.o" 2>&1 | grep -c -e ' -Werror '
}

warnings_are_errors_only_when_asked_for() {
  is 'of itself' "$(warnings_of)" 0
  is 'with STRICT=1' "$(warnings_of STRICT=1)" 1
}

strict_is_on_in_the_tests() {
  local target
  for target in check check-long; do
    at_least "STRICT=1 in make $target" \
      "$(make -n -C "$tree" $target 2>/dev/null | grep -c 'STRICT=1')" 1
  done
}

stripped_installation_has_no_symbols_and_works() {
  local root=$tmp/stripped/usr/local file
  have readelf || return
  make_copy install-strip DESTDIR="$tmp/stripped"
  is 'status of make' "$status" 0
  for file in bin/curlretry lib/libcurlretry.so; do
    is "symbols in $file" "$(readelf -S -W "$root/$file" |
      grep -c -E ' \.(symtab|debug_info) ')" 0
  done
  out=$("$root/bin/curlretry" sh -c "$print_preload")
  is LD_PRELOAD "$out" "$root/lib/libcurlretry.so"
  make_copy uninstall DESTDIR="$tmp/stripped"
  is 'files left' "$(find "$tmp/stripped" -type f)" ''
}

# What Debian's own tools would refuse a package for, but they aren't here.
package_is_named_with_what_it_needs() {
  local control=$tree/scripts/debian/control package
  for package in $("$tree/scripts/install-deps" --list build); do
    case $package in
    gcc | make | libc6-dev) continue ;; # build-essential
    esac
    is "${package%%|*} in debian/control" \
      "$(grep -c "^ ${package%%|*}[, ]" "$control")" 1
  done
}

run_tests "$0" "$tree"/tests/packaging/{manual,completion}.sh
