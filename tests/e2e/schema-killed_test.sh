#!/usr/bin/env bash
# An upgrade whose service or database is killed on the way: the command says so, and run again it ends in the same schema.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

tables() {
  local table
  for table in $(root_sql azure 'SHOW TABLES'); do
    [[ $table == bonnie_* ]] || root_sql azure "SHOW CREATE TABLE $table" | sed 's/ AUTO_INCREMENT=[0-9]*//'
  done
}
back_to_base() { bonnie schema downgrade base --yes --allow data-loss --allow kept-elsewhere >/dev/null 2>&1 || fail 'downgrade base'; }

start_site azure --base
bonnie schema upgrade head --yes --allow kept-elsewhere >/dev/null 2>&1
want=$(tables)
back_to_base

cut_off=0
for what in schema schema schema schema database schema database schema; do
  bonnie schema upgrade head --yes --allow kept-elsewhere >"$work/out" 2>"$work/err" &
  upgrade=$!
  # Some statements later, each time another one.
  sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
  if [[ $what == schema ]]; then
    stop_service azure schema KILL
  else
    "$BONNIE_ROOT/tests/support/test-database" kill --dir "$work/azure/db"
  fi
  code=0
  wait "$upgrade" || code=$?
  if ((code != 0)); then
    cut_off=$((cut_off + 1))
    expect_match "the command, its $what killed" "$(<"$work/err")" 'bonnie: azure \(schema service at localhost:[0-9]+\): '
  fi
  if [[ $what == schema ]]; then
    start_service azure schema
  else
    "$BONNIE_ROOT/tests/support/test-database" start --dir "$work/azure/db"
  fi
  code=0
  for _ in {1..50}; do  # a database that just came back is found again by and by
    code=0
    bonnie schema upgrade head --yes --allow kept-elsewhere >"$work/out" 2>"$work/err" || code=$?
    ((code == 78 || code == 74)) || break
    sleep 0.2
  done
  expect_equal "again after the $what was killed" "$code/$(<"$work/err")" "0/$(<"$work/err")"
  [[ $(tables) == "$want" ]] || fail "another schema after the $what was killed"
  expect_equal 'current' "$(bonnie schema current)" '0005 (head)'
  back_to_base
done
echo "cut off $cut_off of 8 times"
finish
