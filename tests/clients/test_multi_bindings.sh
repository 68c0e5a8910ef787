#!/bin/bash
# Languages' ways to libcurl's multi interface, as Debian ships them, in each
# style of loop.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

# --- perform and wait ------------------------------------------------------

php_curl_multi_is_rescued() {
  have php || return
  have_output php-curl php -r 'exit(!extension_loaded("curl"));' || return
  rescues_lot php "$hosts/multi.php" @URLS
}

r_curl() { # whether R's curl is there
  have Rscript && have_output "R's curl" Rscript -e 'library(curl)'
}

# It reads messages only when none is running.
r_multi_run_is_rescued() {
  r_curl || return
  rescues_lot Rscript "$hosts/multi.R" run @URLS
}

r_multi_download_is_rescued() {
  r_curl || return
  rescues_lot Rscript "$hosts/multi.R" download @URLS
}

r_curl_fetch_memory_is_rescued() {
  r_curl || return
  rescues Rscript "$hosts/get.R" @URL @FILE
}

# --- perform and select ----------------------------------------------------

pycurl() { # whether it is there
  have_output python3-pycurl "$PYTHON" -c 'import pycurl'
}

pycurl_select_loop_is_rescued() {
  pycurl || return
  rescues_lot "$PYTHON" "$hosts/multi_pycurl.py" select @URLS
}

curb() { # whether it is there
  have ruby && have_output curb ruby -rcurb -e 1
}

curb_multi_is_rescued() {
  curb || return
  rescues_lot ruby "$hosts/multi.rb" @URLS
}

curb_easy_is_rescued() {
  curb || return
  rescues ruby "$hosts/get.rb" @URL
}

perl_www_curl_multi_is_rescued() {
  have_output WWW::Curl perl -MWWW::Curl::Multi -MDigest::SHA -e 1 || return
  rescues_lot perl "$hosts/multi.pl" @URLS
}

# --- socket_action ---------------------------------------------------------

pycurl_socket_action_loop_is_rescued() {
  pycurl || return
  rescues_lot "$PYTHON" "$hosts/multi_pycurl.py" socket @URLS
}

# --- left out --------------------------------------------------------------

active_tells_that_the_multi_interface_is_left_out() {
  local multi
  pycurl || return
  new_key
  for multi in 0 1; do
    is "with MULTI=$multi" "$(env CURLRETRY_MULTI=$multi LD_PRELOAD="$SHIM" \
      "$PYTHON" "$hosts/active.py" "$HTTP/$KEY/200")" "1 1 $((2 - multi))"
  done
}

run_tests "$0"
