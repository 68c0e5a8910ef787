# debian.sh - programs of another Debian, or of another architecture: its
# packages are fetched by an apt with a state of its own, which installs
# nothing, and unpacked into a folder; sourced after host.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of setup.sh, and for the files with the tests)
#
# The folders stay in build/debian for the next run. Nothing is asked of the
# network but the mirror that the system's own packages come from.

debian=${B:-$tree/build}/debian

# apt_alone FOLDER ARCHITECTURE COMMAND...: apt-get with its state there.
apt_alone() {
  apt-get -o Dir::Etc::SourceList="$1/sources" -o Dir::Etc::SourceParts=/ \
    -o Dir::State::Lists="$1/lists" -o Dir::State::status="$1/status" \
    -o Dir::Cache="$1/cache" -o Dir::Cache::archives="$1/archives" \
    -o APT::Architecture="$2" -o APT::Architectures="$2" \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=0 \
    -o Acquire::Languages=none -o APT::Update::Error-Mode=any \
    -o Debug::NoLocking=1 -qq "${@:3}" 2>&1
}

# apt_begins FOLDER ARCHITECTURE RELEASE [TYPE]: its state, with the package
# lists. TYPE: deb-src.
apt_begins() {
  local mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
  have apt-get dpkg-deb && have_file debian-archive-keyring "$keys" || return
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' \
    'Label: Debian' 2>/dev/null | head -n 1)
  mkdir -p "$1"/{lists,archives}/partial "$1/cache" || return
  echo "${4:-deb} [signed-by=$keys] $mirror $3 main" >"$1/sources"
  : >"$1/status"
  [ -n "$mirror" ] && apt_alone "$1" "$2" update >"$tmp/apt" && return
  reason="no packages of Debian's $3 for $2: $(head -n 1 "$tmp/apt")"
  return 1
}

# needs_debian RELEASE ARCHITECTURE PACKAGE...: ROOT, a folder with these and
# what they need.
needs_debian() {
  local state=$tmp/apt.$1-$2 file name
  ROOT=$debian/$1-$2
  [ "$(cat "$ROOT/packages" 2>/dev/null)" != "${*:3}" ] || return 0
  rm -rf "$ROOT" "$ROOT.new"
  apt_begins "$state" "$2" "$1" || return
  if ! apt_alone "$state" "$2" install -y --download-only "${@:3}" \
    >"$tmp/apt"; then
    reason="Debian's $1 for $2 can't be had: $(head -n 1 "$tmp/apt")"
    return 1
  fi
  mkdir -p "$ROOT.new/tmp" && chmod 1777 "$ROOT.new/tmp"
  for file in "$state"/archives/*.deb; do
    dpkg-deb -x "$file" "$ROOT.new" || return
  done
  rm -rf "$state"
  for name in bin lib lib64 sbin; do # Debian 13 has them in /usr alone
    [ -e "$ROOT.new/$name" ] || [ ! -e "$ROOT.new/usr/$name" ] ||
      ln -s "usr/$name" "$ROOT.new/$name"
  done
  echo "${*:3}" >"$ROOT.new/packages" && mv "$ROOT.new" "$ROOT"
}

# headers_in FOLDER [FROM]: libcurl's headers (of this system, if not FROM)
# and xxhash's, and no others.
headers_in() {
  local from=${2-}
  [ -n "$from" ] || from=$(echo '#include <curl/curl.h>' | cc -M -xc - |
    grep -o -m 1 '/[^ ]*/curl[.]h')
  from=${from%/curl.h}
  mkdir -p "$1/curl" && cp "$from"/*.h "$1/curl" && cp /usr/include/xxh*.h "$1"
}

# build_library FOLDER VARIABLE=VALUE...: make, with these.
build_library() {
  have make cc || return
  make -C "$tree" --no-print-directory B="$1" -j2 "${@:2}" \
    "$1/libcurlretry.so" >"$tmp/make" 2>&1 && return
  problem+="# make failed: $(tail -n 3 "$tmp/make")"$'\n'
  return 1
}
