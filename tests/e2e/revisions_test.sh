#!/usr/bin/env bash
# Revisions from a checkout: push, branches, merge, stamp, edit, SQL offline, and files that are wrong.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   in the checkout's folder; keeps exit code, output and errors
  code=0
  out=$(cd "$work/clone" && bonnie "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}
revision() {  # ID PARENTS UP DOWN   a file of the checkout
  printf -- '-- revision: %s\n-- revises: %s\n-- message: %s\n-- migrate:up\n%s\n-- migrate:down\n%s\n' \
    "$1" "$2" "test $1" "$3" "$4" >"$work/clone/migrations/versions/$1_test.sql"
}
# The schema, and what the ledger says of it but for times and operations.
state() {
  root_sql azure "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = 'bonnie' ORDER BY 1, ORDINAL_POSITION; SELECT revision, hash FROM bonnie_ledger.bonnie_revisions ORDER BY 1;
    SELECT revision, direction, revision_hash FROM bonnie_ledger.bonnie_journal WHERE kind = 'revision' ORDER BY entry"
}

start_site azure --base
mkdir "$work/clone"
cp -r "$BONNIE_ROOT/migrations" "$work/clone/migrations"

# --- offline, without a service: the same as an upgrade
stop_service azure schema
try schema upgrade head --sql --flavour "${BONNIE_TEST_ENGINE:-mariadb}"
expect_equal 'upgrade --sql needs no service' "$code" 0
expect_equal 'it begins with the character set' "$(head -n 1 <<<"$out")" 'SET NAMES utf8mb4;'
expect_equal 'it names no algorithm' "$(grep -c ALGORITHM <<<"$out" || true)" 0
mariadb --defaults-file="$work/azure/db/root.cnf" bonnie <<<"$out"
offline=$(state)
try schema downgrade 0005 --sql
expect_equal 'downgrade --sql wants a range' "$code" 2
expect_match 'downgrade --sql wants a range' "$err" 'wants from where too: a:b'
root_sql azure 'DROP DATABASE bonnie; CREATE DATABASE bonnie; DELETE FROM bonnie_ledger.bonnie_revisions;
  DELETE FROM bonnie_ledger.bonnie_journal; DELETE FROM bonnie_ledger.bonnie_plans'
start_service azure schema
try schema upgrade head --yes --allow kept-elsewhere
expect_equal 'upgrade' "$code" 0
expect_equal 'the SQL leaves what an upgrade leaves' "$offline" "$(state)"
try schema downgrade head:0001 --sql --flavour "${BONNIE_TEST_ENGINE:-mariadb}"
expect_equal 'downgrade --sql' "$code" 0
mariadb --defaults-file="$work/azure/db/root.cnf" bonnie <<<"$out"
try schema current
expect_equal 'the service believes the ledger' "$out" 0001
try schema upgrade head --yes --allow kept-elsewhere
expect_equal 'and goes on from there' "$code" 0

# --- two branches in the checkout: push, heads, branches, merge
head=$(cd "$work/clone" && bonnie schema heads | sed 's/ .*//')
revision left "$head" 'CREATE TABLE l (id INT NOT NULL, PRIMARY KEY (id));' 'DROP TABLE l;'
revision right "$head" 'CREATE TABLE r (id INT NOT NULL, PRIMARY KEY (id));' 'DROP TABLE r;'
try schema push
expect_equal 'a push wants bonnie.sum to fit' "$code" 2
expect_match 'a push wants bonnie.sum to fit' "$err" 'bonnie schema hash'
try schema upgrade heads --yes
expect_match 'an upgrade names what the site has not' "$err" 'azure has not left, right of migrations; .*bonnie schema hash'
names_what_is_missing() {  # VERB…
  try schema "$@"
  expect_match "$1 names it too" "$err" 'azure has not left, right of migrations; .*bonnie --site azure schema push'
}
names_what_is_missing current
names_what_is_missing heads
names_what_is_missing history
names_what_is_missing check
names_what_is_missing plan head
try schema hash --check
expect_match 'hash --check says from where on' "$code/$err" '1/.*bonnie.sum: does not fit the files \(from left on\)'
try schema inspect nobody patients
expect_match 'inspect names the table that is not there' "$code/$err" '2/.*there is no table nobody;'
try schema hash
mv "$work"/clone/migrations/versions/left*.sql "$work/"
try schema hash --check
expect_match 'hash --check names a file that is gone' "$code/$err" '1/.*bonnie.sum: does not fit the files \(left is missing\)'
mv "$work"/left*.sql "$work/clone/migrations/versions/"
try schema push
expect_equal 'push' "$code/$out" '0/azure: pushed left, right from migrations'
try schema push
expect_equal 'push again' "$code/$out" '0/azure: has every revision of migrations already'
try schema branches
expect_match 'branches' "$out" "^$head.*\(branchpoint\).*-> left \(head\).*-> right \(head\)"
try schema upgrade head
expect_equal 'head with two heads' "$code" 73
expect_match 'head with two heads' "$err" "SEVERAL_HEADS.*left, right.*'heads'.*merge"
try schema merge -m 'both again' --rev-id both
expect_match 'merge' "$out" 'migrations/versions/both_both_again.sql: merges left and right'
try schema upgrade left right --yes
expect_equal 'several targets' "$code" 0
expect_match 'an upgrade pushes what is missing first' "$out" 'azure: pushed both from migrations.*now at left, right'
try schema upgrade head --yes
expect_equal 'the merge' "$code" 0
expect_equal 'leaves one row' "$(root_sql azure 'SELECT revision FROM bonnie_ledger.bonnie_revisions')" both
try schema downgrade left --yes --allow data-loss
expect_equal 'down through the merge on one branch only' "$(root_sql azure 'SELECT revision FROM bonnie_ledger.bonnie_revisions')" \
  $'left\nright'
try schema history -v -r left:both
expect_match 'history -v' "$out" 'Rev: both \(head\).*Path: versions/both_both_again.sql.*Applied: no'

# --- stamp
try schema stamp both
expect_equal 'stamp' "$code/$out" '0/azure: stamped left, right -> both'
expect_equal 'who did it' "$(root_sql azure "SELECT COUNT(*) FROM bonnie_ledger.bonnie_journal j JOIN bonnie_ledger.bonnie_plans p USING (operation_id)
  WHERE j.kind = 'stamp' AND p.identity <> ''")" 3
try schema stamp "$head"
expect_equal 'a stamp that the database contradicts' "$code" 73
expect_match 'a stamp that the database contradicts' "$err" "FINDING_NOT_ALLOWED.*stamp-contradicts.*the database is not what $head makes: .*table l is there"
expect_equal 'the heads stayed' "$(root_sql azure 'SELECT revision FROM bonnie_ledger.bonnie_revisions')" both
try schema stamp "$head" --allow stamp-contradicts
expect_equal 'unless that is allowed' "$code/$out" "0/azure: stamped both -> $head"
try schema stamp both
expect_equal 'and back' "$code" 0
try schema stamp nowhere
expect_equal 'stamp at nothing' "$code" 67

# --- edit
cat >"$work/editor" <<'SCRIPT'
#!/bin/sh
echo '-- edited' >>"$1"
SCRIPT
chmod +x "$work/editor"
export EDITOR=$work/editor
try schema edit both
expect_equal 'an applied revision is not edited' "$code" 2
expect_match 'an applied revision is not edited' "$err" 'both is applied at azure'
revision later both '' ''
try schema hash
try schema edit later
expect_equal 'edit' "$code" 0
try schema hash --check
expect_equal 'edit wrote bonnie.sum' "$code" 0
cat >"$work/editor" <<'SCRIPT'
#!/bin/sh
printf '\r\n' >>"$1"
SCRIPT
try schema edit later
expect_equal 'an edit that breaks the file' "$code" 2
expect_match 'an edit that breaks the file' "$err" 'versions/later_test.sql:[0-9]+: has carriage returns.*bonnie.sum is as before'

# --- files that are wrong: named with their line, and nothing is applied
before=$(state)
wrong() {  # NAME PATTERN
  try schema upgrade heads --yes
  expect_equal "$1" "$code" 2
  expect_match "$1" "$err" "$2"
  expect_equal "$1: nothing is applied" "$(state)" "$before"
}
wrong 'CRLF' 'versions/later_test.sql:[0-9]+: has carriage returns'
printf '\xef\xbb\xbf-- revision: later\n' >"$work/clone/migrations/versions/later_test.sql"
wrong 'a byte order mark' 'versions/later_test.sql:1: begins with a byte order mark'
revision later gone '' ''
wrong 'a missing parent' 'versions/later_test.sql:2: revision later names gone, which is not there'
revision later later '' ''
wrong 'a circle' 'versions/later_test.sql:2: .*circle: later needs later'
revision later both '' ''
cp "$work/clone/migrations/versions/later_test.sql" "$work/clone/migrations/versions/twice.sql"
wrong 'a revision twice' 'versions/twice.sql:1: revision later is already in versions/later_test.sql'
rm "$work/clone/migrations/versions/twice.sql"
revision left "$head" 'CREATE TABLE other (id INT NOT NULL, PRIMARY KEY (id));' ''
try schema hash
try schema push
expect_equal 'a file that was edited after it was pushed' "$code" 1
expect_match 'a file that was edited after it was pushed' "$err" 'not the same in both, left.*schema show both.*nothing was pushed'
try schema upgrade nowhere --yes
expect_equal 'an unknown revision' "$code" 67
finish
