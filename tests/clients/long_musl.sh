#!/bin/bash
# The library that was built with glibc, in processes with musl: curl and its
# libcurl, built for musl (without TLS) from Debian's sources, are rescued.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "$0")/debian.sh"

# The system's curl as its sources are; $musl is the folder of its build.
musl_curl() { # curl's commands are for it then
  local release
  musl=$debian/musl
  have musl-gcc make || return
  if [ ! -x "$musl/src/.libs/curl" ]; then
    release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    apt_begins "$tmp/apt.musl" "$(dpkg --print-architecture)" \
      "$release" deb-src && fetch_curl && build_curl || return
  fi
  stock=(env LD_LIBRARY_PATH="$musl/lib/.libs" "$musl/src/.libs/curl"
    -q -sS -g --noproxy '' --no-progress-meter)
}

fetch_curl() { # into $musl
  if ! (cd "$tmp" && apt_alone "$tmp/apt.musl" "$(dpkg --print-architecture)" \
    source --download-only curl) >"$tmp/apt"; then
    reason="curl's sources can't be had: $(head -n 1 "$tmp/apt")"
    return 1
  fi
  rm -rf "$musl" && mkdir -p "$musl" &&
    tar -x -f "$tmp"/curl_*.orig.tar.?z -C "$musl" --strip-components=1
}

build_curl() { # in $musl; a minute
  (
    cd "$musl" || exit
    CC=musl-gcc ./configure --without-ssl --without-zlib --without-brotli \
      --without-zstd --without-libpsl --without-nghttp2 --without-libidn2 \
      --disable-ldap --disable-manual --disable-static --disable-rtsp &&
      make -j2 -C lib && make -j2 -C src
  ) >"$tmp/make" 2>&1 && return
  rm -rf "$musl"
  problem+="# curl can't be built: $(tail -n 3 "$tmp/make")"$'\n'
  return 1
}

musl_curl_is_unchanged() {
  musl_curl || return
  like "its loader" "$(readelf -l "$musl/src/.libs/curl")" '*ld-musl*'
  as_unshimmed 200:size=3000:seed=same
  as_unshimmed 404:seed=same -f
}

musl_curl_is_rescued() {
  musl_curl || return
  recovers "${stock[@]}" @URL
  recovers "${stock[@]}" -Z @URL
}

musl_curl_s_upload_is_replayed_from_the_file() {
  musl_curl || return
  CURLRETRY_SNAPSHOT_MEMORY=4K put rst,503,201
  ended 0
  received PUT:0:whole PUT:503:whole PUT:201:whole
  retries 2
}

needs musl_curl
run_tests "$0"
