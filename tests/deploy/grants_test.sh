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

for table in bonnie_revisions bonnie_plans bonnie_journal bonnie_lease; do
  allowed schema "CREATE TABLE $table (id INT NOT NULL PRIMARY KEY)"
  allowed schema "INSERT INTO $table VALUES (1); UPDATE $table SET id = 2; SELECT * FROM $table; DELETE FROM $table"
done
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
refused schema "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/x'" '1045|1227|1290'
refused schema 'SET GLOBAL max_connections = 5' '1227'
refused schema "GRANT SELECT ON patients TO 'bonnie_schema'@'%'" '1142|1044|1410|1133'

allowed records 'SELECT * FROM patients; SELECT * FROM medical_records; SELECT * FROM request_log; SELECT * FROM bonnie_revisions'
allowed records 'DELETE FROM request_log WHERE 1 = 0'
refused records 'DROP TABLE patients' 1142
refused records 'ALTER TABLE patients ADD COLUMN x INT' 1142
refused records 'CREATE TABLE x (id INT PRIMARY KEY)' '1142|1044'
refused records 'TRUNCATE patients' 1142
refused records 'DELETE FROM bonnie_revisions' 1142
refused records 'SELECT * FROM bonnie_plans' 1142
refused records 'CREATE DATABASE bonnie_scratch_2' 1044

scratch() { as scratch -e "$1" 2>&1 || true; }
expect_equal 'scratch makes and drops a database' "$(scratch 'CREATE DATABASE bonnie_scratch_3; USE bonnie_scratch_3;
  CREATE TABLE patients (id INT PRIMARY KEY); INSERT INTO patients VALUES (1); SELECT * FROM patients; DROP DATABASE bonnie_scratch_3')" 1
expect_match 'scratch stays out of bonnie' "$(scratch 'SELECT * FROM bonnie.patients')" 'ERROR (1142|1044)'
expect_match 'scratch drops no live table' "$(scratch 'DROP TABLE bonnie.patients')" 'ERROR (1142|1044)'
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
