#!/usr/bin/env bash
# deploy/mysql: each user can do its own work and nobody else's. The schema user runs every migration up, down and up
# again; then each statement that must be refused is tried, and its error number compared.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$here/../..
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
dir=$(mktemp -d)/db
trap '"$root/tests/support/test-database" kill --dir "$dir"; rm -rf "$dir"' EXIT
"$root/tests/support/test-database" start --dir "$dir"

as() {  # USER [ARGUMENT…]   over verified TLS, as the services do
  local user=$1
  shift
  printf '[client]\nuser=bonnie_%s\npassword=%s\n' "$user" "$(<"$dir/passwords/$user")" >"$dir/$user.cnf"
  mariadb --defaults-file="$dir/$user.cnf" -h 127.0.0.1 -P "$(<"$dir/port")" --ssl-ca="$dir/pki/ca.pem" \
    --ssl-verify-server-cert --batch --skip-column-names "$@"
}
allowed() {  # USER SQL
  local answer
  answer=$(as "$1" bonnie -e "$2" 2>&1) || fail "$1 may not: $2 ($answer)"
}
refused() {  # USER SQL ERROR_NUMBERS
  local answer
  if answer=$(as "$1" bonnie -e "$2" 2>&1); then
    fail "$1 may: $2"
  else
    expect_match "$1: $2" "$answer" "ERROR ($3) "
  fi
}
section() {  # FILE up|down
  awk -v want="-- migrate:$2" '/^-- migrate:/ { on = ($0 == want); next } on' "$1"
}
migrate() {  # up|down
  local revisions=("$root"/migrations/versions/*.sql) revision
  [[ $1 == up ]] || mapfile -t revisions < <(printf '%s\n' "${revisions[@]}" | sort -r)
  for revision in "${revisions[@]}"; do
    section "$revision" "$1" | as schema bonnie || fail "the schema user cannot run $(basename "$revision") $1"
  done
}

migrate up
migrate down
migrate up
mariadb --defaults-file="$dir/root.cnf" bonnie <"$root/deploy/mysql/records.sql"

allowed schema 'SHOW CREATE TABLE patients'
allowed schema 'SHOW FULL PROCESSLIST'
allowed schema 'SELECT * FROM information_schema.innodb_trx'
refused schema 'SELECT * FROM patients' 1142
refused schema 'SELECT COUNT(*) FROM medical_records' '1142|1143'
refused schema "INSERT INTO patients (first_name) VALUES ('x')" '1142|1143'
refused schema 'UPDATE patients SET gender = 1' '1142|1143'
refused schema 'DELETE FROM patients' 1142
refused schema 'CREATE TABLE patients_copy AS SELECT * FROM patients' 1142
refused schema 'CREATE DATABASE elsewhere' 1044
refused schema 'CREATE DATABASE bonnie_scratch_1' 1044
refused schema 'SELECT * FROM mysql.user' 1142
# Whatever shows a row of a table to whoever may change the table.
refused schema 'CREATE VIEW v AS SELECT * FROM patients' 1142
refused schema 'CREATE VIEW v AS SELECT first_name FROM patients' '1142|1143'
refused schema "CREATE DEFINER = 'bonnie_records'@'%' VIEW v AS SELECT 1" 1227
refused schema "CREATE DEFINER = 'bonnie_records'@'%' TRIGGER t AFTER INSERT ON patients FOR EACH ROW SET @x = 1" 1227
refused schema "CREATE DEFINER = 'bonnie_records'@'%' EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1" 1227
refused schema 'CREATE TABLE patients_like LIKE patients' 1142
refused schema 'CREATE TEMPORARY TABLE patients_copy AS SELECT * FROM patients' 1044
refused schema 'CREATE PROCEDURE p() SELECT * FROM patients' 1044
refused schema 'HANDLER patients OPEN' 1142
refused schema 'LOCK TABLES patients READ' 1044
refused schema 'ANALYZE TABLE patients' 1142
refused schema 'CHECKSUM TABLE patients' 1142
refused schema 'CREATE TABLE m (id BIGINT) ENGINE = MERGE UNION = (patients)' '1142|1163|3161'
refused schema 'TRUNCATE bonnie_ledger.bonnie_plans' 1142
# A name that has rights must not be one that the account can make anew.
for table in bonnie_revisions bonnie_plans bonnie_journal bonnie_lease alembic_version anything; do
  refused schema "RENAME TABLE patients TO $table" 1142
  refused schema "ALTER TABLE patients RENAME TO $table" 1142
done
for table in bonnie_revisions bonnie_plans bonnie_journal bonnie_lease bonnie_version; do
  refused schema "RENAME TABLE patients TO bonnie_ledger.$table" 1142
  refused schema "DROP TABLE bonnie_ledger.$table" 1142
  refused schema "ALTER TABLE bonnie_ledger.$table ADD x INT" 1142
  refused schema "CREATE INDEX x ON bonnie_ledger.$table (id)" 1142
  refused schema "CREATE TRIGGER bonnie_ledger.t BEFORE INSERT ON bonnie_ledger.$table FOR EACH ROW SET @x = 1" 1142
done
refused schema 'CREATE TABLE bonnie_ledger.mine (id INT PRIMARY KEY)' 1142
refused schema 'CREATE VIEW bonnie_ledger.mine AS SELECT 1' 1142
refused schema 'DROP DATABASE bonnie_ledger' 1044
refused schema 'ALTER DATABASE bonnie_ledger CHARACTER SET latin1' 1044
allowed schema 'CREATE TABLE parts (id INT NOT NULL PRIMARY KEY, first_name VARCHAR(50)) PARTITION BY HASH (id) PARTITIONS 2'
refused schema 'ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE patients' 1142
allowed schema 'CREATE TABLE child (id INT PRIMARY KEY, patient BIGINT, FOREIGN KEY (patient) REFERENCES patients (id))'
refused schema 'INSERT INTO child SELECT id, id FROM patients' 1142
# Triggers and events run with the rights of the account that made them.
allowed schema "CREATE TRIGGER t AFTER INSERT ON patients FOR EACH ROW INSERT INTO bonnie_ledger.bonnie_journal
  (operation_id, fence, kind, revision, direction, ordinal, statement, state) VALUES ('x', 1, 'x', 'x', 'up', 1, NEW.first_name, 'x')"
root_sql() { mariadb --defaults-file="$dir/root.cnf" --batch --skip-column-names bonnie -e "$1" 2>&1 || true; }
expect_match 'a trigger sees no patient' \
  "$(root_sql "INSERT INTO patients (first_name, last_name, date_of_birth, gender) VALUES ('Canary', 'x', '1980-01-01', 'other')")" 'ERROR 1143 '
expect_equal 'the trigger copied nothing' "$(root_sql 'SELECT COUNT(*) FROM bonnie_ledger.bonnie_journal')" 0
allowed schema 'DROP TRIGGER t; DROP TABLE parts; DROP TABLE child'
# What the ledger is for, and no more of it.
allowed schema "INSERT INTO bonnie_ledger.bonnie_revisions (revision, hash) VALUES ('0001', ''); SELECT * FROM bonnie_ledger.bonnie_revisions;
  DELETE FROM bonnie_ledger.bonnie_revisions"
allowed schema 'SELECT * FROM bonnie_ledger.bonnie_lease WHERE id = 1 FOR UPDATE; UPDATE bonnie_ledger.bonnie_lease SET fence = fence + 1'
allowed schema 'SELECT * FROM bonnie_ledger.bonnie_plans; UPDATE bonnie_ledger.bonnie_plans SET outcome = 1; DELETE FROM bonnie_ledger.bonnie_plans'
refused schema 'DELETE FROM bonnie_ledger.bonnie_journal' 1142
refused schema 'INSERT INTO bonnie_ledger.bonnie_lease (id, fence) VALUES (2, 1)' 1142
refused schema 'UPDATE bonnie_ledger.bonnie_version SET version = 99' 1142
refused schema "UPDATE bonnie_ledger.bonnie_revisions SET revision = 'x'" 1142
expect_equal 'no right of the schema user is on a table of the site' "$(root_sql "SELECT TABLE_NAME FROM information_schema.TABLE_PRIVILEGES
  WHERE GRANTEE LIKE '''bonnie_schema''%' AND TABLE_SCHEMA = 'bonnie'")" ''
# Statements of others, with their values, are in performance_schema.
refused schema 'SELECT QUERY_SAMPLE_TEXT FROM performance_schema.events_statements_summary_by_digest' '1142|1054'
refused schema 'SELECT SQL_TEXT FROM performance_schema.events_statements_history' 1142
refused schema 'SELECT * FROM performance_schema.user_variables_by_thread' '1142|1146'
refused schema "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/x'" '1045|1227|1290'
refused schema 'SET GLOBAL max_connections = 5' '1227'
refused schema "GRANT SELECT ON patients TO 'bonnie_schema'@'%'" '1142|1044|1410|1133'

allowed records 'SELECT * FROM patients; SELECT * FROM medical_records; SELECT * FROM request_log; SELECT * FROM bonnie_ledger.bonnie_revisions'
allowed records 'DELETE FROM request_log WHERE 1 = 0'
refused records 'DROP TABLE patients' 1142
refused records 'ALTER TABLE patients ADD COLUMN x INT' 1142
refused records 'CREATE TABLE x (id INT PRIMARY KEY)' '1142|1044'
refused records 'TRUNCATE patients' 1142
refused records 'DELETE FROM bonnie_ledger.bonnie_revisions' 1142
refused records 'SELECT * FROM bonnie_ledger.bonnie_plans' 1142
refused records 'CREATE DATABASE bonnie_scratch_2' 1044

scratch() { as scratch -e "$1" 2>&1 || true; }
expect_equal 'scratch makes and drops a database' "$(scratch 'CREATE DATABASE bonnie_scratch_3; USE bonnie_scratch_3;
  CREATE TABLE patients (id INT PRIMARY KEY); INSERT INTO patients VALUES (1); SELECT * FROM patients; DROP DATABASE bonnie_scratch_3')" 1
expect_match 'scratch stays out of bonnie' "$(scratch 'SELECT * FROM bonnie.patients')" 'ERROR (1142|1044)'
expect_match 'scratch drops no live table' "$(scratch 'DROP TABLE bonnie.patients')" 'ERROR (1142|1044)'
expect_match 'scratch stays out of the ledger' "$(scratch 'SELECT * FROM bonnie_ledger.bonnie_plans')" 'ERROR (1142|1044)'
expect_match 'the underscore is no wildcard' "$(scratch 'CREATE DATABASE bonnieXscratchX1')" 'ERROR 1044'

for user in records schema scratch; do
  answer=$(mariadb --defaults-file="$dir/$user.cnf" -h 127.0.0.1 -P "$(<"$dir/port")" --skip-ssl -e 'DO 0' 2>&1) &&
    fail "$user logged in without TLS"
  expect_match "$user without TLS" "$answer" 'ERROR (3159|1045|2061) '
done
answer=$(mariadb --no-defaults -u root -h 127.0.0.1 -P "$(<"$dir/port")" --ssl-ca="$dir/pki/ca.pem" -e 'DO 0' 2>&1) && fail 'root logged in over TCP'
expect_match 'root over TCP' "$answer" 'ERROR 1045 '
answer=$(mariadb --no-defaults -u root --socket="$dir/mysql.sock" -e 'DO 0' 2>&1) && fail 'root logged in without a password'
expect_match 'root without a password' "$answer" 'ERROR 1045 '
expect_equal 'secrets are private' "$(find "$dir/passwords" "$dir/root.cnf" -type f ! -perm 600)" ''
answer=$(mariadb --defaults-file="$dir/root.cnf" -e "SELECT COUNT(*) FROM mysql.user WHERE user = ''" --skip-column-names)
expect_equal 'nameless users' "$answer" 0
finish
