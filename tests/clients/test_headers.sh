#!/bin/bash
# The installed headers of libcurl hold nothing that nobody has looked at. It
# fails with a newer libcurl's: then see what the new function, option, info or
# code means for a repeated request (shim/README.md, "How to add";
# policy/codes.c), and enter it here. No build of a user's looks at this.
set -u
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "$0")/setup.sh"

preprocess() { # HEADERS: another folder, to try a newer libcurl's
  echo '#include <curl/curl.h>' |
    cc -E -P -DCURL_DISABLE_TYPECHECK ${HEADERS:+"-I$HEADERS"} - 2>/dev/null
}

# Those with "..." anywhere, and what begins with curl_multi_.
declared() { # variadic | multi
  case $1 in
  variadic) preprocess | tr '\n' ' ' | tr ';{}' '\n' |
    sed -n -E 's/.*[ *](curl_[a-z_]*) *\([^()]*\.\.\.\).*/\1/p' ;;
  multi) preprocess | tr '\n' ' ' | grep -o -E '\bcurl_multi_[a-z_]+ *\(' |
    tr -d ' (' ;;
  esac | sort -u
}

known() { # NAME...: those, and the map's
  { printf '%s\n' "$@" &&
    sed -n 's/^ *\([a-z_]*\);$/\1/p' "$tree/shim/interpose/exports.map"; } |
    sort -u
}

unknown() { # KIND KNOWN-NAME...
  local names
  have cc || return
  names=$(declared "$1")
  like "functions found" "$names" '*curl_multi_setopt*'
  is "that nobody has looked at" \
    "$(comm -23 <(echo "$names") <(known "${@:2}") | paste -s -d ' ')" ''
}

# Those of the printf family, and of objects that aren't handles.
every_variadic_function_is_known() {
  unknown variadic curl_formadd curl_share_setopt curl_maprintf \
    curl_mfprintf curl_mprintf curl_msnprintf curl_msprintf
}

# Those without a wrapper: they ask libcurl what it knows, and that is right
# for transfers that wait, too, since they stay in it.
every_function_of_the_multi_interface_is_known() {
  unknown multi curl_multi_assign curl_multi_strerror curl_multi_wakeup \
    curl_multi_get_handles
}

# known_to WHAT EXPRESSION LAST: libcurl numbers on and never anew, so the last
# one tells whether all are known.
known_to() { # WHAT EXPRESSION LAST
  local last
  last=$(printf '#include <curl/curl.h>\n#include <stdio.h>
    int main(void) { return printf("%%d\\n", (int)(%s)) < 0; }' "$2" |
    cc -w ${HEADERS:+"-I$HEADERS"} -o "$tmp/last" -x c - 2>&1 && "$tmp/last")
  at_most "the last $1" "$last" "$3"
}

# As of libcurl 8.22.
every_option_info_and_code_is_known() {
  have cc || return
  known_to option 'CURLOPT_LASTENTRY % 10000' 333
  known_to info CURLINFO_LASTONE 71
  known_to CURLcode CURL_LAST 102
  known_to CURLproxycode CURLPX_LAST 34
  known_to CURLMcode CURLM_LAST 13
  known_to "option of the multi interface" 'CURLMOPT_LASTENTRY % 10000' 22
}

run_tests "$0"
