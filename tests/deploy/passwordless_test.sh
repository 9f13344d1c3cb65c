#!/usr/bin/env bash
# No account of a database server can log in without a password, not even while the server is set up: any process of the
# machine could take it over in that moment.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
# shellcheck source=deploy/local/lib/common.sh
. "$root/deploy/local/lib/common.sh"
# shellcheck source=deploy/local/lib/packages.sh
. "$root/deploy/local/lib/packages.sh"
# shellcheck source=deploy/local/lib/engine.sh
. "$root/deploy/local/lib/engine.sh"
# shellcheck source=deploy/local/lib/database.sh
. "$root/deploy/local/lib/database.sh"
engine=${BONNIE_TEST_ENGINE:-mariadb}
work=$(mktemp -d)
dir=$work/db
mkdir "$dir"
trap 'database_kill "$dir"; rm -rf "$work"' EXIT
"$root/deploy/pki/make-pki" "$dir/pki"
# shellcheck disable=SC2034  # read by database.sh
DATABASE_PKI=$dir/pki

query() { database_sql "$dir" -e "$1"; }

# Nobody logs in: by the socket, over TCP, as each account that the server has, without a password.
expect_no_login() {  # WHEN
  local user answer way
  local ways=(--socket="$dir/mysql.sock" "--host=127.0.0.1 --port=$(<"$dir/port")")
  for user in $(query "SELECT DISTINCT user FROM mysql.user WHERE user <> ''") ''; do
    for way in "${ways[@]}"; do
      # shellcheck disable=SC2086  # two words
      answer=$(mariadb --no-defaults --user="$user" $way --ssl-ca="$dir/pki/ca.pem" -e 'SELECT CURRENT_USER()' 2>&1) &&
        fail "$1: '$user' logged in without a password: $answer"
      expect_match "$1: '$user'" "$answer" 'ERROR (1045|1698|1449|3118|4151|1524|2061|2059) |1130 - Host'
    done
  done
}

# The server as it is when its users are about to be made.
eval "whole_$(declare -f set_up_users)"
set_up_users() { expect_no_login 'before there are users'; whole_set_up_users "$@"; }
database_start "$dir" "$engine"
expect_no_login 'afterwards'
expect_equal 'administrators' "$(query "SELECT CONCAT(user, '@', host) FROM mysql.user WHERE user = 'root'")" root@localhost
expect_equal 'the file with the first password is gone' "$(find "$dir" -name 'init.sql*')" ''

# deploy/mysql/users.sql by itself, as an administrator runs it: locked accounts.
query "DROP USER 'bonnie_records'@'%', 'bonnie_schema'@'%', 'bonnie_scratch'@'%'"
database_sql "$dir" bonnie <"$root/deploy/mysql/users.sql"
expect_no_login 'users.sql'
while read -r user; do
  expect_match "$user is locked" "$(query "SHOW CREATE USER '$user'@'%'")" 'ACCOUNT LOCK'
done < <(query "SELECT user FROM mysql.user WHERE user LIKE 'bonnie%'")
expect_equal 'accounts' "$(query "SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'bonnie%'")" 3

# Whatever makes an account locks it in the same statement.
unlocked=$(grep -rhi 'CREATE USER IF NOT' "$root/deploy" | grep -vi 'ACCOUNT LOCK' || true)
expect_equal 'accounts made without a lock' "$unlocked" ''
finish
