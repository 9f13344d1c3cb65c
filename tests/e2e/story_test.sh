#!/usr/bin/env bash
# The story of migrations/README.md, typed: from an empty folder to a schema under revisions, and a change by hand found.
# shellcheck disable=SC2016  # backticks are names
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(bonnie schema "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}

# A site whose service reads an empty folder and whose schema user may read the tables, as `up --project` makes one.
mkdir -p "$work/project/migrations"
start_site project --base
root_sql project "GRANT SELECT ON bonnie.* TO 'bonnie_schema'@'%'"
cd "$work/project"

try init
expect_equal 'init' "$code" 0
expect_equal 'init makes a folder' "$(cd migrations && echo *)" 'bonnie.sum model versions'
try init
expect_match 'init again' "$out" 'is a migrations folder already'
try check
expect_equal 'an empty project has nothing to say' "$code" 0
try revision --autogenerate -m 'nothing'
expect_match 'no model, no revision' "$err" 'MODEL_MISSING'

cat >migrations/model/patients.sql <<'SQL'
-- The people under the clinic's care.
CREATE TABLE patients (
  id INT NOT NULL AUTO_INCREMENT,
  first_name VARCHAR(50) NOT NULL,
  last_name VARCHAR(50) NOT NULL,
  PRIMARY KEY (id)
);
SQL
cat >migrations/model/medical_records.sql <<'SQL'
CREATE TABLE medical_records (
  id INT NOT NULL AUTO_INCREMENT,
  patient_id INT NOT NULL,
  diagnosis VARCHAR(255) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT medical_records_patient FOREIGN KEY (patient_id) REFERENCES patients (id)
);
SQL
try revision --autogenerate -m 'create tables' --rev-id 0001
expect_equal 'the first revision' "$code" 0
expect_match 'the first revision' "$out" 'versions/0001_create_tables.sql: written, revises base'
expect_match 'it is proven' "$out" 'proven on project'
expect_match 'the file reads well' "$(<migrations/versions/0001_create_tables.sql)" \
  '-- migrate:up.CREATE TABLE `patients`.*CREATE TABLE `medical_records`.*-- migrate:down.*DROP TABLE `medical_records`.*DROP TABLE `patients`'
try check
expect_equal 'check finds the database behind' "$code" 1
expect_match 'check finds the database behind' "$out" 'the database is behind: 0001 not applied'
try upgrade head
expect_equal 'upgrade' "$code" 0
try history
expect_match 'history' "$out" '<base> -> 0001 \(head\), create tables'
try current
expect_equal 'current' "$out" '0001 (head)'
try inspect patients
expect_match 'inspect' "$out" 'CREATE TABLE `patients`.*`last_name` varchar\(50\)'
try check
expect_equal 'all agrees' "$code" 0
root_sql project "INSERT INTO patients (first_name, last_name) VALUES ('Ada', 'Okoro')"

sed -i 's/^  PRIMARY KEY (id)$/  is_deceased VARCHAR(30) NOT NULL,\n  PRIMARY KEY (id)/' migrations/model/patients.sql
try lint --from live
expect_equal 'lint finds no error' "$code" 0
expect_match 'lint warns of the rows' "$out" 'warning +MY101 +patients.is_deceased: NOT NULL without a default'
try lint --from live --fail-on warning
expect_equal 'lint fails when told to' "$code" 1
try diff head model
expect_equal 'diff' "$code" 1
expect_match 'diff' "$out" '\+ patients: add column is_deceased'
try revision --autogenerate -m 'add is_deceased' --rev-id 0002
expect_equal 'the second revision' "$code" 0
expect_match 'it warns of the rows' "$out" '! MY101 patients.is_deceased: NOT NULL without a default'
try revision --autogenerate -m 'again'
expect_match 'nothing is left to write' "$out" 'nothing to write'
try upgrade head
expect_equal 'the second upgrade' "$code" 0
try erd -o erd.svg
expect_equal 'erd' "$code/$out" '0/erd.svg: written'
expect_match 'the picture' "$(<erd.svg)" '>medical_records<.*>patients<.*>is_deceased<'
try check
expect_equal 'all agrees again' "$code" 0

root_sql project 'ALTER TABLE patients ADD COLUMN by_hand INT'
try check
expect_equal 'a change by hand is found' "$code" 1
expect_match 'a change by hand is found' "$out" 'somebody changed it beside them:.*patients: add column by_hand'
root_sql project 'ALTER TABLE patients DROP COLUMN by_hand'
try downgrade -1 --yes --allow data-loss
expect_equal 'downgrade' "$code" 0
expect_equal 'the rows are there' "$(root_sql project 'SELECT first_name FROM patients')" Ada
try upgrade head
expect_equal 'and up again' "$code" 0

# --- pull and fmt
try fmt --check
expect_equal 'fmt --check' "$code" 1
try fmt
expect_equal 'fmt' "$code" 0
expect_match 'fmt keeps the comment before the statement' "$(<migrations/model/patients.sql)" "^-- The people under the clinic's care"
try fmt --check
expect_equal 'fmt has nothing more to do' "$code" 0
try check
expect_equal 'what fmt writes is the same model' "$code" 0
rm migrations/model/*.sql
try pull
expect_equal 'pull' "$code" 0
try check
expect_equal 'what pull writes is the same model' "$code" 0

# --- bad input
printf 'CREATE TABLE other.t (a INT);\n' >migrations/model/bad.sql
try check
expect_equal 'a qualified name' "$code" 67
expect_match 'a qualified name' "$err" 'model/bad.sql:1: `other`.`t` is a qualified name'
printf 'DROP TABLE IF EXISTS t;\nCREATE TABLE t (a INT);\n' >migrations/model/bad.sql
try revision --autogenerate -m bad
expect_match "a dump's line" "$err" 'model/bad.sql:1: DROP has no place in a model file'
rm migrations/model/bad.sql
expect_equal 'no scratch database is left' "$(root_sql project "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'bonnie\\\\_scratch%'")" 0
finish
