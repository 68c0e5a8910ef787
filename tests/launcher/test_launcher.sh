#!/bin/bash
# What curlretry promises of the programs it runs; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/options.sh"
. "$here/messages.sh"
. "$here/programs.sh"
. "$here/places.sh"

run_tests "$here"/{options,messages,programs,places}.sh
