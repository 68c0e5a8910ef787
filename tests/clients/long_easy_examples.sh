#!/bin/bash
# The examples of libcurl's own documentation that use curl_easy_perform(), of
# which only URLs are changed: the same output and requests with the shim, and
# rescued where the first request fails.
set -u
# shellcheck source-path=SCRIPTDIR source=examples.sh
. "$(dirname "$0")/examples.sh"

# NAME|REQUESTS|ARGUMENTS|OPTIONS: the requests are those of a run in which
# nothing fails; arguments are of the program, with FILE and URL, options of
# the compiler. https becomes http.
gets='
altsvc|GET
cacertinmem|GET GET||-lssl -lcrypto
certinfo|GET
chkspeed|GET|URL
cookie_interface|GET GET
debug|GET
getinfo|GET
getinmemory|GET
getredirect|GET
getreferrer|GET
headerapi|GET
htmltidy|GET|URL|-ltidy
http3|GET
httpcustomheader|GET
https|GET
multithread|GET GET GET GET
persistent|GET GET
progressfunc|GET
resolve|GET
sepheaders|GET
shared-connection-cache|GET GET GET
simple|GET
simplessl|GET
threaded-ssl|GET GET GET GET||-DUSE_OPENSSL -lcrypto
url2file|GET|URL
urlapi|GET
usercertinmem|GET GET||-lssl -lcrypto
xmlstream|GET||-lexpat
'
puts='
anyauthput|PUT|FILE URL
fileupload|PUT
httpput-postfields|PUT|URL
httpput|PUT|FILE URL
'
posts='
http-post|POST
post-callback|POST
postinmemory|POST
postit2-formadd|POST
postit2|POST
simplepost|POST
'

# NAME|COMMAND: of its commands one, when nothing fails.
by_ftp='
ftpget|RETR
ftpgetinfo|SIZE
ftpgetresp|LIST
ftpupload|STOR
'

# NAME|OPENED: files, at the server.
by_sftp='
sftpget|read /file
sftpuploadresume|read /file,append /file
'

# With a test of their own below.
others='
externalsocket|a socket of its own
sendrecv|curl_easy_send() and curl_easy_recv()
ftp-wildcard|passed through
'

# What they need, or where they are.
left_out='
imap-*|in long_mail_examples, but for -ssl and -tls
pop3-*|in long_mail_examples, but for -ssl and -tls
smtp-*|in long_mail_examples, but for -ssl and -tls
ftpsget|needs FTP with TLS, by a server that data connections can be lost to
ftpuploadfrommem|needs a login; the FTP server here knows nobody
ftpuploadresume|active FTP: the server connects to the client
href_extractor|needs htmlstreamparser, which Debian has not
htmltitle|needs libxml2-dev, which brings the headers of ICU
multi-formadd|names the function in a comment; it is in long_multi_examples
sessioninfo|needs a libcurl that uses GnuTLS
smooth-gtk-thread|needs GTK, and a display
synctime|is for Windows
'

every_example_is_here_or_left_out() {
  local name
  have_file libcurl4-doc "$examples" || return
  is "neither here nor left out" "$(
    cd "$examples" || return
    grep -l curl_easy_perform -- *.c *.cpp | while read -r name; do
      is_listed "${name%.*}" || echo "$name"
    done)" ''
  is "here" "$(grep -c '|' <<<"$gets$puts$posts$by_ftp$by_sftp$others")" 47
}

is_listed() { # NAME
  local glob rest
  while IFS='|' read -r glob rest; do
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $1 == ${glob:-none} ]] && return
  done <<<"$gets$puts$posts$by_ftp$by_sftp$others$left_out"
  return 1
}

# --- HTTP ------------------------------------------------------------------

# Its URLs, whole strings of the program; and the other places that say where
# they are.
urls_to() { # NAME URL
  echo "s#\"(https?|HTTPS|file|ftp)://[^\"]*\"#\"$2\"#
    s#\"(localhost|www.example)\"#\"$2\"#
    s#\"example.com:443:#\"example.com:$HTTP_PORT:#"
  [ "$1" != resolve ] ||
    echo "s#\"$2\"#\"${2/127.0.0.1/example.com}\"#"
  [ "$1" != getreferrer ] || # not what is asked for
    printf '%s\n' "/CURLOPT_REFERER/s#\"$2\"#\"https://example.org/referrer\"#"
}

# run_example RUNNER NAME PLAN [ARGUMENT...]: in a new folder that has the
# files it asks for; the log has the requests of this run.
run_example() { # RUNNER NAME PLAN [ARGUMENT...]
  local word arguments=()
  KEY=$2
  "${SERVER_CURL[@]}" -X DELETE "$HTTP/_log"
  server_plan "$KEY" "$3"
  new_work
  head -c 5000 "$UPLOAD" >"$work/debugit"
  cp "$tmp/$2.c" "$work"
  for word in "${@:4}"; do
    word=${word/FILE/debugit}
    arguments+=("${word/URL/$HTTP/$KEY}")
  done
  "$1" env -C "$work" "$tmp/$2" "${arguments[@]}"
}

# Without what another run has otherwise: times, addresses, how often progress
# is told, the boundary of a form.
steadily() { # stdin
  sed -E 's/[0-9]+\.[0-9]+/N/g; s/(after|speed:|Speed:) [0-9]+/\1 N/
    s/^(.*[Dd]ate: ).*/\1N/; s/0x[0-9a-f]+/N/g; s/\<1[0-9]{9}\>/N/g
    /^UP: 0 of 0  DOWN: 0 of 0/d; s/.*--:--:--.*/METER/
    s/-{24}[0-9a-f]{16}/BOUNDARY/g'
}

# result [errors]: what came of it for the program, all but the requests.
result() { # [errors]
  local file
  echo "exit $RC"
  [ -z "${1-}" ] || steadily <"$tmp/err"
  for file in "$tmp/out" "$work"/*; do
    [ -e "$file" ] || continue
    echo "${file##*/} $(steadily <"$file" | sha256sum)"
  done
}

# requests STATUS-CLASS: the whole of those that were answered so.
requests() { # STATUS-CLASS
  server_log "$KEY" | steadily | jq -c --arg class "$1" \
    'select(.status / 100 | floor == ($class | tonumber)) | [.method, .status,
      .body_length, .path, .headers] +
      (if (.headers["content-type"] // "" | test("boundary")) then []
       else [.body_sha256] end)'
}

# The answer, when nothing fails.
good_answer() { # METHOD
  case $1 in
  GET) echo '200:body=<html><title>a</title>x</html>:type=text%2Fhtml' ;;
  *) echo 201:body=stored ;;
  esac
}

keep() { # RUNNER [errors]: of the run over HTTP that was made last
  { result "${2-}" && requests 2; } >"$tmp/result.$1"
}

same() { # WHEN: what came of the two runs
  is "what differs $1" \
    "$(diff "$tmp/result.alone" "$tmp/result.host" | cut -c 1-300)" ''
}

# shellcheck disable=SC2086 # lists of words
example_by_http() { # NAME REQUESTS ARGUMENTS OPTIONS
  local method=${2%% *} good bad seen
  good=$(good_answer "$method")
  example "$1" "$(urls_to "$1" "$HTTP/$1")" $4 || return
  run_example alone "$1" "$good" $3
  keep alone errors
  is "requests without the shim" \
    "$(requests 2 | jq -r '.[0]' | paste -s -d ' ')" "$2"
  keep plain
  run_example host "$1" "$good" $3
  keep host errors
  same 'with the shim'
  retries 0
  mv "$tmp/result.plain" "$tmp/result.alone"
  for bad in 503 rst; do
    seen=${bad/rst/0}
    if [ "$method" = POST ]; then
        run_example host "$1" "$bad,$good" $3
      saw "POST:$seen"
      retries 0
    fi
    CURLRETRY_METHODS=all run_example host "$1" "$bad,$good" $3
    keep host
    same "after $bad"
    is "requests that failed by $bad" "$(server_lines "$KEY" |
      awk '$8 < 200 || $8 > 299 { print $2 ":" $8 }')" "$method:$seen"
    retries 1
  done
}

# Each row of a table, which FUNCTION gets in words.
each() { # FUNCTION TABLE
  local name two three four before skipped_ones=''
  while IFS='|' read -r name two three four; do
    [ -n "$name" ] || continue
    before=$problem
    "$1" "$name" "$two" "$three" "$four"
    [ -z "$reason" ] || skipped_ones+="${skipped_ones:+; }$name: $reason"
    reason=''
    [ "$problem" = "$before" ] || problem+="# that was $name"$'\n'
  done <<<"$2"
  reason=$skipped_ones
}

downloads_are_rescued() {
  each example_by_http "$gets"
}

puts_are_rescued() {
  each example_by_http "$puts"
}

posts_are_rescued_where_that_is_allowed() {
  each example_by_http "$posts"
}

# --- FTP -------------------------------------------------------------------

# ftp_run RUNNER NAME PLAN: with a control connection that breaks so.
ftp_run() { # RUNNER NAME PLAN
  rm -f "$site"/renamed-* "$site"/while-*
  : >"$tmp/vsftpd.log"
  start_faulty tcp --to 127.0.0.2 --log "$tmp/control.log" "${FTP##*:}" "$3"
  example "$2" "s#\"ftp://[^\"]*/\"#\"ftp://127.0.0.1:$SERVER_PORT/\"#
    s#\"ftp://[^\"]*[^/]\"#\"ftp://127.0.0.1:$SERVER_PORT/file\"#
    s#/tmp/(uploadthis)#$work/\1#" || return
  new_work
  cp "$UPLOAD" "$work/uploadthis.txt"
  "$1" env -C "$work" TZ=UTC "$tmp/$2"
  { result
    sed -n 's/.*FTP command: .*, "\(.*\)"/\1/p' "$tmp/vsftpd.log"
    cd "$site" && sha256sum -- *; } >"$tmp/result.$1"
}

example_by_ftp() { # NAME COMMAND
  ftp_run alone "$1" pass || return
  is "$2" "$(grep -c "^$2" "$tmp/result.alone")" 1
  ftp_run host "$1" pass
  same 'with the shim'
  retries 0
  ftp_run host "$1" rst,pass
  same 'after a reset'
  retries 1
}

ftp_transfers_are_rescued() {
  rm -rf "$site" && mkdir -p "$site"
  needs_ftp down all || return
  cp "$UPLOAD" "$site/file"
  each example_by_ftp "$by_ftp"
}

# Its data connection breaks.
broken_ftpget_is_rescued() {
  rm -rf "$site" && mkdir -p "$site"
  needs_ftp down 100000 all || return
  cp "$UPLOAD" "$site/file"
  ftp_run alone ftpget pass || return
  is "bytes without the shim" "$(stat -c %s "$work/curl.tar.gz")" 100000
  rm -rf "$site" && mkdir -p "$site"
  needs_ftp down 100000 all
  cp "$UPLOAD" "$site/file"
  ftp_run host ftpget pass
  is SHA-256 "$(sha "$work/curl.tar.gz")" "$UPLOAD_SHA"
  retries 1
}

# --- SFTP ------------------------------------------------------------------

sftp_run() { # RUNNER NAME PLAN
  needs_sftp "$3" || return
  head -c 100000 "$UPLOAD" >"$site/file"
  example "$2" "s#\"sftp://[^\"]*\"#\"$SFTP/file\"#" || return
  new_work
  cp "$UPLOAD" "$work/filename"
  CURLRETRY_ON=default,curl:79 "$1" env -C "$work" "$tmp/$2"
  { result && sha "$site/file"; } >"$tmp/result.$1"
}

example_by_sftp() { # NAME OPENED
  sftp_run alone "$1" pass || return
  opened "$2"
  sftp_run host "$1" pass
  same 'with the shim'
  opened "$2"
  retries 0
}

sftp_transfers_are_the_same() {
  each example_by_sftp "$by_sftp"
}

broken_sftpget_is_rescued() {
  sftp_run host sftpget rst@50000,pass || return
  is SHA-256 "$(sha "$work/yourfile.bin")" "$(sha "$site/file")"
  opened 'read /file,read /file'
  retries 1
}

# Whoever asks for the size at the server is a handle of its own.
broken_sftpuploadresume_appends_once() {
  sftp_run host sftpuploadresume pass,uprst@100000,pass || return
  opened 'read /file,append /file'
  retries 0
}

# --- the others ------------------------------------------------------------

# Its descriptor can be had once. (With libcurl 7.88 it fails: that doesn't
# know a socket that is connected already.)
socket_of_its_own_is_used_once() {
  local plan runner place=127.0.0.1:$HTTP_PORT
  example externalsocket "s#99.99.99.99:9999#$place/externalsocket#
    s#(define PORTNUM) .*#\1 $HTTP_PORT#" || return
  for plan in 200:body=whole rst,200:body=whole; do
    for runner in alone host; do
      run_example "$runner" externalsocket "$plan"
      keep "$runner" errors
    done
    same "with $plan"
    retries 0
  done
}

sent_and_received_by_hand_is_passed_through() {
  local runner
  example sendrecv "s#https://example.com#$HTTP#" || return
  for runner in alone host; do
    "$runner" "$tmp/sendrecv"
    ended 0
    like "stdout of $runner" "$(cat "$tmp/out")" \
      $'Sending request.\nSent 37 bytes.\nReading response.\nReceived *'
  done
  retries 0
}

# Its pattern is of files by any name; a reset is its own matter.
wildcard_is_passed_through() {
  local runner plan
  rm -rf "$site" && mkdir -p "$site"
  needs_ftp down all || return
  echo one >"$site/one"
  echo two >"$site/two"
  for plan in pass rst,pass; do
    for runner in alone host; do
      start_faulty tcp --to 127.0.0.2 --log "$tmp/control.log" "${FTP##*:}" \
        "$plan"
      example ftp-wildcard \
        "s#ftp://example.com/test/#ftp://127.0.0.1:$SERVER_PORT/#" || return
      new_work
      "$runner" env -C "$work" "$tmp/ftp-wildcard"
      result >"$tmp/result.$runner"
      [ "$plan" != pass ] || is "what it wrote" "$(cat "$work"/*)" $'one\ntwo'
    done
    same "with $plan"
  done
  retries 0
}

run_tests "$0"
