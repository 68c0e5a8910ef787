# shellcheck shell=bash
# shellcheck disable=SC2034 # its variables are for the script that sources it
# Starts and asks the faulty servers; to be sourced by bash tests. The servers
# end with the shell that started them at the latest, and in it alone stop_all
# ends them, so start_* is no good in a subshell that is left before they are.
# README.md beside this file has the plans.
#
#   . tests/server/lib.sh
#   at_exit stop_all
#   start_http                      # sets HTTP=http://127.0.0.1:PORT
#   curl "$HTTP/key/503,200:size=10"
#   server_count key                # 1

# shellcheck source=tests/at_exit.sh
. "$(dirname "${BASH_SOURCE[0]}")/../at_exit.sh"
FAULTY=${FAULTY:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." &&
  pwd)/build/faulty}
# Never the shim, and no proxy of the environment, between us and the server.
SERVER_CURL=(env -u LD_PRELOAD curl -q -sS -m 10 --noproxy '*')
SERVER_PIDS=()
SERVER_DIR=

# start_faulty ARG...: runs $FAULTY, waits for its port and sets SERVER_PORT
# and SERVER_PID.
start_faulty() {
  if [ -z "$SERVER_DIR" ]; then
    SERVER_DIR=$(mktemp -d) && mkfifo "$SERVER_DIR/port" || return 1
    SERVER_SHELL=$BASHPID
  fi
  env -u LD_PRELOAD "$FAULTY" "$@" </dev/null >"$SERVER_DIR/port" &
  SERVER_PID=$!
  SERVER_PIDS+=("$SERVER_PID")
  SERVER_PORT=
  # The fifo ends without a line when the server dies before it is ready.
  read -r SERVER_PORT <"$SERVER_DIR/port" && [ -n "$SERVER_PORT" ] && return
  echo "lib.sh: $FAULTY $* did not start" >&2
  return 1
}

# start_http [OPTION...]: sets HTTP, HTTP_PORT, HTTP_PID.
start_http() {
  start_faulty http "$@" || return 1
  HTTP_PORT=$SERVER_PORT HTTP_PID=$SERVER_PID
  HTTP=http://127.0.0.1:$SERVER_PORT
}

# start_proxy PLAN: sets PROXY, PROXY_PORT, PROXY_PID. Its requests have the
# key "connect".
start_proxy() {
  start_faulty proxy "$1" || return 1
  PROXY_PORT=$SERVER_PORT PROXY_PID=$SERVER_PID
  PROXY=http://127.0.0.1:$SERVER_PORT
}

# start_tcp TARGETPORT PLAN: sets TCP, TCP_PORT, TCP_PID and TCP_LOG, a file.
start_tcp() {
  TCP_LOG=$(mktemp) || return 1
  start_faulty tcp --log "$TCP_LOG" "$1" "$2" || return 1
  mv "$TCP_LOG" "$SERVER_DIR/tcp.$SERVER_PORT"
  TCP_LOG=$SERVER_DIR/tcp.$SERVER_PORT
  TCP_PORT=$SERVER_PORT TCP_PID=$SERVER_PID
  TCP=http://127.0.0.1:$SERVER_PORT
}

# tcp_log COUNT: waits (at most 5 s) until the TCP proxy has logged so many
# connections and prints the log. A connection is logged at its end, which
# for a whole one is after the client has left.
tcp_log() {
  local tries=0
  while [ "$(wc -l <"$TCP_LOG")" -lt "$1" ] && [ $((tries++)) -lt 100 ]; do
    sleep 0.05
  done
  cat "$TCP_LOG"
}

# start_dead refuse|mute|full: sets DEAD, DEAD_PORT, DEAD_PID.
start_dead() {
  start_faulty "$@" || return 1
  DEAD_PORT=$SERVER_PORT DEAD_PID=$SERVER_PID
  DEAD=http://127.0.0.1:$SERVER_PORT
}

# is_child PID: whether it still is this shell's, or subshell's: the number of
# one that has ended is soon another's, where tests start some hundred of them
# a second; one of another shell's can't be waited for.
is_child() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null &&
    [[ ${stat##*) } = ?" $BASHPID "* ]]
}

# stop_all: ends what start_* started in this shell and removes its files; fit
# for a trap.
stop_all() {
  local pid
  for pid in "${SERVER_PIDS[@]}"; do
    is_child "$pid" && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  SERVER_PIDS=()
  [ "${SERVER_SHELL-}" != "$BASHPID" ] || rm -rf "$SERVER_DIR"
  SERVER_DIR="" SERVER_SHELL=""
}

# The functions below ask $HTTP; another server is asked by setting it for the
# call: HTTP=$PROXY server_count connect.

# server_plan KEY PLAN: stores a plan and starts it anew.
server_plan() {
  "${SERVER_CURL[@]}" -f -o /dev/null -X PUT --data-binary "$2" \
    "$HTTP/_plan/$1"
}

# server_log [KEY]: one JSON object per request.
server_log() { "${SERVER_CURL[@]}" "$HTTP/_log/${1-}"; }

# server_lines [KEY]: the same as words, see README.md.
server_lines() { "${SERVER_CURL[@]}" "$HTTP/_lines/${1-}"; }

# server_count [KEY]: how many requests came.
server_count() { "${SERVER_CURL[@]}" "$HTTP/_count/${1-}"; }

# server_stats: connections, requests, open, busy, max_concurrent as JSON.
server_stats() { "${SERVER_CURL[@]}" "$HTTP/_stats"; }

# body_sha SEED SIZE: the SHA-256 of a generated body.
body_sha() { "$FAULTY" body "$1" "$2" | sha256sum | cut -d ' ' -f 1; }
