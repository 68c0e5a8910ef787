#!/bin/bash
# git over HTTP: a clone or fetch that a failing server ends is a whole one
# with the shim; what a push stores is sent once.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_TERMINAL_PROMPT=0 GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@localhost
export GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@localhost
work=$tmp/work clone=$tmp/clone

# --- repositories ----------------------------------------------------------

commit() { # SIZE [FOLDER]: a new file of random bytes, in $work if none
  head -c "$1" /dev/urandom >"${2:-$work}/file"
  git -C "${2:-$work}" add file
  git -C "${2:-$work}" commit -q -m x
}

publish() { # FOLDER: $work, as a repository without a work tree
  git clone -q --bare "$work" "$1"
  git -C "$1" config http.receivepack true
}

# packed.git and loose.git are for clients without a server of git's.
needs_site() { # $work, and what is served of it
  have git "$PYTHON" || return
  [ ! -d "$work" ] || return 0
  git init -q -b main "$work"
  commit 1000
  commit 2000
  commit 300000
  publish "$site/git/smart.git"
  publish "$site/packed.git"
  git -C "$site/packed.git" repack -q -a -d
  git -C "$site/packed.git" update-server-info
  publish "$site/loose.git"
  git -C "$site/loose.git" update-server-info
  serve_site "$site"
}

# --- with and without ------------------------------------------------------

git_failed() { [ "$RC" -ne 0 ] && echo failed; }

is_whole() { # FOLDER: a repository with $work's last commit
  [ -d "$1/.git" ] || { problem+="# $1: missing"$'\n' && return; }
  is "commit" "$(git -C "$1" rev-parse HEAD 2>&1)" \
    "$(git -C "$work" rev-parse HEAD)"
  is "what git fsck says" "$(git -C "$1" fsck --full 2>&1)" ''
  is "SHA-256 of the file" "$(sha "$1/file")" "$(sha "$work/file")"
}

# Without the shim it fails at the first of the requests that match; with it
# REQUESTS are made and all is there, after so many retries, else 1.
clone_survives() { # FAULTS GLOB REQUESTS [COUNT]: of $SITE/$REPOSITORY
  local before=$problem
  site_fails "$1"
  rm -rf "$clone"
  alone git clone -q "$SITE/$REPOSITORY" "$clone"
  is "git without the shim" "$(git_failed)" failed
  like "requests that come with the shim" "$3" "$(site_requests "$2") *"
  site_fails "$1"
  rm -rf "$clone"
  host git clone -q "$SITE/$REPOSITORY" "$clone"
  ended 0
  silent
  is_whole "$clone"
  # shellcheck disable=SC2086 # a list of words
  site_saw "$2" $3
  retries "${4:-1}"
  [ "$problem" = "$before" ] || problem+="# that was '$1'"$'\n'
}

# --- a server of git's -----------------------------------------------------

clone_survives_its_first_request() {
  local REPOSITORY=git/smart.git refs='*/info/refs*'
  needs_site || return
  clone_survives "GET * 503" "$refs" 'GET:503 GET:200'
  clone_survives "GET * rst" "$refs" 'GET:0 GET:200'
  clone_survives "GET * close@100" "$refs" 'GET:200 GET:200'
  clone_survives "GET * rst,503" "$refs" 'GET:0 GET:503 GET:200' 2
}

# libcurl repeats by itself what is reset on a reused connection: "!".
clone_survives_the_list_of_refs() {
  local REPOSITORY=git/smart.git post='*/git-upload-pack'
  needs_site || return
  clone_survives "POST * 503" "$post" 'POST:503 POST:200 POST:200'
  clone_survives $'GET * ok!\nPOST * rst' "$post" 'POST:0 POST:200 POST:200'
  clone_survives "POST * rst@100" "$post" 'POST:200 POST:200 POST:200'
  clone_survives $'GET * ok!\nPOST * rst,503' "$post" \
    'POST:0 POST:503 POST:200 POST:200' 2
}

clone_survives_the_pack() {
  local REPOSITORY=git/smart.git post='*/git-upload-pack'
  needs_site || return
  clone_survives "POST * ok,503" "$post" 'POST:200 POST:503 POST:200'
  clone_survives "POST * ok!,rst" "$post" 'POST:200 POST:0 POST:200'
  clone_survives "POST * ok,close@200000" "$post" \
    'POST:200 POST:200 POST:200'
  clone_survives "POST * ok!,rst@100000,503!" "$post" \
    'POST:200 POST:200 POST:503 POST:200' 2
}

# A POST is no download that can be continued.
clone_of_a_pack_that_was_begun_fails_as_ever() {
  needs_site || return
  site_fails "POST * ok,close@200000"
  rm -rf "$clone"
  host env CURLRETRY_HOLD_BYTES=100K \
    git clone -q "$SITE/git/smart.git" "$clone"
  ended 128
  site_saw '*/git-upload-pack' POST:200 POST:200
  like stderr "$(cat "$tmp/err")" '*early EOF*'
}

fetch_is_rescued() {
  local fault requests
  needs_site || return
  rm -rf "$clone"
  git clone -q "$work" "$clone"
  git -C "$clone" remote set-url origin "$SITE/git/smart.git"
  while IFS='|' read -r fault requests; do
    commit 100000
    git -C "$work" push -q "$site/git/smart.git" main
    site_fails "$fault"
    alone git -C "$clone" fetch -q
    is "git without the shim" "$(git_failed)" failed
    site_fails "$fault"
    host git -C "$clone" fetch -q
    ended 0
    # shellcheck disable=SC2086 # a list of words
    site_saw '*' $requests
    retries 1
    git -C "$clone" merge -q --ff-only origin/main
    is_whole "$clone"
  done <<'END'
GET * 503|GET:503 GET:200 POST:200 POST:200
POST * ok,503|GET:200 POST:200 POST:503 POST:200
POST * ok,rst@70000|GET:200 POST:200 POST:200 POST:200
END
}

# --- submodules ------------------------------------------------------------

publish_submodules() { # all.git with sub1.git to sub4.git
  local index
  git init -q -b main "$tmp/all"
  for index in 1 2 3 4; do
    git init -q -b main "$tmp/sub$index"
    commit 20000 "$tmp/sub$index"
    git clone -q --bare "$tmp/sub$index" "$site/git/sub$index.git"
    git -C "$tmp/all" -c protocol.file.allow=always submodule --quiet \
      add "$tmp/sub$index" "sub$index" 2>/dev/null
    git -C "$tmp/all" config -f .gitmodules "submodule.sub$index.url" \
      "../sub$index.git"
  done
  git -C "$tmp/all" add .gitmodules
  commit 1000 "$tmp/all"
  git clone -q --bare "$tmp/all" "$site/git/all.git"
}

# Four processes at a time, each with failures of other kinds: two, because
# git tries a submodule's clone twice.
submodules_are_rescued() {
  local index faults='GET */sub1.git/info/refs* 503,503
GET */sub2.git/info/refs* rst,503
POST */sub3.git/* ok,503,503
POST */sub4.git/* ok!,rst@10000,503'
  needs_site || return
  publish_submodules
  site_fails "$faults"
  rm -rf "$clone"
  alone git clone -q --recurse-submodules -j4 "$SITE/git/all.git" "$clone"
  is "git without the shim" "$(git_failed)" failed
  site_fails "$faults"
  rm -rf "$clone"
  host git clone -q --recurse-submodules -j4 "$SITE/git/all.git" "$clone"
  ended 0
  for index in 1 2 3 4; do
    is "SHA-256 of the file of $index" "$(sha "$clone/sub$index/file")" \
      "$(sha "$tmp/sub$index/file")"
  done
  site_saw '*/sub1.git/*' GET:503 GET:503 GET:200 POST:200 POST:200
  site_saw '*/sub2.git/*' GET:0 GET:503 GET:200 POST:200 POST:200
  site_saw '*/sub3.git/*' GET:200 POST:200 POST:503 POST:503 POST:200
  site_saw '*/sub4.git/*' GET:200 POST:200 POST:200 POST:503 POST:200
  retries 8
}

# --- push ------------------------------------------------------------------

stored() { git -C "$site/git/smart.git" rev-parse main; }

push_is_rescued_before_it_stores() {
  local fault
  needs_site || return
  for fault in 503 rst close@100; do
    commit 1000
    site_fails "GET * $fault"
    alone git -C "$work" push -q "$SITE/git/smart.git" main
    is "git without the shim" "$(git_failed)" failed
    site_fails "GET * $fault"
    host git -C "$work" push -q "$SITE/git/smart.git" main
    ended 0
    silent
    is "what is stored" "$(stored)" "$(git -C "$work" rev-parse main)"
    is "requests" "$(wc -l <"$tmp/site.log")" 3
    site_saw '*/git-receive-pack' POST:200
    retries 1
  done
}

# In the last case it is stored, and git can't know.
push_is_sent_once() {
  local fault
  needs_site || return
  for fault in 503 rst close@10; do
    commit 1000
    site_fails $'GET * ok!\nPOST * '"$fault"
    host git -C "$work" push -q "$SITE/git/smart.git" main
    ended 1
    is "POST requests" "$(grep -c '^POST' "$tmp/site.log")" 1
    retries 0
  done
  is "what is stored" "$(stored)" "$(git -C "$work" rev-parse main)"
}

# Beyond http.postBuffer it is sent as it is made, after four bytes that try
# whether the server will have it.
push_is_sent_again_where_the_policy_says_so() {
  local buffer seen
  needs_site || return
  for buffer in 65536 1000000; do
    commit 300000
    site_fails $'GET * ok!\nPOST * '"$([ $buffer != 65536 ] || echo ok,)503"
    host env CURLRETRY_METHODS=idempotent,POST:503 git -C "$work" \
      -c http.postBuffer=$buffer push -q "$SITE/git/smart.git" main
    ended 0
    seen='POST:503 POST:200'
    [ $buffer != 65536 ] || seen="POST:200 $seen"
    # shellcheck disable=SC2086 # a list of words
    site_saw '*/git-receive-pack' $seen
    is "what is stored" "$(stored)" "$(git -C "$work" rev-parse main)"
    is "lengths of the last two" "$(tail -n 2 "$tmp/site.log" |
      cut -d ' ' -f 5 | uniq | wc -l)" 1
    retries 1
  done
}

# --- files only ------------------------------------------------------------

needs_dumb() { # the commit that was there when the site was made
  needs_site || return
  git -C "$work" checkout -q "$(git -C "$site/packed.git" rev-parse HEAD)"
}

clone_of_files_survives_each_kind() {
  local REPOSITORY=packed.git
  needs_dumb || return
  clone_survives "GET * 503" '*/info/refs*' 'GET:503 GET:200'
  clone_survives $'GET */packs rst\nGET * ok!,ok!,ok!,ok!' '*/packs' \
    'GET:0 GET:200'
  clone_survives "GET *.idx 503" '*.idx' 'GET:503 GET:200'
  clone_survives "GET *.pack rst@100000" '*.pack' 'GET:200 GET:200'
}

# A pack is one long file; git appends what comes to its own.
clone_of_files_survives_a_pack_cut_twice() {
  local REPOSITORY=packed.git BYTES=1 size
  needs_dumb || return
  size=$(stat -c %s "$site"/packed.git/objects/pack/*.pack)
  export CURLRETRY_HOLD_BYTES=4G CURLRETRY_HOLD_TIME=off
  clone_survives "GET *.pack rst@100000,close@200000" '*.pack' \
    "GET:200:100000 GET:200:200000 GET:200:$size" 2
  export CURLRETRY_HOLD_BYTES=50K
  clone_survives "GET *.pack rst@100000,close@100000" '*.pack' \
    "GET:200:100000 GET:206:100000 GET:206:$((size - 200000))" 2
  unset CURLRETRY_HOLD_BYTES CURLRETRY_HOLD_TIME
}

# Several at a time, and each fails once.
clone_of_loose_objects_is_rescued() {
  local faults='' count=0 path kinds=(503 close@20)
  needs_dumb || return
  for path in "$site"/loose.git/objects/??/*; do
    faults+="GET ${path#"$site"} ${kinds[count++ % 2]}"$'\n'
  done
  site_fails "$faults"
  rm -rf "$clone"
  alone git clone -q "$SITE/loose.git" "$clone"
  is "git without the shim" "$(git_failed)" failed
  site_fails "$faults"
  host git clone -q "$SITE/loose.git" "$clone"
  ended 0
  is_whole "$clone"
  is "requests of objects" "$(grep -c ' /loose.git/objects/../' \
    "$tmp/site.log")" $((2 * count))
  retries "$count"
}

run_tests "$0"
