#!/bin/bash
# FAULTS: stock programs meet failures that the server knows nothing of, see
# them as real ones, and get over them.
set -u
shopt -s extglob
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

as_line='%{http_code} %{exitcode} %{errormsg}'

export CURLRETRY_FAULTS

# --- the program on its own ------------------------------------------------

on_its_own() { # FAULTS PATTERN [ARG...]: what curl says of a file there is
  CURLRETRY_FAULTS=$1 CURLRETRY_MAX_RETRIES=0 get 200:size=1000 \
    -o /dev/null -w "$as_line" "${@:3}"
  like "what curl says under '$1'" "$(cat "$tmp/out")" "$2"
  like log "$LOG" '*FAULTS is set: transfers fail on purpose*'
  retries 0
}

curl_says_what_it_says_of_a_real_one() {
  on_its_own 503 '503 0 '
  saw
  on_its_own 503 '503 22 The requested URL returned error: 503' -f
  saw
  on_its_own 404 '404 0 '
  on_its_own dns '000 6 Could not resolve host: 127.0.0.1'
  on_its_own connect "000 7 Failed to connect to 127.0.0.1 port $HTTP_PORT $(
    )after * ms: Couldn't connect to server"
  on_its_own tls '000 35 *'
  on_its_own timeout \
    '000 28 Operation timed out after * milliseconds with 0 bytes received'
  on_its_own reset '000 56 Recv failure: Connection reset by peer'
  on_its_own partial '200 18 *1000 bytes *' # libcurl's own words
  saw
  on_its_own partial@400 \
    '200 18 transfer closed with 600 bytes remaining to read'
  saw GET:200
}

whatever_version_of_ip_curl_asks_for() {
  on_its_own 503 '503 0 ' -4
  on_its_own dns '000 6 Could not resolve host: 127.0.0.1' -6
  saw
  on_its_own delay=10ms '200 0 ' -4
  saw GET:200
}

curl_gets_so_much_of_a_body() {
  new_key
  CURLRETRY_FAULTS=reset@400 CURLRETRY_MAX_RETRIES=0 shimmed \
    "$HTTP/$KEY/200:size=1000"
  ended 56
  body_begins 400 1000
  saw GET:200
}

curl_retries_by_itself() {
  CURLRETRY_FAULTS=503 CURLRETRY_MAX_RETRIES=0 get 200 --retry 1 \
    --retry-delay 1 -o /dev/null -w '%{http_code}'
  text_out 503
  is "its calls" "$(grep -c 'giving up' <<<"$LOG")" 2
  saw
}

without_a_seed_shares_differ_and_with_one_they_do_not() {
  local seed=$tmp/seed index
  for index in 1 2 3; do
    new_key
    CURLRETRY_FAULTS=503:50% CURLRETRY_MAX_RETRIES=0 \
      CURLRETRY_FAULTS_SEED=$((index / 2)) shimmed --no-globoff -o /dev/null \
      -w '%{http_code} ' "$HTTP/$KEY-[1-40]/200"
    cp "$tmp/out" "$seed.$index"
    is "answers with seed $((index / 2))" "$(wc -w <"$tmp/out")" 40
    is "requests of those that came through" \
      "$(server_lines | grep -c " /$KEY-")" "$(grep -o 200 "$tmp/out" | wc -l)"
  done
  is "the same seed" "$(cat "$seed.2")" "$(cat "$seed.3")"
  [ "$(cat "$seed.1")" != "$(cat "$seed.2")" ] ||
    problem+="# another seed makes the same"$'\n'
}

# --- and with retries ------------------------------------------------------

curl_gets_over_them() {
  local faults
  for faults in 503:first=2 dns:first=2 connect:first=2 tls:first=2 \
    timeout:first=2 reset:first=2 partial:first=2 reset:first=2,delay=10ms; do
    CURLRETRY_FAULTS=$faults get 200:size=100000
    delivered 0 100000
    saw GET:200
    retries 2
    like log "$LOG" '*injected*'
  done
  for faults in reset@60000:first=1 partial@99999:first=1 timeout@0:first=1; do
    CURLRETRY_FAULTS=$faults get 200:size=100000
    delivered 0 100000
    saw GET:200 GET:200
    retries 1
  done
}

a_body_that_was_handed_over_is_continued() {
  CURLRETRY_FAULTS=reset@3M:first=2 get 200:size=8000000:etag=v1:ranges
  delivered 0 8000000
  saw GET:200 GET:206 GET:206
  retries 2
}

an_upload_from_a_pipe_is_sent_again() {
  CURLRETRY_FAULTS=503:first=1,reset:first=2 put 201
  ended 0
  received PUT:201:whole
  retries 2
}

an_answer_over_tls_follows_one_without() {
  needs_certificate || return
  openssl s_server -www -accept 127.0.0.1:0 -key "$tmp/key.pem" \
    -cert "$tmp/cert.pem" >"$tmp/s_server" 2>&1 &
  SERVER_PIDS+=($!)
  soon grep -q '^ACCEPT' "$tmp/s_server" ||
    { problem+="# openssl s_server did not start"$'\n' && return; }
  local port
  port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$tmp/s_server")
  CURLRETRY_FAULTS=503:first=1,reset:first=2 shimmed --proto =https \
    --cacert "$tmp/cert.pem" -o /dev/null \
    -w '%{http_code} %{scheme} %{url_effective} %{ssl_verify_result}' \
    "https://localhost:$port/"
  ended 0
  is stdout "$(sed 's/HTTPS/https/' "$tmp/out")" \
    "200 https https://localhost:$port/ 0"
  retries 2
}

what_a_trace_says_is_marked() {
  local trace=$tmp/trace
  CURLRETRY_TRACE=$trace CURLRETRY_FAULTS=503:first=1,partial@10:first=2 \
    get 200:size=100
  delivered 0 100
  is "attempts" "$(jq -c 'select(.event == "attempt") |
    [.injected, .class, .status, .code]' "$trace" | paste -s -d ' ')" \
    '[true,"status",503,0] [true,"partial",200,18] [false,null,200,0]'
}

# --- other programs --------------------------------------------------------

gets_over_all() { # COMMAND...: as recovers()
  local faults arguments
  for faults in 503:first=2 reset:first=1,connect:first=2 \
    delay=20ms,partial@70000:first=1; do
    new_key
    arguments=("${@//@URL/$HTTP/$KEY/200:size=100000}")
    host CURLRETRY_FAULTS="$faults" "${arguments[@]}"
    delivered 0 100000
    case $faults in
    *@*) saw GET:200 GET:200 ;;
    *) saw GET:200 ;;
    esac
    like log "$LOG" '*injected*'
  done
}

php_gets_over_them() {
  have_output php-curl php -r 'exit(!extension_loaded("curl"));' || return
  gets_over_all php "$hosts/get.php" @URL
  new_key
  host CURLRETRY_FAULTS=dns CURLRETRY_MAX_RETRIES=0 php "$hosts/get.php" \
    "$HTTP/$KEY/200"
  ended 1
  like stderr "$(cat "$tmp/err")" 'Could not resolve host: 127.0.0.1*'
  saw
}

pycurl_gets_over_them() {
  have_output python3-pycurl "$PYTHON" -c 'import pycurl' || return
  gets_over_all "$PYTHON" "$hosts/get_pycurl.py" @URL
  new_key
  host CURLRETRY_FAULTS=reset CURLRETRY_MAX_RETRIES=0 "$PYTHON" \
    "$hosts/get_pycurl.py" "$HTTP/$KEY/200"
  ended 1
  like stderr "$(cat "$tmp/err")" \
    "*pycurl.error: (56, 'Recv failure: Connection reset by peer')*"
  saw
}

cmake_gets_over_them() {
  have cmake || return
  new_key
  host CURLRETRY_FAULTS=503:first=1,reset:first=2 cmake \
    "-DURL=$HTTP/$KEY/200:size=100000" "-DFILE=$tmp/file" \
    -P "$hosts/get.cmake"
  mv "$tmp/file" "$tmp/out"
  delivered 0 100000
  saw GET:200
  retries 2
}

all_of_twenty() { # NAME CODE STATUS SIZE, in any order, is what came
  is "what came" "$(cut -d ' ' -f 2-4 "$tmp/out" | sort | uniq -c |
    tr -s ' ')" ' 20 0 200 5000'
  is "requests" "$(server_lines | grep -c " /$KEY-")" 20
  retries 40
}

crowded=(CURLRETRY_BUDGET=off
  CURLRETRY_FAULTS='503:first=1,dns:first=2,delay=30ms')

many_at_once() { # COMMAND...
  local index urls=()
  new_key
  for index in {1..20}; do
    urls+=("$HTTP/$KEY-$index/200:size=5000:seed=x")
  done
  host "${crowded[@]}" "$@" "${urls[@]}"
  all_of_twenty
}

many_at_once_get_over_them() {
  if have_output php-curl php -r 'exit(!extension_loaded("curl"));'; then
    many_at_once php "$hosts/multi.php"
  fi
  have_output python3-pycurl "$PYTHON" -c 'import pycurl' || return
  many_at_once "$PYTHON" "$hosts/multi_pycurl.py" select
  many_at_once "$PYTHON" "$hosts/multi_pycurl.py" socket
}

parallel_curl_gets_over_them() {
  new_key
  host "${crowded[@]}" "$CURL_PROGRAM" -q -sS -Z --no-progress-meter \
    --noproxy '' -o "$tmp/file.#1" \
    -w 'x %{exitcode} %{http_code} %{size_download}\n' \
    "$HTTP/$KEY-[1-20]/200:size=5000:seed=x"
  ended 0
  all_of_twenty
  is "files" "$(cat "$tmp"/file.* | sha)" \
    "$(for _ in {1..20}; do "$FAULTY" body x 5000; done | sha)"
}

git_gets_over_them() {
  local work=$tmp/work clone=$tmp/clone
  have git "$PYTHON" || return
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  git init -q -b main "$work"
  head -c 300000 /dev/urandom >"$work/file"
  git -C "$work" add file
  git -C "$work" -c user.name=x -c user.email=x@localhost commit -q -m x
  mkdir -p "$site/git"
  git clone -q --bare "$work" "$site/git/smart.git"
  serve_site "$site"
  host CURLRETRY_FAULTS=503:first=1,reset:first=2 \
    git clone -q "$SITE/git/smart.git" "$clone"
  ended 0
  is "SHA-256 of the file" "$(sha "$clone/file")" "$(sha "$work/file")"
  site_saw '*/info/refs*' GET:200
  site_saw '*/git-upload-pack' POST:200 POST:200
  retries 6
  rm -rf "$clone"
  host CURLRETRY_FAULTS=dns CURLRETRY_MAX_RETRIES=0 \
    git clone -q "$SITE/git/smart.git" "$clone"
  ended 128
  like stderr "$(cat "$tmp/err")" '*Could not resolve host: 127.0.0.1*'
}

# --- the README ------------------------------------------------------------

# Its three lines, on a job that is one curl.
the_readme_s_examples() {
  local line index=0 launcher
  launcher=$(dirname "$SHIM")/curlretry
  mkdir -p "$tmp/job"
  cat >"$tmp/job/job.sh" <<SH
exec "$CURL_PROGRAM" -q -sS --noproxy '' \
  --resolve api.example.org:$HTTP_PORT:127.0.0.1 \
  "http://api.example.org:$HTTP_PORT/\$KEY/200:size=30000"
SH
  sed -i '1i #!/bin/sh' "$tmp/job/job.sh"
  chmod +x "$tmp/job/job.sh"
  while read -r line; do
    new_key
    (cd "$tmp/job" && KEY=$KEY CURLRETRY_FAULTS='' timeout -k 5 30 sh -c \
      "${line/#curlretry/$launcher}" >"$tmp/out" 2>"$tmp/err" </dev/null)
    RC=$?
    read_errors
    like "log of '$line'" "$LOG" '*transfers fail on purpose*'
    case $((index++)) in
    0)
      ended 6
      saw
      ;;
    1) like 'exit code' "$RC" '@(0|56)' ;;
    2)
      delivered 0 30000
      saw GET:200
      retries 2
      ;;
    esac
  done < <(sed -n '/^## Does my program/,/^## Variables/p' "$tree/README.md" |
    grep '^curlretry ')
  is examples "$index" 3
}

# --- who is not meant, and mistakes ----------------------------------------

hosts_and_programs_select() {
  CURLRETRY_FAULTS=503 CURLRETRY_HOSTS='!127.0.0.1' get 200:size=50
  delivered 0 50
  silent
  CURLRETRY_FAULTS=503 CURLRETRY_PROGRAMS='!curl' get 200:size=50
  delivered 0 50
  silent
  CURLRETRY_FAULTS=503 CURLRETRY_DISABLE=1 get 200:size=50
  delivered 0 50
  silent
}

a_mistake_is_said_and_nothing_fails() {
  CURLRETRY_FAULTS=503:lots get 200:size=50
  delivered 0 50
  like log "$LOG" \
    'curlretry: CURLRETRY_FAULTS=503:lots: not understood; accepted: *'
  saw GET:200
}

ftp_has_the_classes_and_no_status() {
  new_key
  CURLRETRY_FAULTS=503,connect CURLRETRY_MAX_RETRIES=0 shimmed \
    "ftp://127.0.0.1:$HTTP_PORT/x"
  ended 7
  CURLRETRY_FAULTS=timeout CURLRETRY_MAX_RETRIES=0 shimmed \
    "ftp://127.0.0.1:$HTTP_PORT/x"
  ended 28
  saw
}

run_tests "$0"
