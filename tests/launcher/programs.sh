# programs.sh - programs the shim can't be loaded into, and installations;
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
  one_line_error '*/setuid is setuid*LD_PRELOAD*'
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
  one_line_error '*/setgid is setuid, setgid*'
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
  chmod -R go+rX "$tmp"
  setpriv --reuid 65534 --regid 65534 --clear-groups -- \
    "$launcher" "$tmp/capable" 2>"$tmp/err"
  is status $? 2
  err=$(<"$tmp/err")
  one_line_error '*/capable*capabilities*'
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
  one_line_error '*/narrow is a 32-bit program*'
}

program_of_another_machine_is_refused() {
  cp "$(type -P true)" "$tmp/alien"
  printf '\377\1' | dd of="$tmp/alien" bs=1 seek=18 conv=notrunc 2>/dev/null
  run "$tmp/alien"
  is status "$status" 2
  one_line_error '*/alien is*another machine*'
}

musl_program_is_warned_about() {
  if ! grep -q -F libc.so.6 "$library"; then
    reason='the shim is not linked with glibc'
    return
  fi
  program musl 'int main(void) { return 0; }' \
    -Wl,--dynamic-linker=/lib/ld-musl-none.so.1
  run "$tmp/musl" # its loader doesn't exist: only the warning counts
  like stderr "$err" 'curlretry: warning: */musl is linked with musl*'
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

script_without_an_interpreter_line_runs() {
  printf 'exit 8\n' >"$tmp/bare"
  chmod +x "$tmp/bare"
  run "$tmp/bare"
  is status "$status" 8
  is stderr "$err" ''
}

broken_elf_file_is_left_to_the_system() {
  printf '\177ELF\2\1\1' >"$tmp/broken"
  chmod +x "$tmp/broken"
  run "$tmp/broken"
  like stderr "$err" '*broken*'
  [ "$status" -ge 126 ] || is status "$status" '126 or more'
}

# --- the installation ------------------------------------------------------

missing_library_is_an_error() {
  local launcher=$tmp/bare-tree/scripts/curlretry
  make_tree "$tmp/bare-tree"
  rm "$tmp/bare-tree/build/libcurlretry.so"
  run true
  is status "$status" 2
  one_line_error '*libcurlretry.so is missing: run make first'
}

missing_policy_tool_is_an_error() {
  local launcher=$tmp/no-tool/scripts/curlretry
  make_tree "$tmp/no-tool"
  rm "$tmp/no-tool/build/curlretry-policy"
  run true
  is status "$status" 2
  one_line_error '*curlretry-policy is missing: run make first'
}

library_path_with_a_space_is_an_error() {
  local launcher="$tmp/a tree/scripts/curlretry"
  make_tree "$tmp/a tree"
  run true
  is status "$status" 2
  one_line_error "*a tree*LD_PRELOAD*"
}

launcher_is_found_through_a_link() {
  mkdir -p "$tmp/bin"
  ln -s "$launcher" "$tmp/bin/retrying"
  out=$(cd / && PATH=$tmp/bin:$PATH retrying sh -c "$print_preload")
  is LD_PRELOAD "$out" "$library"
}

installed_copy_uses_its_own_folders() {
  mkdir -p "$tmp/usr/lib" "$tmp/usr/libexec" "$tmp/usr/bin"
  cp "$home/build/libcurlretry.so" "$tmp/usr/lib/"
  cp "$home/build/curlretry-policy" "$tmp/usr/libexec/"
  local launcher=$tmp/usr/bin/curlretry
  sed -e "s|@libdir@|$tmp/usr/lib|" -e "s|@libexecdir@|$tmp/usr/libexec|" \
    "$home/scripts/curlretry" >"$launcher"
  chmod +x "$launcher"
  run sh -c "$print_preload"
  is LD_PRELOAD "$out" "$tmp/usr/lib/libcurlretry.so"
}
