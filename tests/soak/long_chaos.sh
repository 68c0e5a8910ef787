#!/bin/bash
# The soak of README.md: at least 100,000 transfers by default.
set -u
# shellcheck source-path=SCRIPTDIR source=chaos.sh
. "$(dirname "$0")/chaos.sh"
FTP_PORTS=64

transfers_through_chaos_are_right() {
  soak "${SOAK_TRANSFERS:-105000}" "${SOAK_SECONDS:-1500}" || return
  no_rule_is_broken
}

transfers_over_a_bad_link_are_right() {
  in_a_namespace tun "${SOAK_LINKED:-6000}"
}

transfers_over_netem_are_right() {
  in_a_namespace netem "${SOAK_LINKED:-6000}"
}

run_tests "$0"
