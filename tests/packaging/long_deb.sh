#!/bin/bash
# make deb: the package, what lintian says of it, and that another folder's is
# the same; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
. "$tree/tests/launcher/setup.sh"
. "$tree/tests/packaging/deb.sh"

shopt -s extglob

make_prints_the_package_s_name() {
  needs_deb || return
  is name "$DEB" "$(echo "$tmp"/b/deb/curlretry_*_*.deb)"
  is version "$(dpkg-deb -f "$DEB" Version)" "$(make -s -C "$tree" version)"
  is 'what it depends on' "$(dpkg-deb -f "$DEB" Depends | sed 's/ (.*)//')" \
    libc6
}

package_holds_what_is_installed() {
  needs_deb || return
  local multiarch
  multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
  is files "$(dpkg-deb -c "$DEB" | awk '$1 !~ /^d/ { print $1, $2, $6 }' |
    sed "s|/$multiarch/|/MULTIARCH/|")" \
    '-rwxr-xr-x root/root ./usr/bin/curlretry
-rw-r--r-- root/root ./usr/lib/MULTIARCH/curlretry/libcurlretry.so
-rw-r--r-- root/root ./usr/share/bash-completion/completions/curlretry
-rw-r--r-- root/root ./usr/share/doc/curlretry/README.md.gz
-rw-r--r-- root/root ./usr/share/doc/curlretry/changelog.gz
-rw-r--r-- root/root ./usr/share/doc/curlretry/copyright
-rw-r--r-- root/root ./usr/share/man/man1/curlretry.1.gz
-rw-r--r-- root/root ./usr/share/man/man7/libcurlretry.7.gz
-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_curlretry'
  at_most 'its size' "$(stat -c %s "$DEB")" 225000
}

package_runs_where_it_was_unpacked() {
  needs_deb || return
  dpkg-deb -x "$DEB" "$tmp/unpacked"
  out=$("$tmp/unpacked/usr/bin/curlretry" sh -c "$print_preload")
  like LD_PRELOAD "$out" "$tmp/unpacked/usr/lib/*-*/curlretry/libcurlretry.so"
  is 'its version' "$("$tmp/unpacked/usr/bin/curlretry" --version)" \
    "curlretry $(dpkg-deb -f "$DEB" Version)"
}

# A packager's CFLAGS change none of what a preloaded library must be. That of
# the build folder still has its symbols.
library_of_the_package_is_as_harmless() {
  needs_deb || return
  SHIM=$(echo "$tmp"/b/deb/curlretry-*/build/libcurlretry.so) \
    FAULTY=$built/faulty TESTS='@(exports|needs|imports|runs|dlopen)_*' \
    "$tree/tests/clients/test_symbols.sh" >"$tmp/symbols" 2>&1 ||
    problem+="$(sed 's/^/# /' "$tmp/symbols")"$'\n'
  like 'what was tested' "$(tail -n 1 "$tmp/symbols")" '* passed, 0 failed*'
}

lintian_has_nothing_to_say() {
  needs_deb || return
  have lintian || return
  lintian --allow-root --fail-on error,warning "$tmp"/b/deb/*.changes \
    >"$tmp/lintian" 2>&1
  is status $? 0
  is findings "$(grep -E '^[EW]:' "$tmp/lintian")" ''
}

changelog_and_licence_are_the_tree_s() {
  needs_deb || return
  local folder
  folder=$(echo "$tmp"/b/deb/curlretry-*/debian)
  is 'versions of the changelog' "$(
    dpkg-parsechangelog -l "$folder/changelog" --all -S Version | head -n 1
  )" "$(make -s -C "$tree" version)"
  is entries "$(grep -c '^  \* ' "$folder/changelog")" \
    "$(sed '1,/^## Changelog$/d; /^## /,$d' "$tree/README.md" |
      grep -c '^\* ')"
  is licence "$(sed '1,/^License:/d; s/^ //; s/^\.$//' "$folder/copyright")" \
    "$(sed '1,/^Copyright/d' "$tree/LICENSE" | sed 1d)"
}

another_folder_gives_the_same_bytes() {
  needs_deb || return
  local other=$tmp/another/folder file
  copy_tree "$other"
  env -u B make -s -C "$other" deb >"$tmp/make" 2>&1 ||
    problem+="# make deb failed there: $(tail -n 3 "$tmp/make")"$'\n'
  for file in "$tmp"/b/deb/*.deb; do
    is "$(basename "$file")" "$(sha256sum <"$file")" \
      "$(sha256sum <"$other/build/deb/$(basename "$file")")"
  done
}

# With all that debuggers are told of where it was built.
plain_builds_in_two_folders_have_the_same_bytes() {
  local one=$tmp/one other=$tmp/a/deeper/one file
  copy_tree "$one"
  copy_tree "$other"
  env -u B make -s -C "$one" >"$tmp/make" 2>&1 && make -s -C "$other" \
    B="$tmp/elsewhere" >>"$tmp/make" 2>&1 ||
    problem+="# make failed: $(tail -n 3 "$tmp/make")"$'\n'
  for file in curlretry libcurlretry.so curlretry.1 libcurlretry.7; do
    is "$file" "$(sha256sum <"$one/build/$file")" \
      "$(sha256sum <"$tmp/elsewhere/$file")"
  done
}

run_tests "$0"
