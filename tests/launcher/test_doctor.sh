#!/bin/bash
# What curlretry --doctor says of stock programs and of running processes;
# prints TAP and a summary.
# shellcheck source-path=SCRIPTDIR disable=SC2154 # set in setup.sh
set -u

tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/launcher
. "$here/setup.sh"
. "$here/doctor_programs.sh"
. "$here/doctor_processes.sh"

# A program that reads it waits.
mkfifo "$tmp/waiting"
exec 9<>"$tmp/waiting"

run_tests "$here"/doctor_{programs,processes}.sh
