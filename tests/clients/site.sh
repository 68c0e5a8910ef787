# site.sh - files and git repositories on a server that fails as a test says;
# sourced after setup.sh, hosts/host.sh and servers.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

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
