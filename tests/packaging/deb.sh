# deb.sh - the package, and a fresh system to install it in; sourced after
# tests/launcher/setup.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of setup.sh, and for the files with the tests)

# copy_tree FOLDER: what is built from.
copy_tree() {
  mkdir -p "$1"
  (cd "$tree" && cp -R Makefile README.md LICENSE policy shim scripts "$1")
}

# needs_deb: DEB, made by make deb.
needs_deb() {
  have dpkg-buildpackage dh dpkg-deb || return
  [ -z "${DEB-}" ] || return 0
  if DEB=$(make -s -C "$tree" B="$tmp/b" deb 2>"$tmp/make") &&
    [ -f "$DEB" ]; then
    return 0
  fi
  problem+="# make deb failed: $(tail -n 3 "$tmp/make")"$'\n'
  DEB=
  return 1
}

# --- a fresh system --------------------------------------------------------

# needs_system FOLDER PACKAGE...: this release's smallest system with these
# packages, by debootstrap. Their files stay in build/debootstrap for the next
# run; only the mirror that this system's packages come from is asked.
needs_system() {
  local mirror release cache=$built/debootstrap
  local PATH=$PATH:/usr/sbin:/sbin include=("${@:2}")
  [ "$(id -u)" = 0 ] || { reason='debootstrap needs root' && return 1; }
  have debootstrap chroot apt-get || return
  [ ! -e "$1/usr" ] || return 0
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' \
    'Label: Debian' 2>/dev/null | head -n 1)
  release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  [ -n "$mirror$release" ] || { reason='this is no Debian' && return 1; }
  mkdir -p "$cache"
  debootstrap --variant=minbase --cache-dir="$cache" \
    --include="$(IFS=,; echo "${include[*]}")" "$release" "$1" "$mirror" \
    >"$tmp/debootstrap" 2>&1 && return
  reason="no fresh system: $(tail -n 1 "$tmp/debootstrap")"
  rm -rf --one-file-system "$1"
  return 1
}

# files_of FOLDER: of a system, but for what its package manager and its logs
# keep of every installation.
files_of() {
  (cd "$1" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt \
    -o -path ./var/cache -o -path ./var/log -o -path ./proc -o -path ./sys \
    -o -path ./dev -o -path ./tmp \) -prune -o -print | sort)
}

# inside FOLDER COMMAND...: there, with an environment of its own.
inside() {
  timeout -k 5 300 chroot "$1" env -i HOME=/root LC_ALL=C \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
    "${@:2}" >"$tmp/out" 2>"$tmp/err" </dev/null
  status=$?
  out=$(tr -d '\0' <"$tmp/out") err=$(<"$tmp/err")
}

inside_fails() { # WHAT: the last command, with its last lines
  problem+="# $1: status $status: $(tail -n 3 "$tmp/out" "$tmp/err")"$'\n'
}
