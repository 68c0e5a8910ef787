# servers.sh - real servers behind relays that break connections by lot;
# sourced by chaos.sh after clients/setup.sh and clients/servers.sh. Each that
# is there is a line of $tmp/servers, see soak.h; one that isn't is named.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of clients/setup.sh, and for chaos.sh)

files=$site/files
life=3600 # of the relays, at most

# Of 64 sizes, each a quarter more than the one before: 0, 1 ... 3 MB.
make_bodies() {
  local index=0 size
  mkdir -p "$files" "$site"/{put,up,link,post}
  for size in $(awk 'BEGIN { for (i = 0; i < 63; i++)
    print int(exp(i * log(3000000) / 62)) }') 0; do
    "$FAULTY" body "b$size" "$size" >"$files/$(printf 'b%02d' "$index")"
    index=$((index + 1))
  done
  mv "$files/b63" "$files/b" # the empty one comes first
}

# behind_relay CHAOS PORT [OPTION...]: leaves RELAY, a port.
behind_relay() {
  start_faulty tcp --life $life --chaos "$1" "${@:3}" "$2" || return
  RELAY=$SERVER_PORT
}

# A line of the file.
add_server() { # NAME SCHEME VERSION URL PROXY STORE WEIGHT
  echo "$*" >>"$tmp/servers"
}

absent() { # NAME
  ABSENT+=" $1"
}

# --- nginx -----------------------------------------------------------------

# $sick are some of all requests, by key and attempt. What is posted is kept
# in files that the log names.
# HTTP/2 has a port of its own: libcurl 7.88 mixes up what it has of a host in
# both versions.
write_soak_nginx() { # HTTP2PORT TLSPORT PORT INNERPORT
  cat <<CONF
pid $tmp/nginx.pid;
error_log $tmp/nginx.error;
daemon off;
worker_processes 1;
$([ "$(id -u)" != 0 ] || echo 'user root;')
events { worker_connections 2048; }
http {
  log_format soak '\$request_uri \$http_x_attempt. \$request_method \$status '
    '\$server_protocol \$request_completion. \$request_body_file';
  client_body_temp_path $site/post;
  proxy_temp_path $tmp/nginx.proxy;
  fastcgi_temp_path $tmp/nginx.fastcgi;
  uwsgi_temp_path $tmp/nginx.uwsgi;
  scgi_temp_path $tmp/nginx.scgi;
  default_type application/octet-stream;
  client_max_body_size 0;
  split_clients \$request_uri#\$http_x_attempt \$sick {
    5% 503; 1% 502; 1% 429; * '';
  }
  map \$sick \$later { 429 1; default ''; }
  server {
    listen ${LISTEN:-127.0.0.1}:$1 ssl http2;
    listen ${LISTEN:-127.0.0.1}:$2 ssl;
    listen ${LISTEN:-127.0.0.1}:$3;
    access_log $tmp/nginx.log soak;
    ssl_certificate $tmp/cert.pem;
    ssl_certificate_key $tmp/key.pem;
    root $site;
    add_header Retry-After \$later always;
    if (\$sick = 503) { return 503; }
    if (\$sick = 502) { return 502; }
    if (\$sick = 429) { return 429; }
    location /get/ { rewrite ^/get/(\w+)/ /files/\$1 break; }
    location /gz/ {
      rewrite ^/gz/(\w+)/ /files/\$1 break;
      gzip on;
      gzip_types *;
      gzip_min_length 0;
    }
    location /put/ { dav_methods PUT; }
    location /post/ {
      client_body_in_file_only on;
      proxy_pass http://127.0.0.1:$4;
      proxy_pass_request_body off;
      proxy_set_header Content-Length '';
    }
  }
  server {
    listen 127.0.0.1:$4;
    access_log off;
    location / { return 201; }
  }
}
CONF
}

# Sets HTTP2_PORT, TLS_PORT, PLAIN_PORT.
start_nginx() {
  local ports=()
  have "$NGINX" && needs_certificate || return
  for _ in 1 2 3 4; do
    serve_python hold_port.py "${LISTEN:-127.0.0.1}"
    ports+=("$PORTS")
  done
  HTTP2_PORT=${ports[0]} TLS_PORT=${ports[1]} PLAIN_PORT=${ports[2]}
  write_soak_nginx "${ports[@]}" >"$tmp/nginx.conf"
  : >"$tmp/nginx.log"
  "$NGINX" -e "$tmp/nginx.error" -c "$tmp/nginx.conf" 2>/dev/null &
  SERVER_PIDS+=($!)
  NGINX_PID=$!
  soon answers "${LISTEN:-127.0.0.1}" "$PLAIN_PORT"
}

add_nginx() { # SEED
  start_nginx || { absent nginx && return; }
  behind_relay "$1~40~flips" "$HTTP2_PORT"
  add_server h2 http 2 "https://127.0.0.1:$RELAY" - "$site/put" 32
  behind_relay "$1~40~flips" "$TLS_PORT"
  add_server tls http 1 "https://127.0.0.1:$RELAY" - "$site/put" 20
  behind_relay "$1~40" "$PLAIN_PORT"
  add_server http http 1 "http://127.0.0.1:$RELAY" - "$site/put" 28
}

# --- a proxy ---------------------------------------------------------------

# Through CONNECT, and asked for what is to be got.
add_tinyproxy() { # SEED
  local proxy
  [ -n "${TLS_PORT-}" ] || return
  have tinyproxy || { absent tinyproxy && return; }
  serve_python hold_port.py 127.0.0.1
  cat >"$tmp/tinyproxy.conf" <<CONF
Port $PORTS
Listen 127.0.0.1
Timeout 20
MaxClients 250
LogFile "$tmp/tinyproxy.log"
LogLevel Critical
CONF
  tinyproxy -d -c "$tmp/tinyproxy.conf" >/dev/null 2>&1 &
  SERVER_PIDS+=($!)
  soon answers 127.0.0.1 "$PORTS" || { absent tinyproxy && return; }
  behind_relay "$1~30" "$PORTS"
  proxy=http://127.0.0.1:$RELAY
  add_server connect http 2 "https://127.0.0.1:$HTTP2_PORT" "$proxy" \
    "$site/put" 6
  add_server forward http 1 "http://127.0.0.1:$PLAIN_PORT" "$proxy" \
    "$site/put" 6
}

# --- FTP and SFTP ----------------------------------------------------------

# A row of ports that nobody uses, on both addresses.
free_ports() { # COUNT
  "$PYTHON" - "$1" <<'PYTHON'
import random, socket, sys
count = int(sys.argv[1])
while True:
    first, held = random.randrange(20000, 30000), []
    try:
        for port in range(first, first + count):
            for address in "127.0.0.1", "127.0.0.2":
                held.append(socket.socket())
                held[-1].bind((address, port))
        print(first)
        break
    except OSError:
        for one in held:
            one.close()
PYTHON
}

# Each data port of the server has a relay at the same port of 127.0.0.1. Of
# few ports, a connection that is late may meet the next session's: its end is
# then the end of that one's file (0 bytes, 226).
add_vsftpd() { # SEED
  local first port count=${FTP_PORTS:-16}
  have "$VSFTPD" || { absent vsftpd && return; }
  mkdir -p "$tmp/empty"
  first=$(free_ports "$count")
  for port in $(seq "$first" $((first + count - 1))); do
    behind_relay "$(($1 + port))~25~resets" "$port" --port "$port" \
      --to 127.0.0.2
  done
  serve_python hold_port.py 127.0.0.2
  {
    write_vsftpd_conf "$PORTS" "$first"
    echo "pasv_max_port=$((first + count - 1))"
    printf '%s\n' accept_timeout=2 data_connection_timeout=10 \
      idle_session_timeout=60 max_per_ip=0 log_ftp_protocol=NO
  } >"$tmp/vsftpd.conf"
  "$VSFTPD" "$tmp/vsftpd.conf" &
  SERVER_PIDS+=($!)
  soon answers 127.0.0.2 "$PORTS" || { absent vsftpd && return; }
  behind_relay "$1~20" "$PORTS" --to 127.0.0.2
  add_server ftp ftp - "ftp://127.0.0.1:$RELAY" - "$site/up" 5
}

add_sftp() { # SEED
  if ! "$PYTHON" -W ignore -c 'import asyncssh' 2>/dev/null ||
    ! "$CURL_PROGRAM" --version | grep -q -w sftp; then
    absent sftp
    return
  fi
  serve_python sftp_server.py "$site" /dev/null
  behind_relay "$1~25" "$PORTS"
  add_server sftp sftp - "sftp://u@127.0.0.1:$RELAY" - "$site/up" 3
}

# --- a bad link ------------------------------------------------------------

# nginx alone, at the link's other end; in a namespace of its own.
add_linked_nginx() { # SEED
  local LISTEN=10.9.0.1 far=10.9.0.2
  "$PYTHON" "$soak_folder/link.py" "$1" 1.5 >"$tmp/link" 2>"$tmp/link.err" &
  SERVER_PIDS+=($!)
  LINK_PID=$!
  soon grep -q up "$tmp/link"
  start_nginx || { absent nginx && return; }
  add_server h2 http 2 "https://$far:$HTTP2_PORT" - "$site/put" 40
  add_server tls http 1 "https://$far:$TLS_PORT" - "$site/put" 25
  add_server http http 1 "http://$far:$PLAIN_PORT" - "$site/put" 35
}

# All of them; SOAK_LINK: those behind a bad link.
start_servers() { # SEED
  ABSENT=
  : >"$tmp/servers"
  make_bodies
  if [ "${SOAK_LINK-}" = tun ]; then
    add_linked_nginx "$1"
    return
  fi
  add_nginx "$1"
  add_tinyproxy $(($1 + 1))
  add_vsftpd $(($1 + 2))
  add_sftp $(($1 + 3))
}
