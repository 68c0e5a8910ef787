#!/bin/bash
# Daemons as Debian ships them: they fork, change their titles, load and
# unload plugins, and are told to stop.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"
# shellcheck source-path=SCRIPTDIR source=daemons.sh
. "$(dirname "$0")/daemons.sh"

mkdir -p "$site"
serve_site "$site"
chmod 755 "$tmp" # for those that change their user
refused_posts=('CURLRETRY_METHODS=idempotent,POST:429+503')

has_seen() { # REQUESTS
  [ "$(server_count "$KEY")" -ge "$1" ]
}

# --- what posts ------------------------------------------------------------

needs_rsyslog() { # and writes its configuration for the key
  have rsyslogd || return
  have_file rsyslog-elasticsearch \
    "$(echo /usr/lib/*/rsyslog/omelasticsearch.so)" || return
  free_port
  cat >"$tmp/rsyslog.conf" <<CONF
global(workDirectory="$tmp")
module(load="omelasticsearch")
module(load="imptcp")
input(type="imptcp" port="$PORT" address="127.0.0.1")
template(name="t" type="string" string="{\"m\":\"%msg%\"}")
action(type="omelasticsearch" server="127.0.0.1" serverport="$HTTP_PORT"
  searchIndex="$KEY" searchType="x" template="t" action.resumeRetryCount="0")
CONF
}

say_to_port() { # TEXT: a line of syslog
  printf '<13>Nov 27 00:00:00 h t: %s\n' "$1" >"/dev/tcp/127.0.0.1/$PORT"
}

logged_through_rsyslog() { # PRELOAD PLAN REQUESTS: one message, then another
  new_key
  needs_rsyslog || return
  server_plan "$KEY" "$2,200:body=%7B%22status%22%3A201%7D"
  begin "$1" "$tmp/rsyslog.pid" rsyslogd -f "$tmp/rsyslog.conf" \
    -i "$tmp/rsyslog.pid"
  soon answers 127.0.0.1 "$PORT"
  say_to_port first
  soon has_seen "$3"
  say_to_port second
  soon has_seen $(($3 + 1))
  [ -z "$1" ] || examined /usr/sbin/rsyslogd
  finish
}

rsyslog_posts_again_what_was_refused() {
  logged_through_rsyslog '' 503 1 || return
  saw POST:503 POST:200
  policy=("${refused_posts[@]}")
  logged_through_rsyslog "$SHIM" 503 2
  saw POST:503 POST:200 POST:200
  is 'different bodies' "$(server_lines "$KEY" | cut -d ' ' -f 6 | sort -u |
    wc -l)" 2
  retries 1
  named rsyslogd
  reported 2 1 0
  policy=()
  logged_through_rsyslog "$SHIM" 503 1
  saw POST:503 POST:200
  gave_up 'request must not be sent twice (METHODS)'
  reported 2 0 1
}

# --- what asks at times ----------------------------------------------------

zabbix_get() { # URL: what the agent has of it, in $tmp/page
  "$PYTHON" - "$1" "$PORT" >"$tmp/page" <<'END'
import socket, struct, sys
agent = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
agent.settimeout(20)
key = f"web.page.get[{sys.argv[1]}]".encode()
agent.sendall(b"ZBXD\1" + struct.pack("<Q", len(key)) + key)
answer = b""
while part := agent.recv(65536):
    answer += part
sys.stdout.buffer.write(answer[13:])
END
}

zabbix() { # PRELOAD: the agent, whose processes have titles
  free_port
  printf '%s\n' "PidFile=$tmp/zabbix.pid" "LogFile=$tmp/zabbix.log" \
    Server=127.0.0.1 ListenIP=127.0.0.1 "ListenPort=$PORT" StartAgents=1 \
    AllowRoot=1 Timeout=20 >"$tmp/zabbix.conf"
  begin "$1" "$tmp/zabbix.pid" zabbix_agentd -c "$tmp/zabbix.conf"
  soon answers 127.0.0.1 "$PORT"
}

zabbix_agent_is_rescued_by_its_name() {
  local plan
  have zabbix_agentd || return
  zabbix ''
  next_url 503,200:body=good
  zabbix_get "$URL"
  like page "$(tr -d '\0' <"$tmp/page")" '*503*'
  finish
  policy=(CURLRETRY_PROGRAMS=zabbix_agentd)
  zabbix "$SHIM"
  for plan in 503 rst 200:rst@500; do
    next_url "$plan,200:body=good"
    zabbix_get "$URL"
    like page "$(tr -d '\0' <"$tmp/page")" '*200 OK*good'
    is requests "$(server_count "$KEY")" 2
  done
  examined /usr/sbin/zabbix_agentd
  finish
  policy=()
  retries 3
  named zabbix_agentd
  reported 3 3 0
}

began_with() { # METHOD STATUS,...: the key's first requests
  like requests "$(server_lines "$KEY" | cut -d ' ' -f 2,8 | paste -s -d ,)" \
    "$1*"
}

collectd_reads_and_posts() {
  local plan
  have collectd || return
  have_file collectd-core /usr/lib/collectd/write_http.so || return
  new_key
  server_plan "$KEY" 503,200
  server_plan "$KEY-page" rst,200
  printf '%s\n' "BaseDir \"$tmp\"" "PIDFile \"$tmp/collectd.pid\"" \
    'Interval 1' 'LoadPlugin curl' 'LoadPlugin write_http' '<Plugin curl>' \
    '<Page "p">' "URL \"$HTTP/$KEY-page\"" 'MeasureResponseCode true' \
    '</Page>' '</Plugin>' '<Plugin write_http>' '<Node "n">' \
    "URL \"$HTTP/$KEY\"" 'Format JSON' 'BufferSize 1024' '</Node>' \
    '</Plugin>' >"$tmp/collectd.conf"
  policy=("${refused_posts[@]}")
  begin "$SHIM" "$tmp/collectd.pid" collectd -C "$tmp/collectd.conf"
  KEY+=-page
  soon has_seen 3
  examined /usr/sbin/collectd
  finish
  policy=()
  began_with 'GET 0,GET 200'
  KEY=${KEY%-page}
  began_with 'POST 503,POST 200'
  retries 2
  named collectd
}

# --- a server that is reloaded: its modules are unloaded, and come again ----

apache() { # PRELOAD: with a module that asks SITE for its configuration
  local modules=/usr/lib/apache2/modules module
  free_port
  for module in mpm_prefork authn_core authz_core authz_user auth_openidc; do
    echo "LoadModule ${module}_module $modules/mod_$module.so"
  done >"$tmp/apache.conf"
  cat >>"$tmp/apache.conf" <<CONF
ServerName localhost
ServerRoot $tmp
Listen 127.0.0.1:$PORT
PidFile $tmp/apache.pid
ErrorLog $tmp/apache.log
DocumentRoot $site
User www-data
Group www-data
StartServers 1
MaxRequestWorkers 2
OIDCProviderMetadataURL $SITE/provider
OIDCClientID x
OIDCClientSecret y
OIDCRedirectURI http://localhost:$PORT/back
OIDCCryptoPassphrase abc
<Location />
AuthType openid-connect
Require valid-user
</Location>
CONF
  begin "$1" "$tmp/apache.pid" apache2 -f "$tmp/apache.conf" -k start
  soon answers 127.0.0.1 "$PORT"
}

page_is() { # STATUS
  is page "$("${SERVER_CURL[@]}" -o "$tmp/page" -w '%{http_code}' \
    "http://localhost:$PORT/")" "$1"
}

apache_module_is_rescued_before_and_after_a_reload() {
  [ "$(id -u)" = 0 ] || { reason='apache2 changes its user' && return; }
  have apache2 && have_file libapache2-mod-auth-openidc \
    /usr/lib/apache2/modules/mod_auth_openidc.so || return
  printf '{"issuer":"%s","authorization_endpoint":"%s/a"}' "$SITE" "$SITE" \
    >"$site/provider"
  site_fails 'GET */provider 503'
  apache ''
  page_is 500
  finish
  site_fails 'GET */provider 503'
  apache "$SHIM"
  page_is 302
  site_saw /provider GET:503 GET:200
  site_fails 'GET */provider rst,close@20'
  : >"$tmp/apache.log"
  kill -USR1 "$DAEMON"
  soon grep -q 'resuming normal operations' "$tmp/apache.log"
  page_is 302
  site_saw /provider GET:0 GET:200 GET:200
  examined /usr/sbin/apache2
  finish
  retries 3
  named apache2
}

# --- a thread of its own for a multi handle --------------------------------

torrent_of() { # FILE URL: its only source is that web server
  "$PYTHON" - "$@" <<'END'
import hashlib, sys

def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, list):
        return b"l%be" % b"".join(map(encode, value))
    if isinstance(value, dict):
        return b"d%be" % b"".join(encode(name.encode()) + encode(value[name])
                                  for name in sorted(value))
    if isinstance(value, str):
        value = value.encode()
    return b"%d:%b" % (len(value), value)

body = open(sys.argv[1], "rb").read()
pieces = b"".join(hashlib.sha1(body[at:at + 65536]).digest()
                  for at in range(0, len(body), 65536))
sys.stdout.buffer.write(encode(
    {"url-list": [sys.argv[2]],
     "info": {"name": "seed", "piece length": 65536, "length": len(body),
              "pieces": pieces}}))
END
}

arrived() { [ "$(sha "$tmp/torrents/in/seed" 2>/dev/null)" = "$RIGHT" ]; }

transmission_s_web_seed_is_rescued() {
  local at=$tmp/torrents
  have transmission-daemon || return
  head -c 600000 /dev/urandom >"$site/seed"
  RIGHT=$(sha "$site/seed")
  free_port
  mkdir -p "$at/in" "$at/new" "$at/settings"
  torrent_of "$site/seed" "$SITE/seed" >"$at/new/seed.torrent"
  jq -n --arg at "$at" --argjson port "$PORT" '{"dht-enabled": false,
    "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
    "port-forwarding-enabled": false, "rpc-enabled": false,
    "peer-port": $port, "bind-address-ipv4": "127.0.0.1",
    "download-dir": "\($at)/in", "watch-dir": "\($at)/new",
    "watch-dir-enabled": true}' >"$at/settings/settings.json"
  site_fails 'GET /seed ok,rst@8000,close@9000,503'
  begin "$SHIM" "$at/pid" transmission-daemon -g "$at/settings" -x "$at/pid"
  soon arrived
  examined /usr/bin/transmission-daemon
  is file "$(sha "$at/in/seed" 2>/dev/null)" "$RIGHT"
  finish
  retries 3
  named transmission-daemon
  is 'ranges that came whole' "$(awk '$3 == 206 && $4 > 9000 { print $6 }' \
    "$tmp/site.log" | sort -u | wc -l)" 10
}

run_tests "$0"
