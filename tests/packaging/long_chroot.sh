#!/bin/bash
# The package in a fresh system: it installs, the README's first example runs,
# it leaves nothing. And it can be built in one, as can the README's image.
# Prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
. "$tree/tests/launcher/setup.sh"
. "$tree/tests/packaging/deb.sh"
FAULTY=$built/faulty
. "$tree/tests/server/lib.sh"

# shellcheck disable=SC2016 # for the trap
at_exit 'stop_all; rm -rf --one-file-system "$tmp"'
start_http --life 600 || exit 1

fresh=$tmp/fresh
needs_fresh() { # $fresh, where the package is; $before, its files without
  needs_deb && needs_system "$fresh" curl || return
  [ ! -e "$tmp/before" ] || return 0
  files_of "$fresh" >"$tmp/before"
  cp "$DEB" "$fresh/tmp/curlretry.deb"
  inside "$fresh" apt-get -o Dpkg::Use-Pty=0 install -y /tmp/curlretry.deb
  [ "$status" = 0 ] || inside_fails 'apt-get install'
}

package_installs_and_is_found() {
  needs_fresh || return
  inside "$fresh" curlretry --version
  is stdout "$out" "curlretry $(make -s -C "$tree" version)"
  inside "$fresh" curlretry --print-env
  like 'the library' "$out" LD_PRELOAD=/usr/lib/*-*/curlretry/libcurlretry.so
  inside "$fresh" dpkg --verify curlretry
  is 'what dpkg says' "$out$err" ''
}

# A pipe that is uploaded to a server that fails once.
first_example_of_the_readme_runs() {
  needs_fresh || return
  local command plain
  command=$(sed -n 's/^\$ \(.*| curlretry .*\)/\1/p' "$tree/README.md" |
    head -n 1)
  like command "$command" 'cat upload | curlretry curl * http://*'
  head -c 300000 /dev/urandom >"$fresh/root/upload"
  plain=${command/curlretry /}
  inside "$fresh" sh -c "cd; ${plain%http*}$HTTP/plain/503,201"
  is 'status without' "$status" 22
  inside "$fresh" sh -c "cd; ${command%http*}$HTTP/with/503,201"
  is status "$status" 0
  like stderr "$err" 'curlretry: retry 1/3 in *ms: PUT http://*: status 503 *'
  is requests "$(server_lines with | cut -d ' ' -f 2,6-8)" \
    "PUT $(sha256sum <"$fresh/root/upload" | cut -d ' ' -f 1) complete 503
PUT $(sha256sum <"$fresh/root/upload" | cut -d ' ' -f 1) complete 201"
}

doctor_finds_curl_reached() {
  needs_fresh || return
  inside "$fresh" curlretry --doctor curl
  is status "$status" 0
  like verdict "${out##*$'\n'}" 'verdict: reached: *'
}

# Also where LD_PRELOAD was forgotten.
removal_leaves_nothing() {
  needs_fresh || return
  local library
  inside "$fresh" curlretry --print-env
  library=${out#LD_PRELOAD=}
  inside "$fresh" apt-get -o Dpkg::Use-Pty=0 purge -y curlretry
  is 'status of apt-get purge' "$status" 0
  rm -f "$fresh/root/upload"
  is 'what is left' "$(files_of "$fresh" | diff "$tmp/before" -)" ''
  inside "$fresh" env LD_PRELOAD="$library" /bin/echo lives
  is stdout "$out" lives
  like stderr "$err" '*ld.so*libcurlretry.so*cannot be preloaded*ignored*'
}

package_is_built_with_its_build_depends_alone() {
  local needed
  have dpkg-deb || return
  # Of alternatives the first, without versions.
  mapfile -t needed < <(sed -n '/^Build-Depends:/,/^[A-Z]/p' \
    "$tree/scripts/debian/control" |
    sed -n 's/debhelper-compat/debhelper/; s/^ \([a-z0-9.+-]*\).*/\1/p')
  at_least 'packages found' "${#needed[@]}" 3
  needs_system "$tmp/builder" build-essential "${needed[@]}" || return
  copy_tree "$tmp/builder/src"
  inside "$tmp/builder" make -C /src deb
  is status "$status" 0
  [ "$status" = 0 ] || inside_fails 'make deb'
  is packages "$(basename -a "$tmp"/builder/src/build/deb/*.deb | grep -c .)" 2
  rm -rf --one-file-system "$tmp/builder"
}

# --- the README's image ----------------------------------------------------

dockerfile() { # INSTRUCTION STAGE: its arguments in that stage
  sed -n '/^\*\*Docker/,/^```$/p' "$tree/README.md" |
    sed -e ':more' -e '/\\$/N; s/\\\n *//; t more' |
    awk -v wanted="$1" -v stage="$2" '
      $1 == "FROM" { at++ }
      $1 == wanted && at == stage { sub(/^[A-Z]+ /, ""); print }'
}

packages_of() { # STAGE: those its RUN installs
  dockerfile RUN "$1" | sed -n 's/.*apt-get install -y //p' | tr ' ' '\n'
}

# Its stages are such systems; what it says is done by hand.
image_of_the_readme_is_built_and_retries() {
  local stage1=$tmp/stage1 stage2=$tmp/stage2 packages from to environment
  have dpkg-deb || return
  like 'where it begins' "$(dockerfile FROM 1)" 'debian:* AS curlretry'
  mapfile -t packages < <(packages_of 1)
  needs_system "$stage1" "${packages[@]}" || return
  is 'what is copied' "$(dockerfile COPY 1)" '. /src'
  copy_tree "$stage1/src"
  inside "$stage1" sh -e -c "$(dockerfile RUN 1 | grep -v apt-get)"
  [ "$status" = 0 ] || inside_fails 'RUN of the first stage'
  mapfile -t packages < <(packages_of 2)
  needs_system "$stage2" "${packages[@]}" || return
  read -r from to < <(dockerfile COPY 2 | sed -n 's/^--from=curlretry //p')
  mkdir -p "$stage2$to" && cp "$stage1$from" "$stage2$to"
  read -r -a environment < <(dockerfile ENV 2)
  is variables "${#environment[@]}" 2
  inside "$stage2" env "${environment[@]}" CURLRETRY_BASE_DELAY=20ms \
    curl -sS "$HTTP/image/503*5,200:body=good"
  is stdout "$out" good
  is 'lines on stderr' "$(grep -c 'retry ./5' "$tmp/err")" 5
}

run_tests "$0"
