#!/bin/bash
# Programs that fetch packages, images and debug information by libcurl's
# multi interface.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

work=$tmp/work # what they make
mkdir -p "$site"
serve_site "$site"
prepare() { rm -rf "$work" && mkdir "$work"; }

# --- ostree ----------------------------------------------------------------

needs_tree() { # a repository of one commit with four files
  local index
  have ostree || return
  [ ! -d "$site/tree" ] || return 0
  mkdir "$tmp/files"
  head -c 300000 /dev/urandom >"$tmp/files/large"
  for index in 1 2 3; do
    head -c 3000 /dev/urandom >"$tmp/files/$index"
  done
  ostree --repo="$site/tree" init --mode=archive
  ostree --repo="$site/tree" commit -b main "$tmp/files" >/dev/null
  ostree --repo="$site/tree" summary -u
}

use_ostree() { # a pull into a new repository
  prepare() {
    rm -rf "$work"
    ostree --repo="$work" init --mode=archive
    ostree --repo="$work" remote add --no-gpg-verify origin "$SITE/tree"
  }
  result() {
    ostree --repo="$work" fsck -q >/dev/null 2>&1 && echo whole
    ostree --repo="$work" rev-parse main 2>/dev/null
  }
  COMMAND=(ostree --repo="$work" pull origin main)
  RIGHT=$(echo whole && ostree --repo="$site/tree" rev-parse main)
}

ostree_pull_is_rescued() {
  local four='GET:200 GET:200 GET:200 GET:200'
  needs_tree || return
  use_ostree
  site_rescues "GET *.sig 503" '*.sig' 'GET:503 GET:404'
  site_rescues "GET *.sig rst" '*.sig' 'GET:0 GET:404'
  site_rescues "GET *.sig rst,503" '*.sig' 'GET:0 GET:503 GET:404' 2
  site_rescues "GET *.commit close@100" '*.commit' 'GET:200 GET:200'
  site_rescues "GET *.filez rst@100" '*.filez' "GET:200 $four"
}

# Of objects that come at the same time, each fails.
ostree_pull_is_rescued_in_every_object() {
  local path faults=''
  needs_tree || return
  use_ostree
  for path in "$site"/tree/objects/*/*; do
    faults+="GET ${path#"$site"} 503,rst@10"$'\n'
  done
  site_fails "$faults"
  prepare
  alone "${COMMAND[@]}"
  is "exit code without the shim" "$RC" 1
  site_fails "$faults"
  prepare
  host env CURLRETRY_BUDGET=1000 "${COMMAND[@]}"
  ended 0
  is result "$(result)" "$RIGHT"
  is "requests of objects" "$(grep -c '/objects/.* [25]0' "$tmp/site.log")" \
    "$(($(wc -l <<<"$faults") * 3 - 3))"
  retries "$(grep -c '/objects/.* \(503\|200 10\) ' "$tmp/site.log")"
}

ostree_pull_is_rescued_in_an_object_that_was_begun() {
  local BYTES=1 large size
  needs_tree || return
  use_ostree
  large=$(find "$site/tree/objects" -size +200k)
  size=$(stat -c %s "$large")
  CURLRETRY_HOLD_BYTES=50K site_rescues \
    "GET ${large#"$site"} rst@100000,close@100000" "${large#"$site"}" \
    "GET:200:100000 GET:206:100000 GET:206:$((size - 200000))" 2
}

# --- pacman ----------------------------------------------------------------

needs_packages() { # a repository of one package
  local package=$site/pacman/planned-1-1-any.pkg.tar.gz
  have pacman || return
  [ ! -d "$site/pacman" ] || return 0
  mkdir -p "$site/pacman" "$tmp/package/share" "$tmp/database/planned-1-1"
  head -c 200000 /dev/urandom >"$tmp/package/share/data"
  printf '%s = %s\n' pkgname planned pkgbase planned pkgver 1-1 pkgdesc x \
    url http://localhost builddate 1700000000 packager x size 200000 \
    arch any >"$tmp/package/.PKGINFO"
  tar -C "$tmp/package" -czf "$package" .PKGINFO share
  printf '%%%s%%\n%s\n\n' FILENAME "${package##*/}" NAME planned \
    BASE planned VERSION 1-1 DESC x CSIZE "$(stat -c %s "$package")" \
    ISIZE 200000 SHA256SUM "$(sha "$package")" ARCH any \
    BUILDDATE 1700000000 PACKAGER x >"$tmp/database/planned-1-1/desc"
  tar -C "$tmp/database" -czf "$site/pacman/planned.db" planned-1-1
}

pacman_is_rescued() {
  local database='*.db' package='*.pkg.tar.gz'
  needs_packages || return
  printf '%s\n' '[options]' "RootDir = $work" "DBPath = $work/db" \
    "CacheDir = $work/cache" "LogFile = $work/log" 'Architecture = any' \
    'SigLevel = Never' 'ParallelDownloads = 3' '[planned]' \
    "Server = $SITE/pacman" >"$tmp/pacman.conf"
  prepare() { rm -rf "$work" && mkdir -p "$work/db" "$work/cache"; }
  result() { sha "$work/cache/planned-1-1-any.pkg.tar.gz" 2>/dev/null; }
  COMMAND=(pacman --config "$tmp/pacman.conf" -Syw --noconfirm planned)
  RIGHT=$(sha "$site/pacman/planned-1-1-any.pkg.tar.gz")
  site_rescues "GET $database 503" "$database" 'GET:503 GET:200'
  site_rescues "GET $database rst" "$database" 'GET:0 GET:200'
  site_rescues "GET $database close@100" "$database" 'GET:200 GET:200'
  site_rescues "GET $package 503" "$package" 'GET:503 GET:200'
  site_rescues "GET $package close@100000" "$package" 'GET:200 GET:200'
  site_rescues "GET $database ok!
GET $package rst,503" "$package" 'GET:0 GET:503 GET:200' 2
}

# --- librepo ---------------------------------------------------------------

librepo() { # whether it is there, and a repository
  have_output python3-librepo "$PYTHON" -c 'import librepo' || return
  mkdir -p "$site/repository"
  "$PYTHON" "$hosts/librepo_make.py" "$site/repository"
  prepare() { rm -rf "$work" && mkdir "$work"; }
  result() { diff -r "$work" "$site/repository" >/dev/null && echo same; }
  RIGHT=same
}

# It tries a file four times, at once.
librepo_is_rescued() {
  local file
  librepo || return
  COMMAND=("$PYTHON" "$hosts/librepo_get.py" "$work" "$SITE/repository")
  for file in repomd primary; do
    site_rescues "GET *$file.xml 503,503,503,503" "*$file.xml" \
      'GET:503 GET:503 GET:503 GET:503 GET:200' 3
  done
  site_fails "GET *repomd.xml rst,503
GET *primary.xml close@100"
  prepare
  host "${COMMAND[@]}"
  ended 0
  is result "$(result)" "$RIGHT"
  is requests "$(wc -l <"$tmp/site.log")" 7
  retries 3
}

# A client that has a better answer than waiting is held up, as long as the
# policy says and no longer.
librepo_with_a_dead_mirror_is_bounded() {
  local begin=${EPOCHREALTIME/./}
  librepo || return
  start_dead refuse
  COMMAND=("$PYTHON" "$hosts/librepo_get.py" "$work" "$DEAD"
    "$SITE/repository")
  site_fails
  prepare
  host env CURLRETRY_BASE_DELAY=100ms CURLRETRY_JITTER=none "${COMMAND[@]}"
  ended 0
  is result "$(result)" "$RIGHT"
  is requests "$(wc -l <"$tmp/site.log")" 4
  at_most "ms" $(((${EPOCHREALTIME/./} - begin) / 1000)) 4000
}

# --- debuginfod ------------------------------------------------------------

debuginfod() { # whether its client is there, and one file
  local id=00112233445566778899aabbccddeeff00112233
  have debuginfod-find || return
  mkdir -p "$site/buildid/$id"
  head -c 200000 /dev/urandom >"$site/buildid/$id/debuginfo"
  export DEBUGINFOD_CACHE_PATH=$work DEBUGINFOD_URLS=$SITE
  prepare() { rm -rf "$work"; }
  result() { [ ! -s "$tmp/out" ] || sha "$(cat "$tmp/out")"; }
  COMMAND=(debuginfod-find debuginfo "$id")
  RIGHT=$(sha "$site/buildid/$id/debuginfo")
}

# It repeats by itself what was reset before the answer, once.
debuginfod_find_is_rescued() {
  debuginfod || return
  site_rescues 'GET * 503' '*' 'GET:503 GET:200'
  site_rescues 'GET * close@70000' '*' 'GET:200 GET:200'
  site_rescues 'GET * rst,503' '*' 'GET:0 GET:503 GET:200' 2
}

look_up() { # ID RC ROUNDS: in at most the time of three retries a round
  local begin
  site_fails
  prepare
  alone debuginfod-find debuginfo "$1"
  is "exit code without the shim" "$RC" "$2"
  site_fails
  prepare
  begin=${EPOCHREALTIME/./}
  host env CURLRETRY_BASE_DELAY=100ms CURLRETRY_JITTER=none \
    debuginfod-find debuginfo "$1"
  ended "$2"
  is requests "$(wc -l <"$tmp/site.log")" "$3"
  at_most "ms" $(((${EPOCHREALTIME/./} - begin) / 1000)) $(($3 * 700 + 500))
}

# It makes up to three rounds of its own when the last answer is that a server
# can't be asked; with the shim that always comes last.
debuginfod_find_with_a_dead_server_is_bounded() {
  debuginfod || return
  start_dead refuse
  export DEBUGINFOD_URLS="$DEAD $SITE"
  look_up "${COMMAND[2]}" 0 1
  is result "$(result)" "$RIGHT"
  look_up "${COMMAND[2]//0/f}" 1 3
}

# --- systemd-pull ----------------------------------------------------------

pull() { # WHAT FILE: whether systemd's downloads can be run
  local program=/lib/systemd/systemd-pull
  have_file systemd-container "$program" && have chattr || return
  [ "$(id -u)" = 0 ] || { reason='systemd-pull is for root' && return 1; }
  COMMAND=("$program" "$1" --verify=no --image-root="$work" "$SITE/$2" local)
  prepare() { # what it has unpacked is made immutable
    chattr -R -f -i "$work"
    rm -rf "$work" && mkdir "$work"
  }
}

# Its event loop asks for one message at a time.
systemd_pull_raw_is_rescued() {
  local image='*/image.raw'
  pull raw image.raw || return
  head -c 300000 /dev/urandom >"$site/image.raw"
  result() { [ ! -e "$work/local.raw" ] || sha "$work/local.raw"; }
  RIGHT=$(sha "$site/image.raw")
  site_rescues "GET $image 503" "$image" 'GET:503 GET:200'
  site_rescues "GET $image rst" "$image" 'GET:0 GET:200'
  site_rescues "GET $image close@100000" "$image" 'GET:200 GET:200'
  site_rescues "GET $image rst,503" "$image" 'GET:0 GET:503 GET:200' 2
  CURLRETRY_HOLD_BYTES=50K \
    site_rescues "GET $image rst@200000" "$image" 'GET:200 GET:206'
}

# It goes through a pipe to tar.
systemd_pull_tar_is_rescued() {
  local image='*/image.tar'
  pull tar image.tar || return
  mkdir "$tmp/image"
  head -c 300000 /dev/urandom >"$tmp/image/data"
  tar -C "$tmp/image" -cf "$site/image.tar" data
  result() { [ ! -e "$work/local/data" ] || sha "$work/local/data"; }
  RIGHT=$(sha "$tmp/image/data")
  site_rescues "GET $image 503" "$image" 'GET:503 GET:200'
  site_rescues "GET $image close@100000" "$image" 'GET:200 GET:200'
  site_rescues "GET $image rst,503" "$image" 'GET:0 GET:503 GET:200' 2
  CURLRETRY_HOLD_BYTES=50K \
    site_rescues "GET $image rst@200000" "$image" 'GET:200 GET:206'
  prepare
}

run_tests "$0"
