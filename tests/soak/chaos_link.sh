#!/bin/bash
# What in_a_namespace() of chaos.sh runs there.
set -u
ip link set lo up
[ "$SOAK_LINK" != netem ] || tc qdisc add dev lo root netem \
  delay 2ms 1ms loss 1% duplicate 0.5% reorder 1%
# shellcheck source-path=SCRIPTDIR source=chaos.sh
. "$(dirname "$0")/chaos.sh"

transfers_over_a_bad_link_are_right() {
  soak "$SOAK_TRANSFERS" "${SOAK_SECONDS:-300}" || return
  no_rule_is_broken
}

run_tests "$0"
