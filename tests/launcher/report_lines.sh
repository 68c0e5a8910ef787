# report_lines.sh - what the report makes of damaged and of large files;
# sourced by test_report.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

lines_that_are_none_are_counted_and_left_out() {
  have jq || return
  local whole line
  whole=$(json 'del(.total.torn, .total.foreign)')
  line=$(head -n 1 "$trace")
  {
    echo 'hello'
    echo '{"level":"warn","event":"retry"}'
    printf '%s\n' "${line/\"v\":1/\"v\":2}"
    printf '%s\n' "${line/\"total\":10/\"total\":\"10\"}"
    head -c 3000000 /dev/zero | tr '\0' x # longer than any buffer
    echo
    printf '%s\n' "${line:0:100}"
    head -c 5000 /dev/zero
    cat "$trace"
    printf '\0\0\0\n\n'
    printf '%s' "${line:0:300}" # being written
  } >"$tmp/damaged"
  run --report --json "$tmp/damaged"
  is stderr "$err" ''
  is 'the others' "$(jq -c 'del(.total.torn, .total.foreign)' "$tmp/out")" \
    "$whole"
  is 'torn and foreign' "$(jq -c '[.total.torn, .total.foreign]' \
    "$tmp/out")" '[4,5]'
  run --report "$tmp/damaged"
  like table "$out" \
    '*Of 29 lines 4 were torn and 5 foreign; they are left out.*'
}

call_without_a_host_is_one_too() {
  have jq || return
  local none='host: null, peer: null, url: null, code: 3, class: "final"'
  {
    attempt 1 1 "{$none}"
    call 1 "{$none, outcome: \"failed\"}"
  } >"$tmp/hostless"
  run --report --json "$tmp/hostless"
  is report "$(jq -c '[.rows[0].key, .total.calls, .total.failed,
    .total.foreign]' "$tmp/out")" '["unknown",1,1,0]'
  run --report --by url "$tmp/hostless"
  like table "$out" '*unknown  *final 1*'
}

last_line_may_lack_its_end() {
  have jq || return
  head -c -1 "$trace" >"$tmp/unended"
  run --report --json "$tmp/unended"
  is report "$(jq -c . "$tmp/out")" "$(json .)"
}

control_characters_never_reach_a_terminal() {
  have jq || return
  local evil='host: "e\u001b[31mvil\u0007\n.test:80\u00e9", program: "\u0000"'
  evil+=', url: "\u001b]0;title\u0007", peer: "\u009b1m", class: "status"'
  {
    attempt 1 1 "{$evil}"
    call 1 "{$evil, outcome: \"failed\"}"
    note error $'\e[2Jgone'
    printf '\e[2J\n'
  } >"$tmp/evil"
  local by form
  for by in host peer program url; do
    run --report --by "$by" "$tmp/evil"
    is "control characters by $by" \
      "$(LC_ALL=C grep -c '[^ -~]' "$tmp/out")" 0
  done
  for form in json openmetrics har html; do
    run --report "--$form" "$tmp/evil"
    is "control characters of $form" \
      "$(LC_ALL=C grep -c '[^ -~]' "$tmp/out")" 0
  done
  run --report "$tmp/evil"
  like 'the name' "$out" '*e?\[31mvil??.test:80?*'
}

rows() { # COUNT: calls of a URL each; each 100th is of the same, and fails
  local good bad
  good=$(call 0 '{}' | sed 's/"call":0/"call":\&/; s|a.test/x|a.test/\&|')
  bad=$(call 0 '{outcome: "failed", class: "status"}')
  seq "$1" | sed -e "0~100s|.*|$bad|" -e t -e "s|.*|$good|"
}

however_many_urls_there_are_memory_stays() {
  have jq || return
  rows 50000 >"$tmp/urls"
  run --report --by url --json "$tmp/urls"
  is total "$(jq -c '[.total.calls, .total.failed]' "$tmp/out")" '[50000,500]'
  is 'sum of the rows' "$(jq '[.rows[].calls] | add' "$tmp/out")" 50000
  is 'the worst' "$(jq -c '.rows[0] | [.key, .calls, .failed]' "$tmp/out")" \
    '["http://a.test/x?y=...",500,500]'
  is 'the last' "$(jq -c '.rows[-1].key' "$tmp/out")" '"(other)"'
  at_most rows "$(jq '.rows | length' "$tmp/out")" 8193
  run --report --by url "$tmp/urls"
  like table "$out" '*http://a.test/x?y=...*rows are in (other)*'
}

# Ten million lines are in make bench.
large_traces_take_little_memory() {
  have python3 || return
  local calls=20000 form
  [ -z "${TEST_LONG-}" ] || calls=1000000
  "$tree/tests/launcher/trace.py" "$calls" >"$tmp/large"
  for form in --json --html; do
    ( # address space, in KiB
      ulimit -v 12000
      "$launcher" --report "$form" "$tmp/large" >"$tmp/out" 2>&1
    )
    is "status of $form" $? 0
  done
  at_least 'calls of the page' "$(page_data .total.calls)" "$calls"
  rm -f "$tmp/large"
}
