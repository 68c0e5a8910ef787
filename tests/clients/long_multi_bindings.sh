#!/bin/bash
# More of the languages' ways to libcurl's multi interface, and what all of
# them cost while they wait.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

whole_lot=$lot

base_r_download_file_is_rescued() {
  local lot=${lot/0 503 12/\* \* 0} # it keeps no body of a 503
  have Rscript || return
  rescues_lot Rscript "$hosts/multi.R" base @URLS
}

rcurl_is_rescued() {
  have Rscript && have_output RCurl Rscript -e 'library(RCurl)' || return
  rescues_lot Rscript "$hosts/multi.R" rcurl @URLS
}

guzzle_is_rescued() {
  have_output php-guzzlehttp-guzzle php -r \
    'exit(!include "GuzzleHttp/autoload.php");' || return
  rescues_lot php "$hosts/multi_guzzle.php" @URLS
}

# It repeats a reset once by itself.
symfony_http_client_is_rescued() {
  local lot_retries=6 lot
  lot="$(grep -v -e ^reset -e ^twice <<<"$whole_lot")
twice|502:END,503:END,200:size=100000:END|0 502 12|GET:502 GET:503 GET:200"
  have_output php-symfony-http-client php -r \
    'exit(!include "Symfony/Component/HttpClient/autoload.php");' || return
  rescues_lot php "$hosts/multi_symfony.php" @URLS
}

run_tests "$0"
