#!/usr/bin/env bash
# deploy/local/lib: whose port it is, whose process, and what a server does that was cut off or is in the way.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
# shellcheck source=deploy/local/lib/common.sh
. "$root/deploy/local/lib/common.sh"
database=$root/tests/support/test-database
dir=$(mktemp -d)
trap '"$database" kill --dir "$dir/db" || true; rm -rf "$dir"' EXIT

"$database" start --dir "$dir/db"
port=$(<"$dir/db/port")
pid=$(<"$dir/db/mysql.pid")

port_is_free "$port" && fail 'a port that is listened on is taken for free'
port_is_free "$(free_port)" || fail 'free_port gave one that is not'
expect_match 'the owner of a port is named' "$(port_owner "$port")" "^pid $pid "
expect_equal 'our process is ours' "$(running_pid "$dir/db/mysql.pid" "$dir/db/my.cnf")" "$pid"
say $$ >"$dir/stale.pid"
running_pid "$dir/stale.pid" "$dir/db/my.cnf" >/dev/null && fail "another program's number was taken for our server's"
say 'no number' >"$dir/stale.pid"
running_pid "$dir/stale.pid" bash >/dev/null && fail 'a pid file without a number was believed'

answer=$("$database" start --dir "$dir/other" --port "$port" 2>&1) && fail 'a taken port was accepted'
expect_match 'a taken port is refused by its owner' "$answer" "port $port is in use by pid $pid "
long=$dir/$(printf 'x%.0s' {1..100})
answer=$("$database" start --dir "$long" 2>&1) && fail 'a path too long for a socket was accepted'
expect_match 'a path too long' "$answer" 'path too long for a socket: .* at most 107'
answer=$("$database" start --dir "$dir/bad" --option nonsense=1 2>&1) && fail 'an unknown option was accepted'
expect_match 'a server that does not start says why' "$answer" "unknown variable 'nonsense=1'.*log: "

# Killed as by a power cut, it comes back with its data, on its port.
mariadb --defaults-file="$dir/db/root.cnf" bonnie -e 'CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (7)'
"$database" kill --dir "$dir/db"
process_lives "$pid" && fail 'kill left the server running'
"$database" start --dir "$dir/db"
expect_equal 'the port stays' "$(<"$dir/db/port")" "$port"
expect_equal 'the data stay' "$(mariadb --defaults-file="$dir/db/root.cnf" bonnie -N -e 'SELECT id FROM kept')" 7

# Cut off before its users were made: it holds nothing and is made anew, with the same passwords.
engine=$(basename "$(sed -n 's/^datadir=//p' "$dir/db/my.cnf")")
rm "$dir/db/data/$engine.made"
"$database" start --dir "$dir/db"
expect_equal 'made anew' "$(mariadb --defaults-file="$dir/db/root.cnf" bonnie -N -e 'SHOW TABLES')" ''
"$database" stop --dir "$dir/db"
"$database" stop --dir "$dir/db" || fail 'a second stop failed'

dd if=/dev/zero of="$dir/big.log" bs=1M count=11 2>/dev/null
rotate_log "$dir/big.log"
expect_equal 'a big log is rotated' "$(stat -c %s "$dir/big.log" "$dir/big.log.1" | tr '\n' ' ')" '0 11534336 '
finish
