# at_exit.sh - what a script does when it ends; to be sourced by bash.
# shellcheck shell=bash

# at_exit COMMANDS: a trap on EXIT, for the shell that sets it alone. A child
# that is killed before it has forgotten its parent's traps obeys them (bash
# 5.2): it removed the folder that all tests after it would have worked in.
# Where it does, "[" answers 127, for it is a command.
at_exit() {
  # shellcheck disable=SC2064 # which shell it is, is known now
  trap "[[ \$BASHPID != $BASHPID ]] || { $1; }" EXIT
}
