# servers.sh - servers of other protocols than the faulty server's; sourced
# after setup.sh and hosts/host.sh. Environment: VSFTPD.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables for the files with the tests, and setup.sh's)

PATH=$PATH:/usr/sbin:/sbin
VSFTPD=${VSFTPD:-vsftpd}
site=$tmp/site # the files of a server that has some

# serve_python SCRIPT ARG...: until the tests end; sets PORTS, its first line.
serve_python() {
  [ -p "$tmp/ports" ] || mkfifo "$tmp/ports"
  "$PYTHON" -B "$hosts/$1" "${@:2}" >"$tmp/ports" </dev/null & # no cache
  SERVER_PIDS+=($!)
  PORTS=
  read -r PORTS <"$tmp/ports" || problem+="# $1 did not start"$'\n'
}

# has_feature NAME: curl's; else the test is skipped.
has_feature() {
  "$CURL_PROGRAM" --version | grep -q -w "$1" && return
  reason="$CURL_PROGRAM is without $1"
  return 1
}

# answers ADDRESS PORT: whether somebody listens there.
answers() { (: <"/dev/tcp/$1/$2") 2>/dev/null; }

# --- FTP -------------------------------------------------------------------

write_vsftpd_conf() { # CONTROLPORT DATAPORT
  cat <<CONF
listen=YES
background=NO
listen_address=127.0.0.2
listen_port=$1
pasv_address=127.0.0.1
pasv_min_port=$2
pasv_max_port=$2
run_as_launching_user=YES
ftp_username=$(id -un)
seccomp_sandbox=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=$site
anon_umask=022
secure_chroot_dir=$tmp/empty
write_enable=YES
anon_upload_enable=YES
anon_other_write_enable=YES
allow_writeable_chroot=YES
dual_log_enable=NO
xferlog_enable=YES
vsftpd_log_file=$tmp/vsftpd.log
log_ftp_protocol=YES
CONF
}

# needs_ftp WAY BYTES...: vsftpd with the files of $site. Its data connections
# break after so many bytes, see hosts/ftp_relay.py. Sets FTP, its URL.
needs_ftp() {
  local data
  have "$VSFTPD" || return
  mkdir -p "$site" "$tmp/empty"
  : >"$tmp/vsftpd.log"
  serve_python ftp_relay.py "$@"
  data=$PORTS
  serve_python hold_port.py 127.0.0.2
  FTP=ftp://127.0.0.2:$PORTS
  write_vsftpd_conf "$PORTS" "$data" >"$tmp/vsftpd.conf"
  "$VSFTPD" "$tmp/vsftpd.conf" &
  SERVER_PIDS+=($!)
  soon answers 127.0.0.2 "$PORTS" && return
  problem+="# $VSFTPD did not start"$'\n'
  return 1
}

# over_ftp RUNNER NAME ARG...: bare or shimmed; its data goes to the relay.
over_ftp() {
  "$1" --disable-epsv --no-ftp-skip-pasv-ip "${@:3}" "$FTP/$2"
}

# --- SFTP ------------------------------------------------------------------

# needs_sftp PLAN: a server behind a TCP proxy that breaks so. Sets SFTP.
needs_sftp() {
  have_output python3-asyncssh "$PYTHON" -c 'import asyncssh' &&
    has_feature sftp || return
  rm -rf "$site"
  mkdir "$site"
  : >"$tmp/sftp.log"
  serve_python sftp_server.py "$site" "$tmp/sftp.log"
  start_tcp "$PORTS" "$1"
  SFTP=sftp://somebody:@127.0.0.1:$TCP_PORT
}

# opened LINE...: what was opened at the server.
opened() {
  is "opened files" "$(paste -s -d , "$tmp/sftp.log")" "$(
    IFS=,
    echo "$*"
  )"
}
