#!/bin/bash
# A short soak, see README.md: a few seconds of what long_chaos.sh does.
set -u
# shellcheck source-path=SCRIPTDIR source=chaos.sh
. "$(dirname "$0")/chaos.sh"

transfers_through_chaos_are_right() {
  soak "${SOAK_TRANSFERS:-1500}" "${SOAK_SECONDS:-60}" || return
  no_rule_is_broken
}

transfers_over_a_bad_link_are_right() {
  in_a_namespace tun "${SOAK_LINKED:-300}"
}

transfers_over_netem_are_right() {
  in_a_namespace netem "${SOAK_LINKED:-300}"
}

run_tests "$0"
