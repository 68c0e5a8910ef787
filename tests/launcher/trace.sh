# trace.sh - a trace of a few calls whose figures are known, by hand; sourced.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh, others

attempt() { # CALL NUMBER MEMBERS: a line; MEMBERS are those that differ
  jq -c -n "$common + {event: \"attempt\", call: $1, attempt: $2,
    effective_url: null, reused: false, http_version: \"1.1\", message: null,
    injected: false, dns: 1, connect: 2, tls: null, first_byte: 3, total: 10,
    sent: 0, received: 0, held: 0, replayed: 0, resumed_from: null,
    verdict: \"deliver\", reason: null, delay_ms: null, retry_after_ms: null}
    + $3"
}

call() { # CALL MEMBERS
  jq -c -n "$common + {event: \"call\", call: $1, outcome: \"ok\", attempts: 1,
    waited_ms: 0, total_ms: 10, bytes_up: 0, bytes_down: 0, driver: \"easy\"}
    + $2"
}

note() { # LEVEL TEXT
  jq -c -n --arg level "$1" --arg text "$2" "$common +
    {event: \"note\", call: null, level: \$level, text: \$text}"
}

common='{v: 1, time: "2026-11-26T17:00:00.500Z", program: "curl", pid: 41,
  tid: 41, method: "GET", url: "http://a.test/x?y=...", host: "a.test:80",
  peer: "192.0.2.1:80", proxy: null, at_proxy: false, code: 0, status: 200,
  class: null}'

b='host: "b.test:443", url: "https://b.test/", peer: null'
git='program: "git", pid: 42, time: "2026-11-26T18:59:59.000Z"'
proxied='proxy: "p.test:3128", at_proxy: true, peer: "192.0.2.3:3128"'

# At once; rescued, by another peer; failed; ended by the program; refused by
# a proxy; a 404, of a program of another hour; injected and rescued.
write_trace() {
  attempt 1 1 '{received: 100}'
  call 1 '{bytes_down: 100}'
  attempt 2 1 '{status: 503, class: "status", total: 20, verdict: "retry",
    delay_ms: 500, peer: "192.0.2.2:80"}'
  attempt 2 2 '{total: 30}'
  call 2 '{outcome: "rescued", class: "status", peer: "192.0.2.2:80",
    attempts: 2, waited_ms: 500, total_ms: 550, bytes_up: 7}'
  attempt 3 1 "{$b, code: 7, status: null, class: \"connect\", total: 5,
    verdict: \"retry\", delay_ms: 100, dns: 1, connect: null,
    first_byte: null, message: \"Couldn't connect\"}"
  attempt 3 2 "{$b, peer: \"[2001:db8::1]:443\", code: 28, status: null,
    class: \"timeout\", total: 1000, verdict: \"retry\", delay_ms: 200,
    tls: 4.25, first_byte: null}"
  attempt 3 3 "{$b, peer: \"[2001:db8::1]:443\", code: 56, status: null,
    class: \"reset\", total: 40, reason: \"retries exhausted\"}"
  call 3 "{$b, peer: \"[2001:db8::1]:443\", code: 56, status: null,
    class: \"reset\", outcome: \"failed\", attempts: 3, waited_ms: 300.25,
    total_ms: 1345.25}"
  attempt 4 1 "{$b, code: null, status: null, total: 7}"
  call 4 "{$b, code: null, status: null, outcome: \"program\", total_ms: 7}"
  attempt 5 1 "{$proxied, code: 56, status: 403, class: \"final\", total: 9}"
  call 5 "{$proxied, code: 56, status: 403, class: \"final\",
    outcome: \"failed\", total_ms: 9}"
  attempt 1 1 "{$git, status: 404, class: \"final\", total: 8}"
  call 1 "{$git, status: 404, class: \"final\", outcome: \"failed\",
    total_ms: 8}"
  attempt 2 1 "{$git, status: 503, class: \"status\", total: 1,
    injected: true, verdict: \"retry\", delay_ms: 0}"
  attempt 2 2 "{$git, total: 2}"
  call 2 "{$git, class: \"status\", outcome: \"rescued\", attempts: 2,
    total_ms: 3}"
  note warn 'the snapshot is too large'
  note info 'nobody is told'
  note warn 'the snapshot is too large'
}

trace=$tmp/trace
[ -n "$(type -P jq)" ] && write_trace >"$trace"

report() { # OPTION... of the trace; leaves $status, $out and $err
  run --report "$@" "$trace"
}

json() { # FILTER [OPTION...]: of the report as JSON
  local filter=$1
  shift
  run --report --json "$@" "$trace"
  jq -c "$filter" "$tmp/out" 2>&1
}

page_data() { # FILTER: of the data in the page
  sed -n '/<script type="application\/json"/,/<\/script>/p' "$tmp/out" |
    sed 's/^.*id="data">//; s/<\/script>.*$//' | jq -c "$1" 2>&1
}
