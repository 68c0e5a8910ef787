#!/bin/bash
# What scripts/curlretry promises; prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/options.sh"
. "$here/programs.sh"

while read -r test; do
  check "$test"
done < <(sed -n 's/^\([a-z0-9_]*\)() {$/\1/p' "$here"/{options,programs}.sh)

echo "1..$((passed + failed + skipped))"
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
