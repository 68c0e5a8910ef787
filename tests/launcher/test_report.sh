#!/bin/bash
# What --report and --summary say; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/trace.sh"
. "$here/report.sh"
. "$here/report_lines.sh"
. "$here/report_forms.sh"
. "$here/summary.sh"

run_tests "$here"/{report,report_lines,report_forms,summary}.sh
