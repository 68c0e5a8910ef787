# setup.sh - the launcher's surroundings and how its tests ask; sourced.
#
# Works on a copy of the launcher beside copies of build/libcurlretry.so and
# build/curlretry-policy, so that a test may break its surroundings. Where
# those aren't built yet, stand-ins serve; the first line says which.
# shellcheck shell=bash disable=SC2034,SC2154
# (variables of test_launcher.sh, and for the files with the tests)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck source=tests/tap.sh
. "$tree/tests/tap.sh"
unset LD_PRELOAD "${!CURLRETRY_@}"
# A sanitizer build of the shim: its runtime is not what is tested here.
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

# --- the surroundings ------------------------------------------------------

make_stand_ins() {
  gcc -shared -fPIC -x c -o "$1/libcurlretry.so" - \
    <<<'int getpid(void); int live(void) { return getpid(); }' || exit 1
  cat >"$1/curlretry-policy" <<'TOOL'
#!/bin/sh
case ${1-} in
--variables)
  printf -- '--max-retries VALUE\tCURLRETRY_MAX_RETRIES\t3\ta number\t\n'
  printf -- '--on VALUE\tCURLRETRY_ON\tdefault\ta list\twhat is retried\n'
  for name in close-idle disable dry-run keep-deepbind; do
    variable=CURLRETRY_$(echo $name | tr a-z- A-Z_)
    printf -- '--%s VALUE\t%s\t0\t0 or 1\tyes or no\n' $name $variable
  done
  ;;
*)
  case ${CURLRETRY_MAX_RETRIES-0} in
  *[!0-9]*)
    echo "CURLRETRY_MAX_RETRIES: '$CURLRETRY_MAX_RETRIES': a number" >&2
    exit 2
    ;;
  esac
  ;;
esac
TOOL
  chmod +x "$1/curlretry-policy"
}

make_tree() { # FOLDER: a source tree with just the launcher's needs
  mkdir -p "$1/scripts" "$1/build"
  cp "$tree/scripts/curlretry" "$1/scripts/"
  if [ -e "$tree/build/libcurlretry.so" ] &&
    [ -x "$tree/build/curlretry-policy" ]; then
    cp "$tree/build/libcurlretry.so" "$tree/build/curlretry-policy" \
      "$1/build/"
  else
    make_stand_ins "$1/build"
  fi
}

program() { # NAME SOURCE [FLAG...]: a program built from C
  local name=$1 source=$2
  shift 2
  gcc -x c -o "$tmp/$name" - "$@" <<<"$source" || exit 1
}

# --- asking ----------------------------------------------------------------

run() { # the launcher; leaves $status, $out and $err
  { # the outer redirection: what bash says about a killed program
    "$launcher" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
  } 2>/dev/null
  status=$?
  out=$(<"$tmp/out") err=$(<"$tmp/err")
}

one_line_error() { # PATTERN
  like stderr "$err" "curlretry: $1"
  is 'lines on stderr' "$(wc -l <"$tmp/err")" 1
}

# shellcheck disable=SC2016 # expanded by the program's shell
print_preload='printf %s "$LD_PRELOAD"'
# shellcheck disable=SC2016
print_retries='printf %s "${CURLRETRY_MAX_RETRIES-unset}"'
# shellcheck disable=SC2016
print_dry_run='printf %s "${CURLRETRY_DRY_RUN-unset}"'

# --- the copy under test ---------------------------------------------------

home=$tmp/tree
make_tree "$home"
launcher=$home/scripts/curlretry
library=$home/build/libcurlretry.so
if cmp -s "$library" "$tree/build/libcurlretry.so"; then
  echo "# with the libraries of $tree/build"
else
  echo "# with stand-ins: $tree/build is not complete"
fi
