# resume.sh - what the tests of resumed bodies share; sourced by test_*.sh
# after setup.sh. Bodies are 300000 bytes, 64 KiB of them are held.
# shellcheck shell=bash disable=SC2034
# (variables for the files with the tests)

hold=65536 size=300000
export CURLRETRY_HOLD_BYTES=$hold CURLRETRY_HOLD_TIME=off
whole=200:size=$size:seed=v # the version most tests ask for
tagged=$whole:etag=v1:ranges

# header_of NAME: that header of each of the key's requests, "-": absent.
header_of() {
  server_log "$KEY" | jq -r --arg name "$1" '.headers[$name] // "-"' |
    paste -s -d ' '
}

asked() { # RANGE...: the Range of each request
  is "Range of $KEY" "$(header_of range)" "$*"
}

# continued: all of version v came, whatever it took.
continued() {
  ended 0
  body $size v
}

# asked_often: every retry was used up for what isn't the rest.
asked_often() {
  is "requests of $KEY" "$(server_count "$KEY")" 4
}

# broken RC COUNT: the failure that broke the body, and this much of it.
broken() {
  ended "$1"
  body_begins "$2" $size v
}
