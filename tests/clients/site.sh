# site.sh - files and git repositories on a server that fails as a test says,
# for all kinds of programs; sources what those need.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

# serve_site FOLDER: hosts/site_server.py until the tests end; sets SITE, its
# URL.
serve_site() {
  : >"$tmp/site.log"
  : >"$tmp/site.faults"
  serve_python site_server.py "$1" "$tmp/site.log" "$tmp/site.faults"
  SITE=http://127.0.0.1:$PORTS
}

# site_fails [LINE...]: what goes wrong from now on, see site_server.py; the
# log begins anew.
site_fails() {
  printf '%s\n' "$@" >"$tmp/site.new"
  mv "$tmp/site.new" "$tmp/site.faults"
  : >"$tmp/site.log"
}

# site_requests GLOB: METHOD:STATUS of the requests whose path matches, with
# :SENT where BYTES is set.
site_requests() {
  local method path status sent rest
  while read -r method path status sent rest; do
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $path == $1 ]] && echo "$method:$status${BYTES:+:$sent}"
  done <"$tmp/site.log" | paste -s -d ' '
}

# site_saw GLOB METHOD:STATUS...: these requests, in this order.
site_saw() {
  is "requests of $1" "$(site_requests "$1")" "${*:2}"
}

# site_rescues FAULTS GLOB REQUESTS [RETRIES]: a program of the test's own
# functions: "prepare" makes ready for a run of the words in COMMAND, "result"
# prints what came of it. Without the shim that isn't $RIGHT with exit code 0,
# and of the REQUESTS whose path matches it made the first ones only; with it
# that is so, after so many retries, else 1.
site_rescues() {
  local before=$problem without
  site_fails "$1"
  prepare
  alone "${COMMAND[@]}"
  without=$RC:$(result)
  [ "$without" != "0:$RIGHT" ] || problem+="# right without the shim"$'\n'
  like "requests that come with the shim" "$3" "$(site_requests "$2") *"
  site_fails "$1"
  prepare
  host "${COMMAND[@]}"
  ended 0
  is result "$(result)" "$RIGHT"
  # shellcheck disable=SC2086 # a list of words
  site_saw "$2" $3
  retries "${4:-1}"
  [ "$problem" = "$before" ] || problem+="# that was '$1'"$'\n'
}
