# manual.sh - the manual against the code; sourced by test_package.sh. A test
# is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034,SC2013,SC1003
# (variables of setup.sh; words, one a line)

command_page=$tree/scripts/curlretry.1
library_page=$tree/scripts/libcurlretry.7

section() { # PAGE NAME: its lines, without what only groff reads
  sed -n "/^\.SH \"*$2\"*\$/,/^\.SH /p" "$1" | sed '1d; /^\.SH /d; s/\\//g'
}

entry() { # NAME: the text of a variable of the library's page
  section "$library_page" ENVIRONMENT |
    awk -v name="CURLRETRY_$1" '
      /^\.TP/ { inside = 0 }
      inside { print }
      /^\.BR CURLRETRY_/ { inside = index($0, name " ") > 0 }'
}

words_of_variables() { # the name of each that takes one of a few, and these
  gcc -E -P -x c -I "$tree/policy" - <<'SOURCE' | tr '\n' ' ' |
#define VARIABLE(name, kind, member, words, initial, accepts, meaning) \
  ROW name kind words
#include "variable_list.h"
SOURCE
    awk 'BEGIN { RS = "ROW "; FS = "\"" } $1 ~ /FIELD_WORD/ {
      split($1, part, " "); gsub(/\|/, " ", $2); print part[1], $2 }'
}

every_variable_is_in_the_manual_with_its_default() {
  local name initial
  while read -r name initial; do
    initial=${initial//\*/\\*}
    is "$name with $initial" \
      "$(grep -c "^\.BR .*CURLRETRY_$name .*($initial)" "$library_page")" 1
  done < <(variables)
}

every_variable_in_the_manual_is_one() {
  local name
  for name in $(cat "$command_page" "$library_page" "$tree/README.md" |
    grep -o 'CURLRETRY_[A-Z_]*[A-Z]' | sort -u); do
    [ "$name" = CURLRETRY_NAME ] && continue
    is "$name in the code" \
      "$(variables | grep -c "^${name#CURLRETRY_} ")" 1
  done
}

every_word_of_a_value_is_in_the_manual() {
  local name words word
  while read -r name words; do
    for word in $words; do
      at_least "$word of $name" "$(entry "$name" | grep -c -w -e "$word")" 1
    done
  done < <(words_of_variables)
}

every_class_is_in_the_manual() {
  local class count=0
  for class in $(sed -n '/class_names\[/,/;/p' "$tree/policy/codes.c" |
    grep -o '"[a-z]*"' | tr -d '"' | grep -v -x final); do
    count=$((count + 1))
    at_least "$class" "$(entry ON | grep -c "^\.BR $class ")" 1
  done
  is 'classes found' "$count" 7
}

every_option_that_is_no_variable_is_in_the_manual() {
  local option count=0
  run --help
  for option in $(sed '/^Every other/,$d' "$tmp/out" |
    sed -n 's/^  \(-[a-zA-Z], \)*\(--[a-z-]*\).*/\1\2/p' | tr -d ,); do
    count=$((count + 1))
    at_least "$option" "$(section "$command_page" OPTIONS |
      grep -c -e "^\.BR* .*$option")" 1
  done
  at_least 'options found' "$count" 6
}

switches_in_the_manual_are_the_code_s() {
  local option
  for option in $(variables | awk '$2 == "0" { print $1 }' | tr A-Z_ a-z-); do
    is "--$option" "$(section "$command_page" OPTIONS | tr '"' '\n' |
      grep -c -x -e ".* *--$option *")" 1
  done
}

every_exit_status_is_in_the_manual() {
  local status
  for status in $(sed -n 's/^#define EXIT_[A-Z]* \([0-9]*\).*/\1/p' \
    "$tree/scripts/curlretry/say.h"); do
    at_least "$status" "$(section "$command_page" 'EXIT STATUS' |
      grep -c "^\.B $status$")" 1
  done
  is 'those in the manual' "$(section "$command_page" 'EXIT STATUS' |
    sed -n 's/^\.B \([0-9]*\)$/\1/p' | sort -n -u | paste -s -d ' ')" \
    '0 1 2 126 127'
}

# members FILE: those of the JSON objects that it writes.
members() { # FILE
  grep -o -E 'JSON\("[a-z_]+"|\\"[a-z_]+\\":' "$1" "${1%/*}/line.c" |
    grep -o '"[a-z_]*\\*"' | tr -d '\\"' | sort -u
}

every_member_of_a_json_line_is_in_the_manual() {
  local name count=0
  for name in $(members "$tree/shim/host/log.c"); do
    count=$((count + 1))
    at_least "$name" "$(section "$library_page" 'LOG LINES' |
      grep -c -E "^\.BR? (.* )?$name( |\$)")" 1
  done
  at_least 'members found' "$count" 25
}

every_field_of_a_trace_is_in_the_manual() {
  local name count=0
  for name in $(members "$tree/shim/host/trace.c"); do
    count=$((count + 1))
    at_least "$name" "$(section "$library_page" TRACE |
      grep -c -E "^\.BR? (.* )?$name( |\$)")" 1
  done
  at_least 'fields found' "$count" 45
}

every_event_is_in_the_manual() {
  local event count=0
  while read -r event; do
    count=$((count + 1))
    at_least "$event" "$(section "$library_page" 'LOG LINES' |
      grep -c "^\.BR \"*$event\"* ")" 1
  done < <({
    grep -E 'name = |event = "' "$tree/shim/engine/report.c"
    grep -E 'event = "|json_begin\(line, LEVEL' "$tree/shim/host/log.c"
  } | grep -o '"[a-z ]*"' | tr -d '"' | sort -u)
  is 'events found' "$count" 7
}

every_threat_has_a_test_that_exists() {
  local name count=0
  # shellcheck disable=SC2016 # backquotes of the README's
  for name in $(section_of_readme Security | grep '^|' |
    grep -o '`[a-z]*/[a-z_]*\.[a-z]*`' | tr -d '`' | sort -u); do
    count=$((count + 1))
    is "$name" "$([ -s "$tree/tests/$name" ] && echo there)" there
  done
  at_least 'tests named' "$count" 10
}

section_of_readme() { # NAME
  sed -n "/^## $1\$/,/^## /p" "$tree/README.md"
}

functions_in_the_manual_are_exported() {
  is functions "$(section "$library_page" FUNCTIONS |
    sed -n 's/^\.B \(curlretry_.*\)/\1/p' | paste -s -d ' ')" \
    "$(sed -n 's/^ *\(curlretry_.*\);/\1/p' \
      "$tree/shim/interpose/exports.map" | paste -s -d ' ')"
}

manual_is_formatted_without_warnings() {
  local page
  have man || return
  for page in curlretry.1 libcurlretry.7; do
    is "$page" "$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l \
      -Tutf8 -Z "$built/$page" 2>&1 >/dev/null)" ''
  done
}
