# bash completion for curlretry. tests/packaging compares it with the code.
# shellcheck shell=bash

# _curlretry_values OPTION: the words that a value may begin with.
_curlretry_values() {
  case $1 in
  --on) echo 'default all none dns connect tls timeout reset partial status' ;;
  --faults) echo 'none 503 dns connect tls timeout reset partial delay=' ;;
  --faults-seed) echo none ;;
  --methods)
    echo 'idempotent all GET HEAD POST PUT DELETE OPTIONS PATCH TRACE'
    ;;
  --backoff) echo 'exponential linear constant' ;;
  --jitter) echo 'equal full none' ;;
  --timeout-scope) echo 'call attempt' ;;
  --budget-scope) echo 'process user' ;;
  --resume) echo 'auto off' ;;
  --fresh-connect) echo 'auto always never' ;;
  --multi | --close-idle | --disable | --dry-run | --keep-deepbind)
    echo '0 1'
    ;;
  --by) echo 'host peer program url hour' ;;
  --log) echo 'off stderr syslog' ;;
  --log-level) echo 'error warn info debug' ;;
  --log-format) echo 'text json' ;;
  --hosts | --programs | --top) ;;
  *) echo off ;;
  esac
}

# _curlretry_value OPTION WORD: offers values; of a list, the last one.
_curlretry_value() {
  local list='' word=$2
  case $1 in
  --on | --methods | --hosts | --programs | --faults)
    [[ $word != *,* ]] || list=${word%,*},
    word=${word##*,}
    [[ $word != '!'* ]] || list+='!'
    word=${word#!}
    ;;
  esac
  mapfile -t COMPREPLY < <(
    case $1 in
    --hosts) compgen -P "$list" -A hostname -- "$word" ;;
    --programs) compgen -P "$list" -c -- "$word" ;;
    *) compgen -P "$list" -W "$(_curlretry_values "$1")" -- "$word" ;;
    esac
  )
  [ "$1" != --log ] || compopt -o default 2>/dev/null
}

# What is run: its own completion, where bash-completion is loaded.
_curlretry_program() { # INDEX
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$1" -eq "$COMP_CWORD" ]; then
    mapfile -t COMPREPLY < <(
      compgen -c -- "${COMP_WORDS[COMP_CWORD]}" | sort -u
    )
  else
    compopt -o default 2>/dev/null
  fi
}

_curlretry_doctor() { # a program, a process, a file
  local word=${COMP_WORDS[COMP_CWORD]}
  mapfile -t COMPREPLY < <(
    if [[ $word = [0-9]* ]]; then
      cd /proc && compgen -d -- "$word"
    else
      compgen -c -- "$word" | sort -u
    fi
  )
  compopt -o default 2>/dev/null
}

_curlretry() {
  local at=1 option mode='' word=${COMP_WORDS[COMP_CWORD]} value
  COMPREPLY=()
  while [ "$at" -lt "$COMP_CWORD" ]; do
    option=${COMP_WORDS[at]} value=
    case $option in
    --) at=$((at + 1)) mode=$mode- && break ;;
    --doctor | --report) mode=${option#--} ;;
    -h | -V | --help | --version | --print-env | --summary) ;;
    --json | --openmetrics | --har | --html) ;;
    --close-idle | --disable | --dry-run | --keep-deepbind) ;;
    --*) value=$((at + 1)) ;;
    *) [ "$mode" = report ] || break ;; # its options may stand behind files
    esac
    # "=" is a word of its own here.
    [[ ${COMP_WORDS[at + 1]} != = ]] || value=$((at + 2))
    if [ -n "$value" ] && [ "$value" -ge "$COMP_CWORD" ]; then
      _curlretry_value "$option" "${word#=}"
      return
    fi
    at=$((${value:-at} + 1))
  done
  if [ "$at" -eq "$COMP_CWORD" ] && [[ $word = -* && $mode != *- ]]; then
    mapfile -t COMPREPLY < <(compgen -W '--attempt-header --backoff
      --base-delay --budget --budget-scope --by --close-idle --disable --doctor
      --drain-bytes --dry-run --faults --faults-seed --fresh-connect --har
      --help --hold-bytes --hold-time --hosts --html --jitter --json
      --keep-deepbind --log --log-format --log-level --max-delay --max-retries
      --max-time --methods --multi --on --openmetrics --print-env --programs
      --report --resume --retry-after --snapshot-disk --snapshot-memory
      --stall-timeout --summary --timeout-scope --top --trace
      --version' -- "$word")
  elif [[ $mode = doctor* ]]; then
    _curlretry_doctor
  elif [[ $mode = report* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    compopt -o filenames 2>/dev/null
  else
    _curlretry_program "$at"
  fi
}

complete -F _curlretry curlretry
