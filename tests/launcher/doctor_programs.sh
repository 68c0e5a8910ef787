# doctor_programs.sh - the doctor on programs and libraries; sourced by
# test_doctor.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

ask() { run "$@"; } # the same; what follows is about its answer

verdict() { # STATUS PATTERN: the last line, and the exit status
  is status "$status" "$1"
  like verdict "${out##*$'\n'}" "verdict: $2"
  is stderr "$err" ''
}

finding() { # SUBJECT PATTERN
  like "$1" $'\n'"$out"$'\n' $'*\n'"$1: $2"$'\n*'
}

no_finding() { # SUBJECT
  is "lines of $1" "$(grep -c "^$1: " <<<"$out")" 0
}

stub_libcurl() { # a shared library that is one to the linker: $stub
  stub=$tmp/libcurl-stub.so
  [ -e "$stub" ] || gcc -shared -fPIC -nostdlib -o "$stub" -x c - <<<'
    int curl_easy_perform(void) { return 0; }
    int curl_easy_recv(void) { return 0; }'
}

# --- with libcurl ----------------------------------------------------------

curl_is_reached() {
  have curl || return
  ask --doctor /usr/bin/curl
  verdict 0 'reached: failed transfers of /usr/bin/curl are retried'
  finding program '/usr/bin/curl: * dynamically linked'
  finding libcurl '/*/libcurl.so.4: [78].*, OpenSSL'
  finding curl_easy_perform 'imported by /usr/bin/curl'
  finding curl_multi 'imported by /usr/bin/curl'
  no_finding missing
}

program_is_looked_for_in_path() {
  have curl || return
  PATH=/usr/bin ask --doctor curl -sS http://x/
  verdict 0 'reached: *'
  finding program '/usr/bin/curl: *'
  finding arguments 'not looked at'
}

git_is_reached_unless_multi_is_off() {
  local helper=/usr/lib/git-core/git-remote-http
  have git $helper || return
  ask --doctor $helper
  verdict 0 "reached: failed transfers of $helper are retried"
  finding libcurl '/*/libcurl-gnutls.so.4: *, GnuTLS'
  finding curl_multi "imported by $helper"
  no_finding curl_easy_perform
  ask --multi 0 --doctor $helper
  verdict 1 "not reached: $helper transfers by the multi interface alone, *"
  finding curl_multi '*passed through (MULTI=0)'
  ask --doctor git
  verdict 0 "reached: where git runs $helper"
}

program_with_both_keeps_one_without_multi() {
  have curl || return
  CURLRETRY_MULTI=0 ask --doctor curl
  verdict 0 'reached: what */curl transfers by curl_easy_perform is retried; *'
}

php_is_reached_by_its_plugin() {
  have php || return
  ask --doctor php
  verdict 0 'reached: where PHP loads /*/curl.so'
  finding RTLD_DEEPBIND 'PHP loads its plugins with it: *takes it off'
  finding plugin '*/curl.so: */libcurl.so.4, *; imports curl_easy_perform and*'
  ask --keep-deepbind --doctor php
  verdict 1 'not reached: *'
  ask --doctor "$(echo /usr/lib/php/*/curl.so)"
  verdict 0 'reached: failed transfers of */curl.so are retried'
  finding program '* a shared library'
}

interpreters_are_reached_by_their_plugins() {
  local name program plugin
  while read -r name program plugin; do
    [ -x "$program" ] || continue
    compgen -G "$plugin" >/dev/null || continue
    ask --doctor "$program"
    verdict 0 "reached: where $name loads */*.so*"
    finding plugin '*: */libcurl*.so.4, *'
  done <<'LIST'
Python /usr/bin/python3 /usr/lib/python3/dist-packages/pycurl*.so
Perl /usr/bin/perl /usr/lib/*/perl5/*/auto/WWW/Curl/Curl.so
R /usr/bin/R /usr/lib/R/modules/internet.so
R /usr/bin/Rscript /usr/lib/R/modules/internet.so
Tcl /usr/bin/tclsh /usr/lib/tcltk/TclCurl*/*.so
Lua /usr/bin/lua5.1 /usr/lib/*/lua/5.1/*curl.so
LIST
  [ -n "${asserted-}" ] || reason='none of them is here'
}

interpreter_without_a_plugin_is_not_reached() {
  mkdir -p "$tmp/venv/bin"
  program venv/bin/python3 'int main(void) { return 0; }'
  ask --doctor "$tmp/venv/bin/python3"
  verdict 1 'not reached: Python has no libcurl itself, and nothing it loads *'
}

# Their paths are those of Debian's packages and of a library folder without
# the architecture.
daemons_are_reached_by_their_plugins() {
  local name program plugin
  stub_libcurl
  while read -r name program plugin; do
    program=daemons/$program plugin=daemons/lib/$plugin
    mkdir -p "$tmp/${program%/*}" "$tmp/${plugin%/*}"
    program "$program" 'int main(void) { return 0; }'
    program "$plugin" 'int curl_easy_perform(void);
      int run(void) { return curl_easy_perform(); }' -shared -fPIC "$stub"
    ask --doctor "$tmp/$program"
    verdict 0 "reached: where $name loads $tmp/$plugin"
    rm "$tmp/$plugin"
  done <<'LIST'
rsyslog sbin/rsyslogd x86_64-linux-gnu/rsyslog/omelasticsearch.so
rsyslog sbin/rsyslogd rsyslog/omhttp.so
syslog-ng sbin/syslog-ng syslog-ng/3.38/libhttp.so
collectd sbin/collectd collectd/write_http.so
collectd sbin/collectdmon x86_64-linux-gnu/collectd/curl_json.so
nbdkit bin/nbdkit x86_64-linux-gnu/nbdkit/plugins/nbdkit-curl-plugin.so
FreeRADIUS sbin/freeradius freeradius/rlm_rest.so
HTSlib bin/samtools x86_64-linux-gnu/htslib/hfile_libcurl.so
LIST
}

# samtools, gst-launch: it is a library that loads them.
library_that_may_load_plugins_is_told() {
  mkdir -p "$tmp/loading"
  program loading/libload.so '#include <dlfcn.h>
    void *load(const char *name) { return dlopen(name, RTLD_NOW); }' \
    -shared -fPIC
  program loading/top 'void *load(const char *);
    int main(void) { return !load("plugin.so"); }' \
    -L"$tmp/loading" -lload "-Wl,-rpath,\$ORIGIN"
  ask --doctor "$tmp/loading/top"
  verdict 1 "not reached: */top doesn't use libcurl itself; what it runs or \
loads may: *"
}

function_that_is_looked_up_is_reached() {
  program finder '#include <dlfcn.h>
    int main(void) { return !dlsym(RTLD_DEFAULT, "curl_easy_perform"); }'
  ask --doctor "$tmp/finder"
  verdict 0 'reached: the functions that */finder looks up are *'
  finding dlsym 'imported, and curl_easy_perform is a name it has'
}

libcurl_deeper_down_is_found() {
  stub_libcurl
  mkdir -p "$tmp/deep"
  gcc -shared -fPIC -o "$tmp/deep/libdeep.so" -x c - -x none "$stub" <<<'
    int curl_easy_perform(void);
    int deep(void) { return curl_easy_perform(); }' || exit 1
  program deep/top 'int deep(void); int main(void) { return deep(); }' \
    -L"$tmp/deep" -ldeep "-Wl,-rpath,\$ORIGIN" -Wl,--allow-shlib-undefined
  ask --doctor "$tmp/deep/top"
  verdict 0 'reached: *'
  finding curl_easy_perform "imported by $tmp/deep/libdeep.so"
  mkdir -p "$tmp/far" && cp "$tmp/deep/top" "$tmp/far"
  ask --doctor "$tmp/far/top"
  finding missing 'libdeep.so, which it needs'
  LD_LIBRARY_PATH=$tmp/deep ask --doctor "$tmp/far/top"
  verdict 0 'reached: *'
}

connect_only_is_told() {
  stub_libcurl
  program raw 'int curl_easy_perform(void); int curl_easy_recv(void);
    int main(void) { return curl_easy_perform() + curl_easy_recv(); }' "$stub"
  ask --doctor "$tmp/raw"
  finding curl_easy_send/recv 'imported by */raw: *passed through'
}

a_libcurl_is_told() {
  local libcurl
  libcurl=$(ldconfig -p | sed -n 's/.*libcurl\.so\.4.*=> //p' | head -n 1)
  [ -n "$libcurl" ] || { reason='no libcurl.so.4' && return; }
  ask --doctor "$libcurl"
  verdict 0 'reached: it is a libcurl: *'
}

# --- without, or out of reach ----------------------------------------------

libcurl_linked_in_statically_is_not_reached() {
  local archive source='void *curl_easy_init(void);
    int curl_easy_perform(void *);
    int main(void) { return curl_easy_perform(curl_easy_init()); }'
  archive=$(gcc -print-file-name=libcurl.a)
  if [ -e "$archive" ]; then
    program copy "$source" "$archive" -Wl,--unresolved-symbols=ignore-all
  else # what tells it is in the file all the same
    program copy 'const char *volatile version = "libcurl/7.88.1";
      int main(void) { return !version; }'
  fi
  ask --doctor "$tmp/copy"
  verdict 1 'not reached: */copy has a libcurl of its own linked in, *'
  finding libcurl 'a static copy in */copy: [78].*'
}

static_program_is_not_reached() {
  program static 'const char *volatile version = "libcurl/8.1.0";
    int main(void) { return !version; }' -static
  ask --doctor "$tmp/static"
  verdict 1 'not reached: */static is statically linked, its libcurl with it'
  program pie 'int main(void) { return 0; }' -static-pie
  ask --doctor "$tmp/pie"
  verdict 1 'not reached: */pie is statically linked: *'
  finding program '* statically linked'
}

go_program_is_not_reached() {
  program go 'int main(void) { return 0; }
    __asm__(".section .note.go.buildid, \"a\"\n"
            ".long 4, 4, 4\n.asciz \"Go\\0\"\n.long 0\n.text\n");' -static
  ask --doctor "$tmp/go"
  verdict 1 'not reached: */go is statically linked: *'
  finding language "Go, whose own net/http isn't libcurl"
  have go || { reason='' && return; }
  ask --doctor go
  verdict 1 "not reached: */go *"
  finding language 'Go*'
}

wget_is_not_reached() {
  have wget || return
  ask --doctor wget
  verdict 1 "not reached: */wget doesn't use libcurl itself; what it runs *"
  finding libcurl none
}

shell_script_is_judged_by_its_interpreter() {
  printf '#!/bin/sh\ncurl x\n' >"$tmp/job"
  chmod +x "$tmp/job"
  ask --doctor "$tmp/job"
  verdict 1 "not reached: /bin/sh doesn't use libcurl itself; what it runs *"
  finding script '*/job, run by /bin/sh, which is judged'
  finding 'programs it runs' "can't be known*"
  have curl || return
  printf '#!/usr/bin/env -S %s -K\n' "$(type -P curl)" >"$tmp/job"
  ask --doctor "$tmp/job"
  verdict 0 'reached: failed transfers of */curl are retried'
}

program_with_rights_is_not_reached() {
  if [ "$(id -u)" != 0 ] || ! hash curl setpriv setcap 2>/dev/null; then
    reason='needs root, curl, setpriv and setcap'
    return
  fi
  local curl
  curl=$(type -P curl)
  cp "$curl" "$tmp/setuid" && chown 65534 "$tmp/setuid"
  chmod 4755 "$tmp/setuid"
  ask --doctor "$tmp/setuid"
  verdict 1 'not reached: */setuid is setuid: *ignores LD_PRELOAD'
  finding privileges 'setuid: LD_PRELOAD is ignored'
  cp "$curl" "$tmp/rootly" && chmod 4755 "$tmp/rootly"
  ask --doctor "$tmp/rootly"
  verdict 0 'reached: *'
  finding privileges 'setuid: LD_PRELOAD is ignored, but not for this user'
  cp "$curl" "$tmp/capable" && setcap cap_net_raw=ep "$tmp/capable" || return
  out=$(as_nobody "$launcher" --doctor "$tmp/capable")
  status=$? err=''
  verdict 1 'not reached: */capable has file capabilities: *'
}

musl_program_is_judged() {
  have musl-gcc || return
  stub_libcurl
  musl-gcc -o "$tmp/musl" -x c - -x none "$stub" <<<'
    int curl_easy_perform(void);
    int main(void) { return curl_easy_perform(); }'
  ask --doctor "$tmp/musl"
  verdict 0 'reached: failed transfers of */musl are retried'
  finding program '* dynamically linked with musl'
}

program_for_another_machine_is_not_reached() {
  cp "$(type -P true)" "$tmp/narrow"
  printf '\1' | dd of="$tmp/narrow" bs=1 seek=4 conv=notrunc 2>/dev/null
  ask --doctor "$tmp/narrow"
  verdict 1 'not reached: */narrow is 32-bit *, */libcurlretry.so is 64-bit *'
  gcc -m32 -c -x c -o "$tmp/narrow.o" - <<<'int _start;' 2>/dev/null &&
    ld -m elf_i386 -o "$tmp/narrow" "$tmp/narrow.o" 2>/dev/null || return
  ask --doctor "$tmp/narrow"
  verdict 1 'not reached: */narrow is 32-bit x86, *'
}

what_is_no_program_is_not_reached() {
  ask --doctor no-such-program
  verdict 1 'not reached: no-such-program is not found'
  echo text >"$tmp/text"
  ask --doctor "$tmp/text"
  verdict 1 'not reached: */text is neither a program nor a library'
  printf '\177ELF\2\1\1' >"$tmp/broken"
  ask --doctor "$tmp/broken"
  verdict 1 'not reached: */broken is a broken ELF file'
  cp "$(type -P true)" "$tmp/plain" && chmod 644 "$tmp/plain"
  ask --doctor "$tmp/plain"
  verdict 1 "not reached: */plain can't be executed: permission denied"
}

# Whatever is in a file: an answer, and no crash.
damaged_files_are_answered() {
  local offset
  for offset in 16 24 32 40 54 56 64 96 200 400 800 1200 2000 4000; do
    cp "$(type -P true)" "$tmp/damaged" && chmod 755 "$tmp/damaged"
    head -c 24 /dev/zero | tr '\0' '\377' |
      dd of="$tmp/damaged" bs=1 seek=$offset conv=notrunc 2>/dev/null
    ask --doctor "$tmp/damaged"
    is "status with damage at $offset" "$status" 1
    head -c "$offset" "$(type -P true)" >"$tmp/damaged"
    ask --doctor "$tmp/damaged"
    is "status when cut at $offset" "$status" 1
  done
}

# --- the policy's part -----------------------------------------------------

policy_that_leaves_it_out_is_named() {
  have curl || return
  ask --disable --doctor curl
  verdict 1 'not reached: --disable passes everything through'
  CURLRETRY_MAX_RETRIES=0 ask --doctor curl
  verdict 1 'not reached: CURLRETRY_MAX_RETRIES=0 passes everything through'
  ask --programs '*,!c*' --doctor curl
  verdict 1 'not reached: --programs \*,!c\* leaves curl out'
  ask --dry-run --doctor curl
  verdict 0 'reached: *'
  finding policy '--dry-run: nothing is sent again'
  ask --on bogus --doctor curl
  refused 2 '--on bogus: *'
}

doctor_without_a_patient_is_an_error() {
  ask --doctor
  refused 2 '--doctor needs a program, a process*'
}
