#!/bin/bash
# Options that change what a byte of the body is: the rest is asked for where
# it can be proved to be the rest, else everything or nothing.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source-path=SCRIPTDIR source=resume.sh
. "$(dirname "$0")/resume.sh"

# --- HTTP_TRANSFER_DECODING, HTTP_CONTENT_DECODING ---------------------------

# The chunks' heads are a part of what the program gets.
undecoded_transfer_is_not_resumed() {
  local framing
  for framing in chunked chunked=1000 cl; do
    get "$tagged:$framing:rst@150000,$tagged:$framing" --raw
    ended 56
    is "requests with $framing" "$(server_count "$KEY")" 1
    gave_up 'already handed over'
  done
}

held_undecoded_transfer_is_retried() {
  as_unshimmed "200:size=60000:seed=s:chunked" --raw
  get "200:size=60000:seed=v:cl:rst@50000,200:size=60000:seed=v:cl" --raw
  ended 0
  body 60000 v
}

undecoded_content_is_proved_by_its_bytes() {
  get "$whole:gzip:rst@150000,$whole:gzip"
  ended 0
  asked - -
  get "$tagged:gzip:rst@150000,$tagged:rst@200000,$tagged:gzip"
  ended 0
  is "SHA-256 of what gunzip says" \
    "$(gunzip <"$tmp/out" | sha256sum | cut -d ' ' -f 1)" \
    "$(body_sha v $size)"
}

content_that_is_not_encoded_although_asked_is_continued() {
  get "$tagged:rst@150000,$tagged" --compressed
  continued
  asked - bytes=150000-
  get "$tagged:rst@150000,$tagged" --tr-encoding
  continued
  asked - bytes=150000-
}

# --- lengths -----------------------------------------------------------------

length_that_is_ignored_proves_nothing() {
  local plan=$tagged:connclose
  get "$plan:rst@150000,$plan" --ignore-content-length
  continued
  asked - bytes=150000-
  get "$plan:rst@150000,200:size=$size:seed=w:etag=v2:connclose" \
    --ignore-content-length
  broken 56 150000
  is requests "$(server_count "$KEY")" 2
}

# libcurl compares it with what one attempt gets.
bound_on_the_size_repeats_a_body_of_unknown_length() {
  get "$tagged:chunked:rst@150000,$tagged:chunked" --max-filesize 1000000
  continued
  asked - -
  get "$tagged:rst@150000,$tagged" --max-filesize 1000000
  continued
  asked - bytes=150000-
}

# --- ranges of the program ---------------------------------------------------

several_ranges_are_not_resumed() {
  get "$tagged:rst@100000,$tagged" -r 0-199999,250000-299999
  ended 56
  asked bytes=0-199999,250000-299999
}

suffix_that_moved_is_another_part() {
  local more=200:size=310000:seed=v
  get "$whole:ranges:rst@100000,$more:ranges" -r -250000
  ended 56
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 100000
  get "$tagged:rst@100000,$more:ranges:etag=v2" -r -250000
  ended 56
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 100000
}

range_of_a_header_is_repeated_and_skipped() {
  get "$tagged:rst@100000,$tagged" -H 'Range: bytes=1000-200000'
  ended 0
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 199001
  get "$tagged:rst@100000,200:size=$size:seed=w:etag=v2:ranges" \
    -H 'Range: bytes=1000-200000'
  ended 56
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 100000
}

# --- CURLOPT_HEADER ----------------------------------------------------------

included_headers_are_no_part_of_the_offset() {
  get "$tagged:chunked:trailer=X-T~1:rst@150000,\
$tagged:chunked:trailer=X-T~1" -i
  ended 0
  asked - bytes=150000-
  is "status lines" "$(grep -a -c ^HTTP/ "$tmp/out")" 1
  is "SHA-256 of the body" "$(sed '1,/^\r$/d' "$tmp/out" | head -c $size |
    sha256sum | cut -d ' ' -f 1)" "$(body_sha v $size)"
}

# --- FTP's ASCII type --------------------------------------------------------

# text FILE WORD: 25000 lines of it.
text() { # FILE WORD
  seq -f "$2 %05g" 25000 | sed 's/$/\r/' >"$1"
}

# libcurl takes the CRs out; SIZE counts them.
converted_text_is_continued_whatever_its_size() {
  text "$tmp/one" line
  local type
  for type in '' ';type=a' ';type=A'; do
    serve_python ftp_text.py "$tmp/one" "$tmp/one" "$tmp/one"
    local options=(--use-ascii)
    [ -z "$type" ] || options=()
    shimmed "${options[@]}" "ftp://127.0.0.1:$PORTS/file$type"
    ended 0
    retries 2
    is "SHA-256 of the text" "$(sha "$tmp/out")" \
      "$(tr -d '\r' <"$tmp/one" | sha)"
  done
}

converted_text_of_another_version_is_not() {
  text "$tmp/one" line
  text "$tmp/two" LINE
  serve_python ftp_text.py "$tmp/one" "$tmp/two"
  shimmed --use-ascii "ftp://127.0.0.1:$PORTS/file"
  at_least "exit code" "$RC" 1
  is "lines of the other" "$(grep -c LINE "$tmp/out")" 0
  gave_up 'not resumed'
}

binary_file_of_another_version_may_be_the_same_next_time() {
  text "$tmp/one" line
  text "$tmp/two" LINE
  serve_python ftp_text.py "$tmp/one" "$tmp/two" "$tmp/one"
  shimmed "ftp://127.0.0.1:$PORTS/file"
  ended 0
  retries 2
  is "SHA-256 of the file" "$(sha "$tmp/out")" "$(sha "$tmp/one")"
}

# --- HTTP/0.9 ----------------------------------------------------------------

answer_without_headers_is_not_the_rest() {
  have python3 || return
  python3 -c '
import socket
listener = socket.create_server(("127.0.0.1", 0), backlog=9)
print(listener.getsockname()[1], flush=True)
for turn in range(4):
    c = listener.accept()[0]
    while c.recv(65536)[-4:] != b"\r\n\r\n": pass
    if turn == 0:
        c.sendall(b"HTTP/1.1 200 OK\r\nETag: \"v\"\r\n"
                  b"Content-Length: 200000\r\n\r\n" + b"a" * 100000)
    else:
        c.sendall(b"b" * 200000)
    c.close()' >"$tmp/old" &
  SERVER_PIDS+=($!)
  soon test -s "$tmp/old"
  shimmed --http0.9 "http://127.0.0.1:$(cat "$tmp/old")/"
  ended 18
  is "bytes of the first answer" "$(tr -d b <"$tmp/out" | wc -c)" 100000
  is "bytes of others" "$(tr -d a <"$tmp/out" | wc -c)" 0
}

run_tests "$0"
