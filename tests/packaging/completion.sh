# completion.sh - what bash and zsh offer against the code; sourced by
# test_package.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# (variables of setup.sh; programs for a shell in single quotes)

completion=$tree/scripts/completion

every_option() { # those of the code, one a line
  "$launcher" --help | sed -n 's/^  \(-[a-zA-Z], \)*\(--[a-z-]*\).*/\2/p' |
    grep -x -e '--[a-z].*' | sort -u
}

offered() { # WORD...: what bash offers for the last; the program is first
  bash --norc -c '. "$1" && shift && COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1)) && _curlretry; printf "%s\n" "${COMPREPLY[@]}"' \
    bash "$completion/curlretry.bash" "$@"
}

completion_files_are_read_without_complaint() {
  is bash "$(bash -n "$completion/curlretry.bash" 2>&1)" ''
  is 'bash, sourced' "$(bash --norc -c '. "$1"; complete -p curlretry' bash \
    "$completion/curlretry.bash" 2>&1)" 'complete -F _curlretry curlretry'
  have zsh || return
  is zsh "$(zsh -n "$completion/_curlretry" 2>&1)" ''
}

bash_offers_every_option() {
  at_least options "$(every_option | wc -l)" 30
  is options "$(offered curlretry -- | sort)" "$(every_option)"
  is 'behind others' "$(offered curlretry --max-retries 3 --log=off --dry-run \
    --max-r)" --max-retries
}

bash_offers_the_words_of_a_value() {
  local name words option
  while read -r name words; do
    option=--$(tr A-Z_ a-z- <<<"$name")
    is "$option" "$(offered curlretry "$option" '' | sort | paste -s -d ' ')" \
      "$(tr ' ' '\n' <<<"$words" | sort | paste -s -d ' ')"
    is "$option=" "$(offered curlretry "$option" = '' | wc -l)" \
      "$(wc -w <<<"$words")"
  done < <(words_of_variables)
  is 'the rest of a word' "$(offered curlretry --log-level = wa)" warn
  is 'of a list the last' "$(offered curlretry --on 'default,!tim')" \
    'default,!timeout'
}

bash_takes_no_value_for_a_switch() {
  local option
  for option in $(variables | awk '$2 == "0" { print $1 }' | tr A-Z_ a-z-); do
    is "behind --$option" "$(offered curlretry "--$option" --max-r)" \
      --max-retries
    is "behind --$option=" "$(offered curlretry "--$option" = 1 --max-r)" \
      --max-retries
  done
}

bash_completes_the_program_and_leaves_its_options_alone() {
  is 'a program' "$(offered curlretry --dry-run sha256su)" sha256sum
  is 'behind --' "$(offered curlretry -- sha256su)" sha256sum
  is 'its options' "$(offered curlretry curl --max-r)" ''
  is 'for the doctor' "$(offered curlretry --doctor sha256su)" sha256sum
  is 'a process' "$(offered curlretry --doctor $$ | grep -c -x $$)" 1
}

zsh_knows_every_option() {
  is options "$(grep -o -e '^  .*\[' "$completion/_curlretry" |
    grep -o -e '--[a-z][a-z-]*[a-z]' | sort)" "$(every_option)"
}

# A shell on a terminal of its own, with the line typed and Tab pressed twice;
# what is asked for is listed then.
zsh_lists() { # LINE LAST-OF-THE-LIST
  timeout 20 zsh -f -c '
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "stty columns 200 rows 100; fpath=($1 \$fpath); PS1=;
      autoload -Uz compinit; compinit -u -D; echo RE""ADY"
    zpty -r shell text "*READY*"
    zpty -w -n shell "$2"$'"'\t\t'"'
    zpty -r shell text "*${3}*"
    print -r -- "$text"' zsh "$completion" "$@"
}

zsh_offers_options_and_values() {
  have zsh || return
  like options "$(zsh_lists 'curlretry --' --version)" \
    '*--attempt-header*--max-retries*--print-env*'
  like words "$(zsh_lists 'curlretry --log-level ' warn)" '*debug*error*info*'
  like 'of a list' "$(zsh_lists 'curlretry --on dns,' tls)" '*connect*reset*'
}
