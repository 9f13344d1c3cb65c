#!/usr/bin/env bash
# On a terminal no data are an escape sequence; in a pipe they are exact, byte for byte.
#
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$root/tests/deploy/expect.sh"
bonnie=${BONNIE_BUILD_DIR:-$root/build/release}/bin/bonnie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf 'sites { name: "azure" schema_address: "localhost:1" }\ntls { insecure_loopback: true }\n' >client.textproto
export BONNIE_CONFIG=$work/client.textproto
escape=$'\e' override=$'\u202e'

mkdir -p migrations/versions
printf -- '-- revision: 0001\n-- revises:\n-- message: one\n-- migrate:up\n%s\n-- migrate:down\nDROP TABLE t;\n' \
  "CREATE TABLE t (id INT NOT NULL COMMENT '${escape}]0;title${escape}[2J ${override}abc é', PRIMARY KEY (id));" \
  >migrations/versions/0001_one.sql
"$bonnie" schema hash >/dev/null

on_terminal() {  # COMMAND…   what a person's terminal gets, its carriage returns left out
  SHELL=$BASH script -qec "$(printf '%q ' "$@")" /dev/null </dev/null | tr -d '\r'
}

piped=$("$bonnie" schema upgrade head --sql --flavour mariadb)
shown=$(on_terminal "$bonnie" schema upgrade head --sql --flavour mariadb)
expect_match 'SQL in a pipe is exact' "$piped" "'${escape}]0;title${escape}\[2J ${override}abc é'"
expect_match 'SQL on a terminal shows what it is' "$shown" \
  "'<U\+001B>\]0;title<U\+001B>\[2J <U\+202E>abc é'"
[[ $shown != *"$escape"* ]] || fail 'SQL steers the terminal'
[[ $shown != *"$override"* ]] || fail 'SQL is shown in another order than it has'

shown=$(on_terminal "$bonnie" --config "$work/no${escape}[2Jfile" status || true)
expect_match 'an error names the file' "$shown" 'no(<U\+001B>|\?)\[2Jfile'
[[ $shown != *"$escape"* ]] || fail 'an error steers the terminal'
finish
