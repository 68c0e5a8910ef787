#!/bin/bash
# The report's page in a browser, and large traces; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/trace.sh"
. "$here/report_page.sh"
. "$here/report_lines.sh"

run_tests "$here"/{report_page,report_lines}.sh
