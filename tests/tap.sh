# tap.sh - tests that are bash functions: what they assert and need, their
# TAP and the totals; to be sourced. A test is named after a behaviour; a
# helper in a file with tests says what it does behind its "{". What adds to
# $problem fails the test, a $reason skips it; one that asserts nothing, as
# when a helper gave up without a word, has failed.
# shellcheck shell=bash disable=SC2034
# (variables for the files with the tests)

# shellcheck source=tests/at_exit.sh
. "$(dirname "${BASH_SOURCE[0]}")/at_exit.sh"

passed=0 failed=0 skipped=0

is() { # WHAT GOT EXPECTED
  asserted=1
  [ "$2" = "$3" ] || problem+="# $1: got '$2', expected '$3'"$'\n'
}

like() { # WHAT GOT PATTERN
  asserted=1
  # shellcheck disable=SC2053 # a pattern is meant
  [[ $2 == $3 ]] || problem+="# $1: got '$2', expected like '$3'"$'\n'
}

at_most() { # WHAT GOT MOST
  asserted=1
  [ "$2" -le "$3" ] 2>/dev/null && return
  problem+="# $1: got '$2', expected at most $3"$'\n'
}

at_least() { # WHAT GOT LEAST
  asserted=1
  [ "$2" -ge "$3" ] || problem+="# $1: got '$2', expected at least '$3'"$'\n'
}

# have TOOL...: whether all are there; else the test is skipped by name.
have() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    reason="$tool is missing"
    return 1
  done
}

# soon COMMAND...: whether it succeeds within 5 s.
soon() {
  local tries=0
  until "$@"; do
    [ $((tries++)) -lt 100 ] || return 1
    sleep 0.05
  done
}

check() { # FUNCTION: a test
  local problem='' reason='' asserted=''
  "$1"
  [ -n "$asserted$problem$reason" ] || problem=$'# nothing was asserted\n'
  local number=$((passed + failed + skipped + 1)) name=${1//_/ }
  if [ -n "$reason" ]; then
    skipped=$((skipped + 1))
    echo "ok $number - $name # SKIP $reason"
  elif [ -z "$problem" ]; then
    passed=$((passed + 1))
    echo "ok $number - $name"
  else
    failed=$((failed + 1))
    printf 'not ok %s - %s\n%s' "$number" "$name" "$problem"
  fi
}

# needs COMMAND...: without it nothing of a file can be run: for the $reason
# that it leaves, all of it is skipped.
needs() {
  local problem=''
  reason=''
  "$@" || [ -z "$reason" ] && return
  echo "1..0 # SKIP $reason"
  exit
}

# run_tests FILE...: every test in them; TESTS, if set, is a glob of names.
run_tests() {
  local test
  while read -r test; do
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $test == ${TESTS:-*} ]] && check "$test"
  done < <(sed -n 's/^\([a-z0-9_]*\)() {$/\1/p' "$@")
  echo "1..$((passed + failed + skipped))"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
