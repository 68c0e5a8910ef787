#!/bin/bash
# A body that broke is continued with bytes of the same version or not at
# all: the program then gets the failure that broke it.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=resume.sh
. "$(dirname "$0")/resume.sh"

# --- versions are never mixed ----------------------------------------------

body_that_differs_on_each_request_is_not_continued() {
  local with
  for with in cl etag=vary:ranges wetag=vary; do
    get "200:size=$size:vary:$with:rst@150000,200:size=$size:vary:$with"
    ended 56
    asked_often
    body_begins 150000 $size "$KEY#1"
    gave_up 'not resumed*exhausted'
  done
}

# A stream can't wait for the version it was.
body_of_unknown_length_that_differs_ends_at_once() {
  local with
  for with in chunked eof chunked:etag=vary:ranges chunked:wetag=vary; do
    get "200:size=$size:vary:$with:rst@150000,200:size=$size:vary:$with"
    ended 56
    is "requests with $with" "$(server_count "$KEY")" 2
    body_begins 150000 $size "$KEY#1"
    gave_up 'not resumed'
  done
}

decoded_body_that_differs_is_not_continued() {
  local plan=200:size=$size:vary:gzip
  get "$plan:close@150000,$plan" --compressed
  ended 18
  body_begins "$(stat -c %s "$tmp/out")" $size "$KEY#1"
  at_least "bytes" "$(stat -c %s "$tmp/out")" $hold
}

changed_etag_is_the_original_failure() {
  local other=200:size=$size:seed=w:etag=v2
  get "$tagged:rst@150000,$other:ranges"
  broken 56 150000
  get "$tagged:close@150000,$other" -o "$tmp/file" \
    -w '%{http_code} %{size_download} %{exitcode}'
  ended 18
  text_out '200 150000 18'
  is "SHA-256 of the file" "$(sha "$tmp/file")" \
    "$("$FAULTY" body v $size | head -c 150000 | sha256sum |
      cut -d ' ' -f 1)"
}

shorter_or_longer_repetition_is_refused() {
  local again
  for again in size=100000:seed=v size=310000:seed=v \
    size=100000:seed=v:chunked size=0:chunked; do
    get "$whole:rst@150000,200:$again"
    broken 56 150000
    gave_up 'not resumed'
  done
}

last_modified_that_changed_in_a_part_is_refused() {
  local part=206:size=150000:seed=w:crange=bytes%20150000-299999%2F$size
  get "$whole:lm=86400:ranges:rst@150000,$part:lm=3600"
  broken 56 150000
}

# Headers were handed over, no byte of the body: a strong ETag alone proves
# what follows them.
headers_of_one_version_get_no_body_of_another() {
  local with
  for with in cl,cl lm:ranges,lm:ranges lm=86400,lm=3600 wetag=v1,wetag=v1 \
    etag=v1,etag=v2 etag=v1:ranges,etag=v2:ranges etag=v1,cl; do
    CURLRETRY_HOLD_TIME=300ms get \
      "$whole:${with%,*}:stall@0=1500:rst@0,200:size=$size:seed=w:${with#*,}"
    ended 56
    is "bytes with $with" "$(stat -c %s "$tmp/out")" 0
  done
}

headers_alone_are_continued_by_their_strong_etag() {
  local with
  for with in etag=v1 etag=v1:ranges; do
    CURLRETRY_HOLD_TIME=300ms get \
      "$whole:$with:hdr=X-Of~first:stall@0=1500:rst@0,503,$whole:$with" \
      -D "$tmp/head"
    continued
    retries 2
    is "status lines" "$(grep -a -c ^HTTP/ "$tmp/head")" 1
    is X-Of "$(grep -a -c '^X-Of: first' "$tmp/head")" 1
  done
}

# etag LENGTH TEXT: as an option of a plan.
etag() { # LENGTH TEXT
  printf 'hdr=ETag~"%0*d%s"' "$1" 0 "$2"
}

etag_that_cannot_be_kept_is_still_one() {
  local length
  for length in 255 300 1000; do
    get "$whole:lm=86400:ranges:$(etag $length a):rst@150000,\
200:size=$size:seed=w:lm=86400:ranges:$(etag $length b)"
    broken 56 150000
    is "Ranges asked for" "$(header_of range)" '- - - -'
    get "$whole:lm=86400:ranges:$(etag $length a):rst@150000,\
$whole:lm=86400:ranges:$(etag $length a)"
    continued
    asked - -
  done
}

etags_that_differ_are_no_validator() {
  get "$whole:lm:ranges:etag=a:hdr=ETag~\"b\":rst@150000,\
200:size=$size:seed=w:lm:ranges:etag=a"
  broken 56 150000
  is "Ranges asked for" "$(header_of range)" '- - - -'
}

encoding_in_two_lines_is_still_one() {
  local second=206:size=150000:seed=w:etag=v1:crange=bytes%20150000-299999%2F
  get "$tagged:rst@150000,$second$size:hdr=Content-Encoding~gzip:\
hdr=Content-Encoding~identity"
  broken 56 150000
}

# Encoders are known to leave the ETag as it was.
encoded_body_is_proved_by_its_bytes() {
  get "$tagged:gzip:rst@150000,200:size=$size:seed=w:etag=v1:gzip"
  ended 56
  is "bytes on stdout" "$(stat -c %s "$tmp/out")" 150000
  asked_often
}

# lying_part OPTION...: a 206 that must not be taken.
lying_part() { # OPTION...
  get "$tagged:rst@150000,206:seed=w:$1"
  broken 56 150000
  gave_up 'not resumed*exhausted'
  asked_often
}

content_range_that_lies_is_refused() {
  local range
  for range in 0-149999%2F$size 150000-299999%2F 150000-299999%2Fx \
    150000-299999%2F100; do
    lying_part "size=150000:etag=v1:crange=bytes%20$range"
  done
  for range in 150001-299999 149999-299999 150000-299998 \
    150000-309999 160000-309999; do
    lying_part "size=150000:etag=v1:crange=bytes%20$range%2F$size"
  done
  lying_part "size=150000:etag=v1:crange=bytes%20150000-299999%2F300001"
  lying_part "size=150000:etag=v1:crange=items%20150000-299999%2F$size"
  lying_part size=150000:etag=v1
}

part_of_something_else_is_refused() {
  local right=size=150000:crange=bytes%20150000-299999%2F$size
  lying_part "$right:etag=v2"
  lying_part "$right:wetag=v1"
  lying_part "$right:etag=v1:hdr=Content-Encoding~gzip"
  lying_part "$right:etag=v1:type=multipart%2Fbyteranges"
}

multipart_answer_is_refused() {
  get "$tagged:rst@150000,$tagged:multipart"
  broken 56 150000
}

statuses_that_refuse_the_range_are_the_original_failure() {
  local status
  for status in 416 304 412 404 204 302; do
    get "$tagged:rst@150000,$status" -w '%{stderr}%{http_code}'
    broken 56 150000
    asked_often
    like "code with $status" "$ERR" '*200'
  done
}

# --- elsewhere -------------------------------------------------------------

redirector() { # KEY...: sets KEY to one that leads there, one after another
  local key plan=
  new_key
  for key in "$@"; do
    plan+=,302:to=$key
  done
  server_plan "$KEY" "${plan#,}"
}

body_behind_a_redirector_is_continued() {
  server_plan mirror1 "$tagged:rst@150000,$tagged"
  redirector mirror1
  shimmed -L "$HTTP/$KEY"
  continued
  asked - bytes=150000-
  is "Range at the mirror" "$(KEY=mirror1 header_of range)" '- bytes=150000-'
}

part_from_another_mirror_is_refused() {
  server_plan mirror2 "$tagged:rst@150000"
  server_plan mirror3 "$tagged"
  redirector mirror2 mirror3
  shimmed -L "$HTTP/$KEY"
  broken 56 150000
  gave_up 'another place'
}

repetition_of_another_mirror_is_proved() {
  server_plan mirror4 "$whole:rst@150000"
  server_plan mirror5 "$whole"
  redirector mirror4 mirror5
  shimmed -L "$HTTP/$KEY"
  continued
  server_plan mirror6 "$whole:rst@150000"
  server_plan mirror7 "200:size=$size:seed=w"
  redirector mirror6 mirror7
  shimmed -L "$HTTP/$KEY"
  broken 56 150000
}

run_tests "$0"
