#!/bin/bash
# What scripts/curlretry promises; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/options.sh"
. "$here/programs.sh"

run_tests "$here"/{options,programs}.sh
