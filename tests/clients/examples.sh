# examples.sh - the examples of libcurl's own documentation, of which only
# URLs are changed; sourced by their tests, with all that they use.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source-path=SCRIPTDIR source=multi.sh
. "$(dirname "$0")/multi.sh"

examples=/usr/share/doc/libcurl4/examples
work=$tmp/work # where they run

# example NAME SED [OPTION...]: its program, $tmp/NAME. Not by make: its
# default flags are not ours to test.
example() {
  have cc && have_file libcurl4-doc "$examples/$1.c" || return
  sed -E "$2" "$examples/$1.c" >"$tmp/$1.c"
  cc -w -o "$tmp/$1" "$tmp/$1.c" "${@:3}" -lcurl 2>"$tmp/compiler" && return
  reason="it doesn't compile: $(head -n 1 "$tmp/compiler")"
  return 1
}

# An empty folder.
new_work() {
  rm -rf "$work" && mkdir "$work"
}
