#!/bin/bash
# While a retry waits, a program's loop sleeps, whatever it sleeps on, and is
# woken in time.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

# timed COMMAND...: sets CPU_MS and WALL_MS.
timed() { # COMMAND...
  local TIMEFORMAT='%U %S %R' user system wall
  { time "$@" 2>&3; } 3>&2 2>"$tmp/time"
  read -r user system wall <"$tmp/time"
  CPU_MS=$((10#${user/./} + 10#${system/./})) WALL_MS=$((10#${wall/./}))
}

# What one that doesn't sleep takes in 2 s is 2 s. With a second transfer,
# that is over at once, and without.
sleeps() { # COMMAND... with @URLS
  local cpu wall
  for more in '' more; do
    new_key
    URLS=("$HTTP/$KEY-a/200" ${more:+"$HTTP/$KEY-b/200"})
    put_lot_into_place "$@"
    timed alone "${ARGUMENTS[@]}"
    cpu=$CPU_MS wall=$WALL_MS
    URLS=("$HTTP/$KEY-c/503,200" ${more:+"$HTTP/$KEY-d/200"})
    put_lot_into_place "$@"
    CURLRETRY_BASE_DELAY=2s CURLRETRY_JITTER=none \
      timed host "${ARGUMENTS[@]}"
    ended 0
    retries 1
    KEY=$KEY-c saw GET:503 GET:200
    at_most "ms of the processor" "$CPU_MS" $((cpu + 300))
    at_least "ms" "$WALL_MS" 2000
    at_most "ms" "$WALL_MS" $((wall + 3000))
  done
}

curl_sleeps() {
  sleeps "$CURL_PROGRAM" -q -sS -Z --no-progress-meter @URLS
}

php_sleeps() {
  have_output php-curl php -r 'exit(!extension_loaded("curl"));' || return
  sleeps php "$hosts/multi.php" @URLS
}

guzzle_sleeps() {
  have_output php-guzzlehttp-guzzle php -r \
    'exit(!include "GuzzleHttp/autoload.php");' || return
  sleeps php "$hosts/multi_guzzle.php" @URLS
}

symfony_sleeps() {
  have_output php-symfony-http-client php -r \
    'exit(!include "Symfony/Component/HttpClient/autoload.php");' || return
  sleeps php "$hosts/multi_symfony.php" @URLS
}

pycurl_sleeps() {
  local way
  have_output python3-pycurl "$PYTHON" -c 'import pycurl' || return
  for way in select socket; do
    sleeps "$PYTHON" "$hosts/multi_pycurl.py" $way @URLS
  done
}

curb_sleeps() {
  have ruby && have_output curb ruby -rcurb -e 1 || return
  sleeps ruby "$hosts/multi.rb" @URLS
}

perl_sleeps() {
  have_output WWW::Curl perl -MWWW::Curl::Multi -MDigest::SHA -e 1 || return
  sleeps perl "$hosts/multi.pl" @URLS
}

r_sleeps() {
  local way
  have Rscript && have_output "R's curl" Rscript -e 'library(curl)' || return
  for way in run download base; do
    sleeps Rscript "$hosts/multi.R" $way @URLS
  done
}

rcurl_sleeps() {
  have Rscript && have_output RCurl Rscript -e 'library(RCurl)' || return
  sleeps Rscript "$hosts/multi.R" rcurl @URLS
}

run_tests "$0"
