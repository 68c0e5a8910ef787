# options.sh - what becomes of options, exit codes and the environment;
# sourced by test_launcher.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2016,SC2034
# (variables of setup.sh; programs for a shell in single quotes)

# --- options ---------------------------------------------------------------

option_with_a_separate_value_sets_its_variable() {
  run --max-retries 5 sh -c "$print_retries"
  is stdout "$out" 5
  is status "$status" 0
  is stderr "$err" ''
}

option_with_equals_sets_its_variable() {
  run --max-retries=6 sh -c "$print_retries"
  is stdout "$out" 6
}

option_value_may_hold_anything() {
  run --on='none,!500,curl:56' sh -c 'printf %s "$CURLRETRY_ON"'
  is stdout "$out" 'none,!500,curl:56'
}

option_wins_over_the_environment() {
  CURLRETRY_MAX_RETRIES=9 run --max-retries 2 sh -c "$print_retries"
  is stdout "$out" 2
}

environment_stays_without_options() {
  CURLRETRY_MAX_RETRIES=9 run sh -c "$print_retries"
  is stdout "$out" 9
}

boolean_option_takes_no_separate_value() {
  run --dry-run sh -c "$print_dry_run"
  is stdout "$out" 1
}

boolean_option_can_be_switched_off() {
  CURLRETRY_DRY_RUN=1 run --dry-run=0 sh -c "$print_dry_run"
  is stdout "$out" 0
}

all_boolean_options_of_the_policy_are_known() {
  local option
  for option in close-idle disable dry-run keep-deepbind; do
    run "--$option" printf ran
    is "--$option" "$out$err" ran
  done
}

every_variable_has_an_option_in_help() {
  run --help
  is status "$status" 0
  is stderr "$err" ''
  local name initial option
  while read -r name initial; do
    option=--$(tr A-Z_ a-z- <<<"$name")
    is "$option" "$(awk -v option="$option" '$1 == option { print $2 }' \
      "$tmp/out")" "$initial"
  done < <(variables)
  like help "$out" '*--max-retries*3*--dry-run*'
}

every_variable_is_in_the_readme_and_the_manual() {
  local name initial
  while read -r name initial; do
    initial=${initial//\*/\\*}
    is "$name with $initial in README.md" \
      "$(grep -c "^| \`$name\` | \`*$initial\`* |" "$tree/README.md")" 1
    is "$name with $initial in curlretry.1" \
      "$(grep -c "^\.BR .*CURLRETRY_$name .*($initial)" \
        "$tree/scripts/curlretry.1")" 1
  done < <(variables)
}

help_fits_a_terminal() {
  run --help
  is 'lines over 79 columns' "$(grep -c '^.\{80\}' "$tmp/out")" 0
}

version_is_the_one_in_the_makefile() {
  run --version
  is stdout "$out" "curlretry $(sed -n 's/^VERSION := //p' "$tree/Makefile")"
  is status "$status" 0
  run -V
  is 'the short option' "$out" "$(<"$tmp/out")"
}

help_has_a_short_option() {
  run --help
  local long=$out
  run -h
  is stdout "$out" "$long"
}

unknown_option_is_named() {
  run --max-retrys=3 touch "$tmp/ran"
  is status "$status" 2
  one_line_error '*--max-retrys*'
  is 'program ran' "$(ls "$tmp/ran" 2>/dev/null)" ''
}

options_are_written_in_full() {
  run --max-r 3 touch "$tmp/ran"
  refused 2 '*unknown option --max-r; nearest: --max-retries'
  is 'program ran' "$(ls "$tmp/ran" 2>/dev/null)" ''
}

no_program_is_an_error() {
  run --max-retries 3
  is status "$status" 2
  one_line_error '*no program*'
}

double_dash_ends_the_options() {
  printf '#!/bin/sh\necho "dashed $1"\n' >"$tmp/--dashed"
  chmod +x "$tmp/--dashed"
  PATH=$tmp:$PATH run --max-retries 1 -- --dashed --version
  is stdout "$out" 'dashed --version'
}

environment_is_printed_as_lines() {
  CURLRETRY_ON=all LD_PRELOAD=libm.so.6 run --print-env --max-retries 5 \
    --programs 'a b'
  is status "$status" 0
  is stdout "$out" "LD_PRELOAD=$library:libm.so.6
CURLRETRY_ON=all
CURLRETRY_MAX_RETRIES=5
CURLRETRY_PROGRAMS=a b"
  run --print-env curl
  refused 2 '--print-env takes no program: curl'
  run --print-env --max-retries many
  refused 2 '--max-retries many: *'
}

options_after_the_program_are_its_own() {
  run printf '%s|' --max-retries 7 --help --
  is stdout "$out" '--max-retries|7|--help|--|'
}

arguments_arrive_unchanged() {
  # shellcheck disable=SC1003
  run printf '<%s>' 'two words' '' '*' $'new\nline' "quo'te\"" '$HOME' '\'
  is stdout "$out" \
    $'<two words><><*><new\nline><quo\'te"><$HOME><\\>'
}

# --- the policy is checked first -------------------------------------------

bad_policy_keeps_the_program_from_running() {
  run --max-retries many touch "$tmp/ran"
  is status "$status" 2
  one_line_error '--max-retries many: *accepted: *'
  is 'program ran' "$(ls "$tmp/ran" 2>/dev/null)" ''
}

bad_policy_of_the_environment_counts_too() {
  CURLRETRY_MAX_RETRIES=many run --dry-run touch "$tmp/ran"
  is status "$status" 2
  one_line_error 'CURLRETRY_MAX_RETRIES=many: *accepted: *'
  is 'program ran' "$(ls "$tmp/ran" 2>/dev/null)" ''
}

bad_policy_of_the_environment_can_be_overruled() {
  CURLRETRY_MAX_RETRIES=many run --max-retries 1 printf ran
  is stdout "$out" ran
}

# --- exit codes and signals ------------------------------------------------

exit_code_is_the_programs() {
  run sh -c 'exit 37'
  is status "$status" 37
}

death_by_signal_is_the_programs() {
  run sh -c 'kill -TERM $$'
  is status "$status" 143
}

program_keeps_the_launchers_process() {
  "$launcher" sh -c 'echo $$' >"$tmp/out" &
  local launched=$!
  wait "$launched"
  is pid "$(<"$tmp/out")" "$launched"
}

signal_sent_to_the_launcher_reaches_the_program() {
  ( # bash reports a killed job on stderr
    "$launcher" sleep 60 &
    for _ in {1..100}; do
      [ "$(cat /proc/$!/comm)" = sleep ] && break
      sleep 0.1
    done
    kill -TERM $!
    wait $!
  ) 2>/dev/null
  is status $? 143
}

input_reaches_the_program() {
  out=$(printf 'some input' | "$launcher" cat)
  is stdout "$out" 'some input'
}

name_of_the_program_stays_as_typed() {
  program name '#include <stdio.h>
    int main(int c, char **v) { (void)c; puts(v[0]); return 0; }'
  PATH=$tmp:$PATH run name
  is stdout "$out" name
}

missing_program_is_127() {
  run no-such-program-here
  is status "$status" 127
  one_line_error '*no-such-program-here*not found*'
  run ./no-such-program-here
  is 'status of a path' "$status" 127
  run ''
  is 'status of no name' "$status" 127
  PATH='' run true
  is 'status with an empty PATH' "$status" 127
}

unexecutable_program_is_126() {
  : >"$tmp/plain"
  run "$tmp/plain"
  is status "$status" 126
  one_line_error '*plain*permission denied*'
  run "$tmp"
  is 'status of a folder' "$status" 126
}

every_folder_of_path_is_searched() {
  mkdir -p "$tmp/first" "$tmp/second"
  : >"$tmp/first/twice"
  printf '#!/bin/sh\necho second\n' >"$tmp/second/twice"
  chmod +x "$tmp/second/twice"
  PATH=$tmp/first:$tmp/second:$PATH run twice
  is 'found in between' "$out" second
  PATH=$PATH:$tmp/first:$tmp/second run twice
  is 'found in the last' "$out" second
  out=$(cd "$tmp/second" && PATH=$PATH: "$launcher" twice)
  is 'found in the working folder' "$out" second
}

# --- the environment -------------------------------------------------------

shim_is_loaded_into_the_program() {
  run grep -c "$library" /proc/self/maps
  is status "$status" 0
}

preload_is_our_library_alone() {
  run sh -c "$print_preload"
  is LD_PRELOAD "$out" "$library"
}

other_preloads_stay_with_their_separators() {
  local one=libm.so.6 two=libdl.so.2
  LD_PRELOAD="$one $two" run sh -c "$print_preload"
  is 'with a space' "$out" "$library:$one $two"
  LD_PRELOAD="$one:$two" run sh -c "$print_preload"
  is 'with a colon' "$out" "$library:$one:$two"
}

our_library_is_preloaded_once() {
  LD_PRELOAD="libm.so.6:$library libdl.so.2" run sh -c "$print_preload"
  is LD_PRELOAD "$out" "$library:libm.so.6 libdl.so.2"
  run "$launcher" sh -c "$print_preload"
  is 'launcher in a launcher' "$out" "$library"
}

asan_runtime_stays_first() {
  mkdir -p "$tmp/lib"
  gcc -shared -fPIC -x c -o "$tmp/lib/libasan.so.8" - <<<'int asan;'
  local asan=$tmp/lib/libasan.so.8
  LD_PRELOAD="$asan" run sh -c "$print_preload"
  is 'alone' "$out" "$asan:$library"
  LD_PRELOAD="libm.so.6 $asan" run sh -c "$print_preload"
  is 'behind another' "$out" "$asan:$library:libm.so.6"
}

environment_is_otherwise_untouched() {
  program show '#include <stdio.h>
    extern char **environ;
    int main(void) { for (char **e = environ; *e; e++) puts(*e); return 0; }'
  local names=(version=1 file=2 list=3 name=4 found=5 library=6 status=7
    entry=8 script=9 FILE=f WANTED=w line=l libdir=d tool=t
    'BASH_FUNC_f%%=() {  echo "it'\''s"; }' a.b=c 'A-B=two words' 1x=y)
  env -i PATH="$PATH" PWD="$PWD" "${names[@]}" "$tmp/show" |
    sort >"$tmp/plain-env"
  env -i PATH="$PATH" PWD="$PWD" "${names[@]}" "$launcher" "$tmp/show" |
    grep -v -e '^LD_PRELOAD=' -e '^_=' -e '^SHLVL=' -e '^OLDPWD=' |
    sort >"$tmp/our-env"
  is difference "$(diff "$tmp/plain-env" "$tmp/our-env")" ''
}
