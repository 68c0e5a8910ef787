#!/bin/bash
# Bodies that break on their way from real servers: nginx (HTTP/2 and 1.1 over
# TLS, gzip and br decoded by libcurl), vsftpd; and a large one, whose memory
# is looked at. A server that isn't installed is a skipped test.
#
# Environment: VSFTPD, NGINX; TEST_LONG=1: 4 GiB and 20 resets instead of 512
# MiB and 5 (CURLRETRY_TEST_LONG=1 too, where no policy is being read yet).
set -u
is_long=${TEST_LONG-}${CURLRETRY_TEST_LONG-}
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source-path=SCRIPTDIR source=spool.sh
. "$(dirname "$0")/spool.sh"
NGINX=${NGINX:-nginx}
export CURLRETRY_HOLD_BYTES=64K
size=3000000

# --- nginx -----------------------------------------------------------------

# A brotli stream of stored blocks (RFC 7932, 9.2): no compressor is needed.
brotli_of() { # FILE
  python3 - "$1" <<'PYTHON'
import sys
data, piece, first = open(sys.argv[1], "rb").read(), 65536, True
for at in range(0, len(data), piece):
    part = data[at:at + piece]
    # window bits (once, 0), not last, 4 nibbles of length, length, stored
    bits = (0 << 0 | (len(part) - 1) << 3 | 1 << 19) << (1 if first else 0)
    sys.stdout.buffer.write(bits.to_bytes(3, "little") + part)
    first = False
sys.stdout.buffer.write(b"\x03")
PYTHON
}

make_site() { # the files
  mkdir -p "$site/br" "$site/gzip"
  "$FAULTY" body v $size >"$site/file"
  seq 500000 >"$site/gzip/numbers"
  brotli_of "$site/file" >"$site/br/file"
}

write_nginx_conf() { # PORT
  cat <<CONF
pid $tmp/nginx.pid;
error_log $tmp/nginx.error;
daemon off;
$([ "$(id -u)" != 0 ] || echo 'user root;')
events { worker_connections 64; }
http {
  log_format seen '\$server_protocol \$status \$http_range \$http_if_range';
  access_log $tmp/nginx.log seen;
  client_body_temp_path $tmp/nginx.body;
  proxy_temp_path $tmp/nginx.proxy;
  fastcgi_temp_path $tmp/nginx.fastcgi;
  uwsgi_temp_path $tmp/nginx.uwsgi;
  scgi_temp_path $tmp/nginx.scgi;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:$1 ssl http2;
    ssl_certificate $tmp/cert.pem;
    ssl_certificate_key $tmp/key.pem;
    root $site;
    location /br/ { add_header Content-Encoding br; }
    location /gzip/ { gzip on; gzip_types application/octet-stream; }
  }
}
CONF
}

# needs_nginx: starts it once; sets NGINX_PORT. False: the test is skipped.
needs_nginx() { # sets NGINX_PORT
  have "$NGINX" && needs_certificate || return
  [ -z "${NGINX_PORT-}" ] || return 0
  make_site
  serve_python hold_port.py 127.0.0.1
  NGINX_PORT=$PORTS
  write_nginx_conf "$NGINX_PORT" >"$tmp/nginx.conf"
  "$NGINX" -e "$tmp/nginx.error" -c "$tmp/nginx.conf" &
  SERVER_PIDS+=($!)
  if ! soon answers 127.0.0.1 "$NGINX_PORT"; then
    is nginx "$(cat "$tmp/nginx.error")" running
    NGINX_PORT=
    return 1
  fi
}

# through PLAN PATH ARG...: get it through a TCP proxy that breaks.
through() { # PLAN PATH ARG...
  start_tcp "$NGINX_PORT" "$1"
  : >"$tmp/nginx.log"
  shimmed -k -w '%{stderr}code %{http_code} version %{http_version}' \
    "${@:3}" "https://127.0.0.1:$TCP_PORT/$2"
}

# logged LINE...: what nginx says it answered.
logged() { # LINE...
  is "requests nginx saw" "$(sed 's/"[^"]*"/TAG/' "$tmp/nginx.log")" \
    "$(printf '%s\n' "$@")"
}

# connections COUNT: through the proxy.
connections() { # COUNT
  is connections "$(tcp_log "$1" | wc -l)" "$1"
}

http2_over_tls_is_continued() {
  needs_nginx || return
  through rst@1000000,rst@700000,pass file --http2
  ended 0
  body $size v
  retries 2
  connections 3
  like "written out" "$ERR" '*code 200 version 2'
  # before libcurl 8.1 what it has is no proof of its own length
  if ! libcurl_from 8.1.0; then
    is protocols "$(cut -d ' ' -f 1,2 "$tmp/nginx.log" | paste -s -d ,)" \
      'HTTP/2.0 200,HTTP/2.0 200,HTTP/2.0 200'
    return
  fi
  is protocols "$(cut -d ' ' -f 1,2 "$tmp/nginx.log" | paste -s -d ,)" \
    'HTTP/2.0 200,HTTP/2.0 206,HTTP/2.0 206'
  at_least "first byte asked for" "$(sed -n 's/.*bytes=\([0-9]*\)-.*/\1/p' \
    "$tmp/nginx.log" | head -n 1)" 900000
}

http1_over_tls_is_continued() {
  needs_nginx || return
  through close@1000000,rst@70000,pass file --http1.1
  ended 0
  body $size v
  retries 2
  like "written out" "$ERR" '*code 200 version 1.1'
  is statuses "$(cut -d ' ' -f 2 "$tmp/nginx.log" | paste -s -d ,)" \
    200,206,206
}

# The one gzipped as it is sent has no length and a weak ETag.
gzip_decoded_over_tls_is_repeated_and_proved() {
  local version
  needs_nginx || return
  for version in --http2 --http1.1; do
    through rst@400000,rst@600000,pass gzip/numbers --compressed $version
    ended 0
    is "SHA-256 of the numbers" "$(sha "$tmp/out")" \
      "$(sha "$site/gzip/numbers")"
    retries 2
    is requests "$(wc -l <"$tmp/nginx.log")" 3
    is "ranges asked for" "$(grep -c bytes= "$tmp/nginx.log")" 0
  done
}

br_decoded_over_tls_is_repeated_and_skipped() {
  needs_nginx && has_feature brotli || return
  through rst@1000000,rst@2000000,pass br/file --compressed
  ended 0
  body $size v
  retries 2
  is "ranges asked for" "$(grep -c bytes= "$tmp/nginx.log")" 0
}

changed_file_is_not_continued() {
  needs_nginx || return
  cp "$site/file" "$site/changes"
  touch -d '1 hour ago' "$site/changes" # nginx makes the ETag of its time
  start_tcp "$NGINX_PORT" rst@1000000,pass
  "$FAULTY" body w $size >"$site/new"
  : >"$tmp/err"
  (soon grep -q 'curlretry: retry' "$tmp/err" &&
    mv "$site/new" "$site/changes") &
  CURLRETRY_BASE_DELAY=4s CURLRETRY_MAX_RETRIES=1 \
    shimmed -k "https://127.0.0.1:$TCP_PORT/changes"
  wait $!
  ended 56
  body_begins "$(stat -c %s "$tmp/out")" $size v
  at_least bytes "$(stat -c %s "$tmp/out")" 65536
  retries 1
  gave_up 'not resumed'
}

handshakes_that_break_are_retried() {
  needs_nginx || return
  through rst@100,close@1,pass file
  ended 0
  body $size v
  retries 2
}

# --- FTP -------------------------------------------------------------------

needs_site_by_ftp() { # BYTES...: where downloads break so
  have "$VSFTPD" || return
  [ -e "$site/file" ] || make_site
  needs_ftp down "$@"
}

ftp_body_is_repeated_and_proved() {
  needs_site_by_ftp 1000000 2000000 all || return
  over_ftp shimmed file
  ended 0
  body $size v
  retries 2
}

ftp_body_that_is_only_held_is_discarded() {
  needs_site_by_ftp 30000 all || return
  over_ftp shimmed file
  ended 0
  body $size v
  retries 1
}

ftp_missing_file_is_not_retried() {
  needs_site_by_ftp all || return
  over_ftp shimmed absent
  ended 78
  silent_but_for_curl
}

silent_but_for_curl() { # no line of the shim's
  is "lines of the shim" "$LOG" ''
}

# --- memory ----------------------------------------------------------------

# peak_of PRELOAD PLAN: sets PEAK, in KiB, RC and SUM.
peak_of() { # PRELOAD PLAN
  local pid sum
  new_key
  [ -p "$tmp/body" ] || mkfifo "$tmp/body"
  sha "$tmp/body" >"$tmp/sum" &
  sum=$!
  LD_PRELOAD=$1 CURLRETRY_MAX_RETRIES=20 CURLRETRY_BUDGET=off "${stock[@]}" \
    "$HTTP/$KEY/$2" >"$tmp/body" 2>"$tmp/err" &
  pid=$!
  look_at_curl "$pid"
  wait "$pid"
  RC=$?
  wait "$sum"
  SUM=$(cat "$tmp/sum")
  read_errors
}

large_body_with_resets_takes_no_memory() {
  local plain plan resets=5 large=512M
  [ -z "$is_long" ] || { resets=20 && large=4G; }
  plan=200:size=$large:seed=v:etag=v1:ranges
  peak_of '' "$plan"
  ended 0
  plain=$PEAK
  at_least "KiB unshimmed" "$plain" 1000
  local expected=$SUM
  peak_of "$SHIM" "200*$resets${plan#200}:rst@100M,$plan"
  ended 0
  is SHA-256 "$SUM" "$expected"
  retries $resets
  at_least "KiB left of 4 MiB more than $plain" $((plain + 4096 - PEAK)) 0
  echo "# $large, $resets resets: $PEAK KiB, unshimmed $plain KiB"
}

run_tests "$0"
