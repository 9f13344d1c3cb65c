# shellcheck shell=bash
# What the scripts of this folder check with. Each check says what failed; `finish` ends the script.

failures=0

fail() {
  printf 'failed: %s\n' "$*"
  failures=$((failures + 1))
}

expect_equal() {  # WHAT GOT WANT
  [[ $2 == "$3" ]] || fail "$1: '$2', want '$3'"
}

expect_match() {  # WHAT GOT REGEX
  [[ $2 =~ $3 ]] || fail "$1: '$2', want a match of '$3'"
}

finish() {
  ((failures == 0)) && echo 'all as wanted'
  exit $((failures > 0))
}
