# doctor_processes.sh - the doctor on running processes, with the library and
# without; sourced by test_doctor.sh. A test is a function named after a
# behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

has_begun() { # PATTERN: it is in the maps, and the launcher is gone
  # Both from one look: a launcher maps the library, too, before it executes.
  local maps
  maps=$(cat "/proc/$pid/maps" 2>/dev/null) &&
    grep -q "$1" <<<"$maps" && ! grep -q '/curlretry$' <<<"$maps"
}

begin() { # PATTERN COMMAND...: runs until its maps hold PATTERN; $pid
  local pattern=$1
  shift
  "$@" <&9 >/dev/null 2>&1 9<&- &
  pid=$!
  soon has_begun "$pattern" || problem+="# $* did not begin"$'\n'
}

end() { # the process that began last
  {
    kill -KILL "$pid"
    wait "$pid"
  } 2>/dev/null
}

examine() { # PATTERN COMMAND...: asks for it while it runs
  begin "$@"
  ask --doctor "$pid"
  end
}

process_with_the_library_is_reached() {
  have curl || return
  CURLRETRY_LOG_LEVEL=info examine libcurl.so "$launcher" --max-retries 5 \
    --hosts 'a,b' /usr/bin/curl -K -
  verdict 0 'reached: failed transfers of /usr/bin/curl are retried'
  finding process "$pid: /usr/bin/curl"
  finding library "$library"
  finding libcurl '/*/libcurl.so.4*: [78].*, OpenSSL'
  finding curl_easy_perform 'imported by /usr/bin/curl'
  finding policy 'MAX_RETRIES=5 (environment)'
  finding policy 'LOG_LEVEL=info (environment)'
  finding policy 'HOSTS=a,b (environment)'
  finding policy 'ON=default (default)'
  is 'values of the policy' "$(grep -c '^policy: ' <<<"$out")" \
    "$(variables | wc -l)"
}

process_without_the_library_is_not_reached() {
  have curl || return
  examine libcurl.so /usr/bin/curl -K -
  verdict 1 'not reached: it was started without curlretry: *'
  finding library 'not loaded'
  finding libcurl '/*/libcurl.so.4*: *'
}

git_that_runs_is_judged_by_its_policy() {
  local helper=/usr/lib/git-core/git-remote-http
  have $helper || return
  examine libcurl "$launcher" $helper origin http://127.0.0.1:1/
  verdict 0 "reached: failed transfers of $helper are retried"
  examine libcurl "$launcher" --multi 0 $helper origin http://127.0.0.1:1/
  verdict 1 "not reached: $helper transfers by the multi interface alone, *"
  examine libcurl $helper origin http://127.0.0.1:1/
  verdict 1 'not reached: it was started without curlretry: *'
}

interpreters_that_run_are_reached_once_a_plugin_is_loaded() {
  local program option code
  while read -r program option code; do
    [ -x "$program" ] || continue
    examine 'libcurl[.-]' "$launcher" "$program" "$option" "$code"
    verdict 0 "reached: failed transfers of * are retried"
    examine 'libcurl[.-]' "$program" "$option" "$code"
    verdict 1 'not reached: it was started without curlretry: *'
  done < <(
    ! /usr/bin/python3 -c 'import pycurl' 2>/dev/null ||
      echo '/usr/bin/python3 -c import pycurl, time; time.sleep(60)'
    ! perl -MWWW::Curl::Easy -e 1 2>/dev/null ||
      echo '/usr/bin/perl -MWWW::Curl::Easy -esleep(60)'
    ! php -r 'exit(!extension_loaded("curl"));' 2>/dev/null ||
      echo '/usr/bin/php -r sleep(60);'
    [ ! -d /usr/lib/R/site-library/curl ] ||
      echo '/usr/bin/R -e loadNamespace("curl");Sys.sleep(60)'
  )
  [ -n "$asserted" ] || reason='none of them is here'
}

interpreter_that_has_loaded_none_yet_is_told() {
  /usr/bin/python3 -c 'import pycurl' 2>/dev/null ||
    { reason='python3-pycurl is missing' && return; }
  examine python "$launcher" /usr/bin/python3 -c 'input()'
  verdict 0 'reached: once Python loads */pycurl*.so'
  examine python "$launcher" --keep-deepbind /usr/bin/python3 -c 'input()'
  verdict 0 'reached: once Python loads */pycurl*.so'
}

php_that_keeps_deepbind_is_not_reached() {
  php -r 'exit(!extension_loaded("curl"));' 2>/dev/null ||
    { reason='php-curl is missing' && return; }
  examine libcurl "$launcher" --keep-deepbind php -r 'sleep(60);'
  verdict 1 "not reached: KEEP_DEEPBIND=1: PHP's plugins bind past the library"
}

process_without_libcurl_is_not_reached() {
  examine "$library" "$launcher" sleep 60
  verdict 1 'not reached: the library is active, but no libcurl is loaded *'
  have wget || return
  examine "$library" "$launcher" wget -i -
  verdict 1 'not reached: the library is active, but no libcurl is loaded *'
}

shell_that_runs_a_script_is_judged() {
  printf '#!/bin/sh\nread -r line\n' >"$tmp/waits"
  chmod +x "$tmp/waits"
  examine "$library" "$launcher" "$tmp/waits"
  verdict 1 'not reached: *; what it runs inherits it'
  finding process "$pid: /*sh"
}

policy_of_the_process_that_leaves_it_out_is_named() {
  examine "$library" "$launcher" --programs 'a,b' sleep 60
  verdict 1 'not reached: its CURLRETRY_PROGRAMS leaves sleep out'
  examine "$library" "$launcher" --disable sleep 60
  verdict 1 'not reached: its CURLRETRY_DISABLE passes everything through'
  examine "$library" env CURLRETRY_ON=bogus "LD_PRELOAD=$library" sleep 60
  verdict 1 'not reached: its policy is not understood: CURLRETRY_ON=bogus: *'
}

# perl blanks out what /proc says was its environment; a longer title than its
# arguments goes on into it.
process_with_a_title_is_told() {
  # shellcheck disable=SC2016 # perl's
  local title code='$0 = shift; open(my $out, ">", shift); sleep 60'
  have perl || return
  for title in short "$(printf %0200d 0)"; do
    begin "$library" "$launcher" --disable perl -e "$code" "$title" \
      "$tmp/title"
    soon test -e "$tmp/title"
    ask --doctor "$pid"
    end
    rm "$tmp/title"
    finding policy 'not known, the default is judged: *'
  done
}

title_in_the_arguments_room_leaves_the_name() {
  program titled '#include <string.h>
    #include <unistd.h>
    int main(int count, char **words) {
      char *end = words[count - 1] + strlen(words[count - 1]);
      memset(words[0], 0, (size_t)(end - words[0]));
      strcpy(words[0], "z: idle 1");
      return (int)sleep(60); }'
  begin "$library" "$launcher" --programs '*,!titled' "$tmp/titled" a b c
  soon grep -q '^z: idle' "/proc/$pid/cmdline"
  ask --doctor "$pid"
  end
  verdict 1 'not reached: its CURLRETRY_PROGRAMS leaves titled out'
}

cleaned_environment_is_told() {
  "$launcher" sh -c 'env -i /bin/sleep 60 & echo $!; wait' >"$tmp/pid" 9<&- &
  soon test -s "$tmp/pid"
  pid=$(<"$tmp/pid")
  soon grep -s -q /sleep "/proc/$pid/maps"
  ask --doctor "$pid"
  verdict 1 "not reached: its environment was cleaned: process $!, above it, *"
  kill "$pid"
  wait $!
}

library_that_is_gone_is_told() {
  examine /sleep env "LD_PRELOAD=$tmp/none/libcurlretry.so" sleep 60
  verdict 1 'not reached: LD_PRELOAD=*/none/libcurlretry.so could not be *'
  make_tree "$tmp/going"
  begin libcurlretry "$tmp/going/bin/curlretry" sleep 60
  rm -r "$tmp/going"
  ask --doctor "$pid"
  end
  finding library "$tmp/going/lib/libcurlretry.so, replaced or removed since*"
}

static_program_that_runs_is_told() {
  program dozing '#include <unistd.h>
    int main(void) { return (int)sleep(60); }' -static
  examine /dozing env "LD_PRELOAD=$library" "$tmp/dozing"
  verdict 1 'not reached: */dozing is statically linked: *'
}

musl_program_that_runs_is_judged() {
  have musl-gcc || return
  musl-gcc -x c -o "$tmp/musl-dozing" - <<<'#include <unistd.h>
    int main(void) { return (int)sleep(60); }'
  examine "$library" "$launcher" "$tmp/musl-dozing"
  verdict 1 'not reached: the library is active, but no libcurl is loaded *'
}

privileged_process_is_told() {
  if [ "$(id -u)" != 0 ] || ! hash setpriv setcap 2>/dev/null; then
    reason='needs root, setpriv and setcap'
    return
  fi
  cp "$(type -P sleep)" "$tmp/setuid-sleep"
  chown 65534 "$tmp/setuid-sleep" && chmod 4755 "$tmp/setuid-sleep"
  examine /setuid-sleep env "LD_PRELOAD=$library" "$tmp/setuid-sleep" 60
  verdict 1 'not reached: */setuid-sleep gained privileges *'
  cp "$(type -P sleep)" "$tmp/capable-sleep"
  setcap cap_net_raw=ep "$tmp/capable-sleep" || return
  as_nobody true
  examine /capable-sleep setpriv --reuid 65534 --regid 65534 --clear-groups \
    -- env "LD_PRELOAD=$library" "$tmp/capable-sleep" 60
  verdict 1 'not reached: */capable-sleep gained privileges *'
}

process_of_another_user_is_no_verdict() {
  if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    reason='needs root and setpriv'
    return
  fi
  out=$(as_nobody "$launcher" --doctor $$ 2>"$tmp/err")
  status=$? err=$(<"$tmp/err")
  refused 2 "process $$ can't be looked into: *; ask as its user, or root"
}

missing_process_is_told() {
  ask --doctor 999999999
  verdict 1 'not reached: there is no process 999999999'
}
