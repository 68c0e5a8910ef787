#!/bin/bash
# The README's recipes, run as they stand there: each is read from it, and only
# its paths and URLs are replaced. Docker's is in
# tests/packaging/long_chroot.sh, php-fpm in test_hosts_php.sh.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

launcher=$(dirname "$SHIM")/curlretry

recipe() { # NAME: the block behind **NAME, with the paths of here
  sed -n "/^\*\*$1/,/^\`\`\`\$/p" "$tree/README.md" |
    sed -e '1,/^```/d' -e '/^```$/d' \
      -e "s|/usr/local/bin/curlretry|$launcher|" \
      -e "s|/usr/local/lib/libcurlretry.so|$SHIM|"
}

# The delays are for a reader; the log goes to stderr as it would there.
quick=(CURLRETRY_BASE_DELAY=20ms)

bare_environment() { # NAME=VALUE... COMMAND...: and nothing else
  timeout -k 5 30 env -i PATH=/usr/bin:/bin HOME="$tmp" SHELL=/bin/sh \
    "${quick[@]}" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  RC=$?
  read_errors
}

curl_survives() { # NAME=VALUE...: with these five failures, not with three
  is 'variables found' "$#" "${variables_wanted:-2}"
  new_key
  bare_environment "$@" "${stock[@]}" "$HTTP/$KEY/503*5,200:body=good"
  ended 0
  text_out good
  retries 5
}

systemd_drop_in() {
  local lines words
  mapfile -t lines < <(recipe systemd | sed -n 's/^Environment=//p')
  is 'other lines' "$(recipe systemd | grep -v '^Environment=')" '[Service]'
  read -r -a words <<<"${lines[*]}"
  variables_wanted=3 curl_survives "${words[@]}"
}

# systemd's own reading of it.
systemd_drop_in_is_a_unit_s() {
  have systemd-analyze || return
  {
    recipe systemd
    echo 'ExecStart=/bin/true'
  } >"$tmp/job.service"
  is 'what systemd says' "$(systemd-analyze verify "$tmp/job.service" 2>&1 |
    grep -F "$tmp/job.service")" ''
}

crontab_line_in_cron_s_environment() {
  local assignment command
  assignment=$(recipe crontab | head -n 1)
  like assignment "$assignment" 'CURLRETRY_MAX_TIME=?*'
  command=$(recipe crontab | sed -n '2s/^\([^ ]* \)\{5\}//p')
  like command "$command" "$launcher curl * https://example.org/feed"
  is 'percent signs, which are line ends there' "${command//[^%]/}" ''
  new_key
  command=${command/https:\/\/example.org\/feed/$HTTP/$KEY/503,200:body=good}
  bare_environment "$assignment" /bin/sh -c "cd; $command"
  ended 0
  is 'the file' "$(cat "$tmp/feed")" good
  saw GET:503 GET:200
  retries 1
}

github_actions_step() {
  local command words
  command=$(recipe 'GitHub Actions' | sed -n 's/^- run: //p')
  like command "$command" 'curlretry --print-env *'
  : >"$tmp/github"
  env -i PATH="$(dirname "$launcher"):/usr/bin:/bin" GITHUB_ENV="$tmp/github" \
    bash -e -c "$command"
  mapfile -t words <"$tmp/github"
  curl_survives "${words[@]}"
}

gitlab_ci_variables() {
  local words
  mapfile -t words < <(recipe 'GitLab CI' |
    sed -n 's/^  \([A-Z_]*\): "*\([^"]*\)"*$/\1=\2/p')
  is 'head' "$(recipe 'GitLab CI' | head -n 1)" 'variables:'
  curl_survives "${words[@]}"
}

sudo_comes_first() {
  local command
  have_output sudo sudo -n true || return
  command=$(recipe sudo)
  like command "$command" 'sudo curlretry --max-retries 5 curl *'
  new_key
  command=${command/https:\/\/example.org\/file/$HTTP/$KEY/503,200:body=good}
  command=${command/curlretry/$launcher --base-delay 20ms}
  bare_environment /bin/sh -c "cd; $command; cat 503*"
  ended 0
  text_out good
  saw GET:503 GET:200
  retries 1
}

sourced() { # NAME COMMAND...: behind the recipe's lines in a shell
  bare_environment /bin/sh -c "$(recipe "$1")"'
    exec env LD_PRELOAD="$@"' sh "$SHIM" "${@:2}"
}

log_shipper() {
  new_key
  sourced 'Log shippers' "${stock[@]}" -f -d x "$HTTP/$KEY/429,503,200"
  ended 0
  saw POST:429 POST:503 POST:200
  new_key
  sourced 'Log shippers' "${stock[@]}" -f -d x "$HTTP/$KEY/502,200"
  ended 22
  saw POST:502
  new_key
  sourced 'Log shippers' "${stock[@]}" -f -d x "$HTTP/$KEY/rst,200"
  ended 56
  new_key
  sourced 'Log shippers' "${stock[@]}" -f "$HTTP/$KEY/rst,200"
  ended 0
}

job_of_many_calls_has_one_budget() {
  local i count=0
  [ -w /dev/shm ] || { reason='/dev/shm is missing' && return; }
  start_http || return # a port whose budget nobody used
  new_key
  for i in {1..12}; do
    sourced 'A job of many calls' "${stock[@]}" -f "$HTTP/$KEY/503"
    count=$((count + $(retry_lines)))
  done
  ended 22
  gave_up 'retry budget exhausted (BUDGET)'
  is "retries of $i calls" "$count" 20
  is requests "$(server_count "$KEY")" 32
}

monitoring_probe_is_left_out() {
  local probe=("${stock[@]}")
  cp "$CURL_PROGRAM" "$tmp/check_http"
  probe[0]=$tmp/check_http
  new_key
  sourced 'Monitoring probes' "${probe[@]}" -f "$HTTP/$KEY/503,200"
  ended 22
  saw GET:503
  new_key
  sourced 'Monitoring probes' "${stock[@]}" -f "$HTTP/$KEY/503,200"
  ended 0
  retries 1
}

git_survives_a_pack_that_breaks() {
  local command count
  have git "$PYTHON" || return
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  export GIT_{AUTHOR,COMMITTER}_NAME=x GIT_{AUTHOR,COMMITTER}_EMAIL=x@localhost
  mkdir -p "$site/git" && git init -q "$tmp/work"
  head -c 4000000 /dev/urandom >"$tmp/work/file"
  git -C "$tmp/work" add file && git -C "$tmp/work" commit -q -m x
  git clone -q --bare "$tmp/work" "$site/git/repo.git"
  serve_site "$site"
  command=$(sed -n 's/^curlretry \(.*git clone\) https:.*/\1/p' \
    "$tree/README.md")
  like command "$command" '--hold-bytes * --hold-time * git clone'
  for count in '' 1; do
    site_fails "POST * ok,close@3000000"
    rm -rf "$tmp/clone"
    # shellcheck disable=SC2086 # words
    "$launcher" ${count:+${command% git clone}} git clone -q \
      "$SITE/git/repo.git" "$tmp/clone" 2>"$tmp/err"
    RC=$?
    [ -n "$count" ] || at_least 'without the options' "$RC" 1
  done
  ended 0
  is file "$(sha "$tmp/clone/file")" "$(sha "$tmp/work/file")"
}

library_that_is_gone_leaves_the_program_alone() {
  cp "$SHIM" "$tmp/gone.so" && rm "$tmp/gone.so"
  new_key
  bare_environment LD_PRELOAD="$tmp/gone.so" "${stock[@]}" \
    "$HTTP/$KEY/200:body=good"
  ended 0
  text_out good
  is 'lines on stderr' "$(wc -l <"$tmp/err")" 1
  like stderr "$(cat "$tmp/err")" "*ld.so*gone.so*cannot be preloaded*ignored*"
}

every_recipe_is_tested() {
  # shellcheck disable=SC2016 # backquotes of the README
  is recipes "$(sed -n '/^## Recipes$/,/^## /p' "$tree/README.md" |
    sed -n 's/^\*\*`*\([^*`]*\)`*\*\*.*/\1/p' | paste -s -d ';')" \
    "systemd;crontab;A job of many calls;Docker, OCI;GitHub Actions;GitLab CI;\
sudo;Log shippers;Monitoring probes;git;/etc/ld.so.preload;Before uninstalling"
}

run_tests "$0"
