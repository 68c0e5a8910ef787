# programs.sh - programs the shim can't be loaded into;
# sourced by test_launcher.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of setup.sh

# --- programs that can't be preloaded --------------------------------------

setuid_program_is_refused() {
  if [ "$(id -u)" != 0 ]; then
    reason='needs root to make a setuid program of another user'
    return
  fi
  cp "$(type -P true)" "$tmp/setuid"
  chown 65534 "$tmp/setuid" && chmod 4755 "$tmp/setuid"
  run "$tmp/setuid"
  is status "$status" 2
  one_line_error '*/setuid is setuid: *LD_PRELOAD*sudo*'
}

setgid_program_is_refused() {
  if [ "$(id -u)" != 0 ]; then
    reason='needs root to make a setgid program of another group'
    return
  fi
  cp "$(type -P true)" "$tmp/setgid"
  chgrp 65534 "$tmp/setgid" && chmod 2755 "$tmp/setgid"
  run "$tmp/setgid"
  is status "$status" 2
  one_line_error '*/setgid is setgid: *'
}

setuid_program_of_the_user_runs() {
  cp "$(type -P true)" "$tmp/own"
  chmod 4755 "$tmp/own"
  run "$tmp/own"
  is status "$status" 0
  is stderr "$err" ''
}

program_with_capabilities_is_refused() {
  cp "$(type -P true)" "$tmp/capable"
  if ! PATH=$PATH:/sbin:/usr/sbin setcap cap_net_raw=ep "$tmp/capable" \
    2>/dev/null || ! command -v setpriv >/dev/null; then
    reason='needs root, setcap and setpriv'
    return
  fi
  as_nobody "$launcher" "$tmp/capable" 2>"$tmp/err"
  is status $? 2
  err=$(<"$tmp/err")
  one_line_error '*/capable has file capabilities*'
}

setuid_program_without_new_privileges_runs() {
  if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    reason='needs root and setpriv'
    return
  fi
  cp "$(type -P true)" "$tmp/tamed"
  chown 65534 "$tmp/tamed" && chmod 4755 "$tmp/tamed"
  setpriv --no-new-privs -- "$launcher" "$tmp/tamed" 2>"$tmp/err"
  is status $? 0
  is stderr "$(<"$tmp/err")" ''
}

static_program_is_warned_about_and_run() {
  program static 'int main(void) { return 5; }' -static
  run "$tmp/static"
  is status "$status" 5
  one_line_error 'warning: */static is statically linked*'
}

static_pie_program_is_warned_about_and_run() {
  program static-pie 'int main(void) { return 5; }' -static-pie
  run "$tmp/static-pie"
  is status "$status" 5
  one_line_error 'warning: */static-pie is statically linked*'
}

program_of_another_class_is_refused() {
  cp "$(type -P true)" "$tmp/narrow"
  printf '\1' | dd of="$tmp/narrow" bs=1 seek=4 conv=notrunc 2>/dev/null
  run "$tmp/narrow"
  is status "$status" 2
  one_line_error '*/narrow is 32-bit *: */libcurlretry.so, 64-bit*'
}

program_of_another_machine_is_refused() {
  cp "$(type -P true)" "$tmp/alien"
  printf '\377\1' | dd of="$tmp/alien" bs=1 seek=18 conv=notrunc 2>/dev/null
  run "$tmp/alien"
  is status "$status" 2
  one_line_error '*/alien is *machine 511: *'
}

program_without_its_dynamic_linker_is_127() {
  program orphan 'int main(void) { return 0; }' \
    -Wl,--dynamic-linker=/lib/ld-none.so.1
  run "$tmp/orphan"
  refused 127 '*/orphan: its dynamic linker /lib/ld-none.so.1 is not found'
}

# A libc of musl's name without anything in it: what is missing is named.
musl_program_without_what_is_needed_is_refused() {
  gcc -shared -nostdlib -x c -o "$tmp/ld-musl-none.so.1" - <<<'int none;'
  program musl 'int main(void) { return 0; }' \
    -Wl,--dynamic-linker="$tmp/ld-musl-none.so.1"
  run "$tmp/musl"
  refused 2 '*/musl is linked with musl, which has no * for */libcurlretry.so*'
}

musl_program_runs() {
  have musl-gcc || return
  musl-gcc -x c -o "$tmp/real-musl" - <<<'int main(void) { return 4; }'
  run "$tmp/real-musl"
  is status "$status" 4
  is stderr "$err" ''
}

the_dynamic_linker_may_be_run_by_hand() {
  local linker
  for linker in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 none; do
    [ -x "$linker" ] && break
  done
  if [ "$linker" = none ]; then
    reason='no known dynamic linker here'
    return
  fi
  run "$linker" --version
  is status "$status" 0
  is stderr "$err" ''
}

script_is_judged_by_its_interpreter() {
  program interpreter 'int main(void) { return 6; }' -static
  printf '#! %s\n' "$tmp/interpreter" >"$tmp/script"
  printf '#!/usr/bin/env -S %s -x\n' "$tmp/interpreter" >"$tmp/env-script"
  chmod +x "$tmp/script" "$tmp/env-script"
  run "$tmp/script"
  is status "$status" 6
  one_line_error 'warning: */interpreter is statically linked*'
  run "$tmp/env-script"
  is 'status behind env' "$status" 6
  one_line_error 'warning: */interpreter is statically linked*'
}

script_of_a_missing_interpreter_is_127() {
  printf '#!/no/such/shell\n' >"$tmp/lost"
  printf '#!/bin/sh\r\n' >"$tmp/dos"
  chmod +x "$tmp/lost" "$tmp/dos"
  run "$tmp/lost"
  refused 127 '*/lost: its interpreter /no/such/shell is not found'
  run "$tmp/dos"
  refused 127 '*/dos: its interpreter /bin/sh? is not found'
}

script_without_an_interpreter_line_runs() {
  printf 'exit 8\n' >"$tmp/bare"
  chmod +x "$tmp/bare"
  run "$tmp/bare"
  is status "$status" 8
  printf 'printf "%%s|" "$@"\n' >"$tmp/bare"
  run "$tmp/bare" one 'two words'
  is arguments "$out" 'one|two words|'
  is stderr "$err" ''
}

unreadable_program_runs() {
  if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    reason='needs root and setpriv'
    return
  fi
  cp "$(type -P true)" "$tmp/secret"
  chmod 711 "$tmp/secret"
  as_nobody true && chmod go-r "$tmp/secret"
  setpriv --reuid 65534 --regid 65534 --clear-groups -- "$launcher" \
    "$tmp/secret" 2>"$tmp/err"
  is status $? 0
  is stderr "$(<"$tmp/err")" ''
}

broken_elf_file_is_left_to_the_system() {
  printf '\177ELF\2\1\1' >"$tmp/broken"
  chmod +x "$tmp/broken"
  run "$tmp/broken"
  like stderr "$err" '*broken*'
  is status "$status" 126
}
