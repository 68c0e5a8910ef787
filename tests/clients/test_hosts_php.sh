#!/bin/bash
# PHP as Debian ships it: curl.so is opened with RTLD_DEEPBIND, fatal errors
# leave curl_easy_perform by longjmp, php-fpm clears its workers' environment.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source-path=SCRIPTDIR source=hosts/host.sh
. "$(dirname "$0")/hosts/host.sh"
# shellcheck source-path=SCRIPTDIR source=syslog.sh
. "$(dirname "$0")/syslog.sh"

php_curl() { # whether PHP's curl is there
  have_output php-curl php -r 'exit(!extension_loaded("curl"));'
}

php_curl_exec_recovers() {
  php_curl || return
  recovers php "$hosts/get.php" @URL
}

php_ffi_recovers() {
  local library
  have_output 'PHP FFI' php -r 'exit(!extension_loaded("ffi"));' || return
  for library in libcurl.so.4 libcurl-gnutls.so.4; do
    recovers php -d ffi.enable=1 "$hosts/ffi.php" "$library" @URL
  done
}

php_with_keep_deepbind_is_out_of_reach() {
  php_curl || return
  new_key
  host env CURLRETRY_KEEP_DEEPBIND=1 php "$hosts/get.php" \
    "$HTTP/$KEY/503,200"
  ended 0
  text_out "503 planned"
  saw GET:503
  retries 0
}

php_stripping_of_deepbind_is_logged_at_debug_level() {
  php_curl || return
  host env CURLRETRY_LOG_LEVEL=debug php -r ''
  like log "$LOG" '*RTLD_DEEPBIND is taken *'
}

put_by_php() { # PLAN: uploads $UPLOAD from a read callback without a seek
  new_key
  host php "$hosts/put.php" "$UPLOAD" "$HTTP/$KEY/$1"
}

php_upload_without_seek_survives_a_503() {
  php_curl || return
  put_by_php 503,201
  ended 0
  text_out 201
  received PUT:503:whole PUT:201:whole
  retries 1
}

php_upload_without_seek_survives_resets() {
  php_curl || return
  put_by_php rst,uprst@100000,201
  ended 0
  text_out 201
  received PUT:0:whole PUT:0:part PUT:201:whole
  retries 2
}

# Without the shim a 307 ends in CURLE_SEND_FAIL_REWIND: that it does not is
# the proof, since nothing is retried.
php_upload_without_seek_follows_a_307() {
  php_curl || return
  put_by_php 307,201
  ended 0
  text_out 201
  received PUT:307:whole PUT:201:whole
  retries 0
  new_key
  php "$hosts/put.php" "$UPLOAD" "$HTTP/$KEY/307,201" >"$tmp/out" 2>&1
  is "exit code without the shim" $? 1
}

php_upload_without_seek_survives_a_503_behind_a_307() {
  php_curl || return
  put_by_php 307,503:next,307,201
  ended 0
  text_out 201
  received PUT:307:whole PUT:503:whole PUT:307:whole PUT:201:whole
  retries 1
}

php_request_after_a_fatal_error_is_retried() {
  local first
  php_curl || return
  new_key
  first=$HTTP/$KEY/200
  new_key
  host php -d display_errors=0 "$hosts/fatal.php" "$first" \
    "$HTTP/$KEY/503,200:size=5000"
  delivered 255 5000
  saw GET:503 GET:200
  retries 1
}

# libcurl still takes it for being inside a callback.
php_same_handle_after_a_fatal_error_ends_as_unshimmed() {
  local url=$HTTP/same/200:seed=x bare
  php_curl || return
  bare=$(timeout 30 php -d display_errors=0 "$hosts/fatal.php" \
    "$url" "$url" same 2>"$tmp/err" | sha256sum)
  host php -d display_errors=0 "$hosts/fatal.php" "$url" "$url" same
  ended 255
  is stdout "$(sha256sum <"$tmp/out")" "$bare"
}

start_fpm() { # FPM: one worker behind a socket; clear_env is on by default
  local pool=$tmp/fpm.conf
  printf '%s\n' '[global]' "error_log = $tmp/fpm.log" 'daemonize = no' \
    '[www]' "listen = $tmp/fpm.sock" 'pm = static' 'pm.max_children = 1' \
    'user = nobody' 'catch_workers_output = yes' >"$pool"
  chmod 755 "$tmp"
  : >"$tmp/shim.log"
  chmod 666 "$tmp/shim.log"
  : >"$tmp/fpm.log"
  env LD_PRELOAD="$SHIM" CURLRETRY_LOG="$tmp/shim.log" \
    CURLRETRY_MAX_RETRIES=5 "$1" -R -y "$pool" >/dev/null 2>&1 &
  FPM=$!
  soon grep -q 'ready to handle' "$tmp/fpm.log" # its socket is there before
}

php_fpm_keeps_its_policy_without_its_environment() {
  local fpm answer
  fpm=$(compgen -c php-fpm | sort -r | head -n 1)
  [ -n "$fpm" ] || { reason='php-fpm is missing' && return; }
  have cgi-fcgi || return
  if start_fpm "$fpm"; then
    new_key
    cp "$hosts/fpm.php" "$tmp/fpm.php"
    chmod 644 "$tmp/fpm.php"
    chmod 777 "$tmp/fpm.sock"
    answer=$(env SCRIPT_FILENAME="$tmp/fpm.php" REQUEST_METHOD=GET \
      QUERY_STRING="$HTTP/$KEY/503*5,200:size=5000" \
      timeout 20 cgi-fcgi -bind -connect "$tmp/fpm.sock" | tail -n 1)
    is answer "$answer" "cleared $(body_sha "$KEY" 5000)"
    saw GET:503 GET:503 GET:503 GET:503 GET:503 GET:200
    LOG=$(cat "$tmp/shim.log")
    retries 5
  else
    problem+="# php-fpm did not start: $(tail -n 2 "$tmp/fpm.log")"$'\n'
  fi
  kill "$FPM" 2>/dev/null
  wait "$FPM" 2>/dev/null
}

# by_fpm [NAME=VALUE...]: one request, a 503 in its way, through an fpm whose
# workers' stderr is /dev/null, as it is by default.
by_fpm() { # [NAME=VALUE...]
  local fpm
  fpm=$(compgen -c php-fpm | sort -r | head -n 1)
  [ -n "$fpm" ] || { reason='php-fpm is missing' && return 1; }
  have cgi-fcgi && needs_namespace || return
  # the worker of what is root there alone can't become another user
  [ "$(id -u)" = 0 ] || { reason='php-fpm needs root' && return 1; }
  printf '%s\n' '[global]' "error_log = $tmp/fpm.log" 'daemonize = no' \
    '[www]' "listen = $tmp/fpm.sock" 'pm = static' 'pm.max_children = 1' \
    'user = nobody' >"$tmp/fpm.conf"
  cp "$hosts/fpm.php" "$tmp/fpm.php"
  chmod 755 "$tmp"
  chmod 644 "$tmp/fpm.php"
  new_key
  rm -f "$tmp/fpm.sock"
  : >"$tmp/fpm.log"
  in_namespace "env LD_PRELOAD='$SHIM' $* $fpm -R -y '$tmp/fpm.conf' &
    for i in {1..100}; do
      grep -q 'ready to handle' '$tmp/fpm.log' && break
      sleep 0.05
    done
    chmod 777 '$tmp/fpm.sock'
    SCRIPT_FILENAME='$tmp/fpm.php' REQUEST_METHOD=GET \
      QUERY_STRING='$HTTP/$KEY/503,200:size=5000' \
      timeout 20 cgi-fcgi -bind -connect '$tmp/fpm.sock' | tail -n 1
    kill %1; wait"
  is answer "$(cat "$tmp/out")" "cleared $(body_sha "$KEY" 5000)"
  saw GET:503 GET:200
}

php_fpm_logs_to_syslog() {
  by_fpm CURLRETRY_LOG=syslog || return
  like syslog "$SYSLOG" "<12>php-fpm*[[][0-9]*[]]: *Z curlretry: retry 1/3 in \
*ms: GET $HTTP/$KEY/503,200:size=5000: status 503 after *s (127.0.0.1:*)"
}

php_fpm_without_a_log_says_so_in_syslog() {
  by_fpm || return
  like syslog "$SYSLOG" "<12>php-fpm*[[][0-9]*[]]: curlretry: \
CURLRETRY_LOG=stderr: closed since *; lines of the log are lost"
}

run_tests "$0"
