#!/usr/bin/env bash
# `bonnie schema` against a site with data: up, down and up again lose nothing; words, questions and refusals.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(bonnie "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}
# What a person sees of patients and records, but for versions and times, which are made anew by the way up.
data() {
  bonnie patients list --limit 0 --output csv | cut -d , -f 1-8
  bonnie records list --limit 0 --output csv | cut -d , -f 1-7
}
without_source_keys() { sed 's/,[^,]*$//'; }

start_site azure --base
try schema current
expect_equal 'current at base' "$code/$out" '0/'
try schema upgrade 0003 --yes --allow kept-elsewhere
expect_equal 'upgrade to a revision' "$code" 0
try schema current
expect_equal 'current' "$out" 0003
expect_match 'pending' "$err" '\(2 not applied yet\)'
try schema upgrade +1 --yes --allow kept-elsewhere
expect_match 'a relative step' "$out" 'azure: now at 0004'
try schema upgrade head --yes --allow kept-elsewhere
expect_match 'the plan is shown' "$out" '0005_[a-z_]*\.sql:[0-9]+  CREATE TABLE'
try schema current
expect_equal 'current marks a head' "$out" '0005 (head)'
try schema upgrade head --yes --allow kept-elsewhere
expect_equal 'again' "$code/$out" '0/azure: at 0005 already'
try schema heads
expect_equal 'heads' "$out" '0005 (head)'
try schema history -i
expect_match 'history' "$out" '^0004 -> 0005 \(head\) \(current\), .*<base> -> 0001, '
try schema history 0002:0003
expect_equal 'a range' "$(wc -l <<<"$out")" 2
try schema show 0002
expect_match 'show' "$out" 'Parent: 0001.*-- migrate:up'
try schema show nothing
expect_equal 'an unknown revision' "$code" 69
expect_match 'an unknown revision' "$err" 'azure \(schema service at localhost:[0-9]+\): NOT_FOUND REVISION_UNKNOWN'
try --output json schema current
expect_equal 'JSON' "$(jq -r '.id + " " + (.isHead | tostring)' <<<"$out")" '0005 true'

# --- with data: down and up again
start_records azure
bonnie import synthea "$here/data/synthea" >/dev/null 2>&1
before=$(data)
try schema downgrade -1
expect_equal 'without a terminal a downgrade wants --yes or --allow' "$code" 2
try schema downgrade -1 --yes
expect_equal 'what drops data wants --allow' "$code" 2
expect_match 'what drops data wants --allow' "$err" 'add --allow data-loss'
# The tables are other ones after a way down and up, so the rights on them are given again, as `up` does.
down_and_up() {  # TARGET
  try schema downgrade "$1" --yes --allow data-loss --allow kept-elsewhere
  expect_equal "downgrade $1" "$code" 0
  expect_equal "patients and records at $1" \
    "$(root_sql azure 'SELECT (SELECT COUNT(*) FROM patients), (SELECT COUNT(*) FROM medical_records)')" $'4\t6'
  try schema upgrade head --yes --allow kept-elsewhere
  expect_equal "upgrade after downgrade $1" "$code" 0
  mariadb --defaults-file="$work/azure/db/root.cnf" bonnie <"$BONNIE_ROOT/deploy/mysql/records.sql"
}
down_and_up -1
expect_equal 'after -1 and head all is as before' "$(data)" "$before"
down_and_up 0003
expect_equal 'after 0003 and head all is as before but what 0003 cannot hold' \
  "$(data | without_source_keys)" "$(without_source_keys <<<"$before")"

# --- the checkout
cp -r "$BONNIE_ROOT/migrations" "$work/checkout"
try schema --migrations "$work/checkout" hash --check
expect_equal 'hash --check' "$code" 0
printf -- '-- edited\n' >>"$work/checkout/versions/0002_add_patients_is_deceased.sql"
try schema --migrations "$work/checkout" hash --check
expect_equal 'an edited file' "$code" 1
try schema --migrations "$work/checkout" upgrade head --yes --allow kept-elsewhere
expect_match 'a checkout that differs' "$err" 'not the same in 0002, 0003.*schema show 0002'
try schema hash --migrations "$work/checkout"
expect_equal 'hash' "$code" 0
try schema --migrations "$work/checkout" hash --check
expect_equal 'hash wrote it' "$code" 0

# --- the service names an edited file of its own
printf -- '-- edited\n' >>"$work/azure/migrations/versions/0002_add_patients_is_deceased.sql"
try schema upgrade head --yes --allow kept-elsewhere
expect_equal 'an edited revision' "$code" 73
expect_match 'an edited revision' "$err" 'REVISION_EDITED.*0002_add_patients_is_deceased.sql'
finish
