#!/bin/bash
# The examples of libcurl's own documentation that speak IMAP, POP3 and SMTP,
# of which only URLs are changed. They are passed through: with the shim each
# says the same to the server and prints the same, once, also when it fails.
set -u
# shellcheck source-path=SCRIPTDIR source=examples.sh
. "$(dirname "$0")/examples.sh"

run_with() { # PLAN RUNNER NAME: what it printed, and what the server heard
  start_tcp "$MAIL_PORT" "$1"
  : >"$tmp/mail.log"
  example "$3" "s#(imap|pop3|smtp)://[^/\"]*#\1://127.0.0.1:$TCP_PORT#" ||
    return
  "$2" env -C "$tmp" "$tmp/$3" # one sends its source
  soon is_over
  # two mails of one program have other dates and boundaries
  { echo "exit $RC" && cat "$tmp/out" "$tmp/mail.log" &&
    sed '/^[*<>{} ]/d; s/^Date: .*/Date/' "$tmp/err"; } >"$tmp/result.$2"
}

is_over() { # the connection that was logged first
  [ -s "$TCP_LOG" ]
}

# Those with TLS need a server with it.
names_of() { # KIND
  (cd "$examples" && grep -l curl_easy_perform -- "$1"-*.c) |
    sed 's/\.c$//' | grep -v -e '-ssl$' -e '-tls$'
}

passes_through() { # KIND COUNT
  local name names before plan
  have cc && have_file libcurl4-doc "$examples" || return
  serve_python mail_server.py "$1" "$tmp/mail.log"
  MAIL_PORT=$PORTS
  names=$(names_of "$1")
  is "examples" "$(wc -w <<<"$names")" "$2"
  for name in $names; do
    before=$problem
    for plan in pass rst,pass; do
      run_with "$plan" alone "$name" || return
      run_with "$plan" host "$name"
      is "what differs with $plan" "$(diff "$tmp/result.alone" \
        "$tmp/result.host" | cut -c 1-200)" ''
      is "log with $plan" "$LOG" ''
      is "connections with $plan" "$(wc -l <"$TCP_LOG")" 1
    done
    [ "$problem" = "$before" ] || problem+="# that was $name"$'\n'
  done
}

imap_is_passed_through() {
  passes_through imap 12
}

pop3_is_passed_through() {
  passes_through pop3 8
}

smtp_is_passed_through() {
  passes_through smtp 5
}

run_tests "$0"
