#!/usr/bin/env bash
# A database that Alembic made and managed is adopted: the schema is what a revision makes, or the stamp is refused.
# shellcheck disable=SC2016  # backticks are names
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

[[ -x ${BONNIE_ALEMBIC:-}/bin/alembic ]] || { echo 'no Alembic: $BONNIE_ALEMBIC is not set'; exit 77; }

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(bonnie schema "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}

# Alembic's own history: two revisions, the second on the first, run by Alembic itself.
alembic_upgrade() {
  local dir=$work/alembic
  mkdir -p "$dir/versions"
  cat >"$dir/env.py" <<'PY'
import os
from alembic import context
from sqlalchemy import URL, create_engine

url = URL.create("mysql+pymysql", database="bonnie", query={"read_default_file": os.environ["ROOT_OPTIONS"]})
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
PY
  cat >"$dir/versions/a1.py" <<'PY'
import sqlalchemy as sa
from alembic import op

revision, down_revision = "ae1027a6acf1", None


def upgrade():
    op.create_table("patients", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("first_name", sa.String(50), nullable=False),
                    sa.Column("born", sa.Date, nullable=False))
    op.create_table("medical_records", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("patient_id", sa.Integer, sa.ForeignKey("patients.id"), nullable=False),
                    sa.Column("diagnosis", sa.String(255), nullable=False, server_default="none"))
    op.create_index("ix_medical_records_diagnosis", "medical_records", ["diagnosis"])
PY
  cat >"$dir/versions/a2.py" <<'PY'
import sqlalchemy as sa
from alembic import op

revision, down_revision = "27c6a30d7c24", "ae1027a6acf1"


def upgrade():
    op.add_column("patients", sa.Column("is_deceased", sa.String(30), nullable=False))
    op.execute("CREATE VIEW living AS SELECT id, first_name FROM patients WHERE is_deceased = 'no'")
PY
  printf '[alembic]\nscript_location = %s\n' "$dir" >"$dir/alembic.ini"
  ROOT_OPTIONS=$work/shop/db/root.cnf "$BONNIE_ALEMBIC/bin/alembic" -c "$dir/alembic.ini" upgrade head
}

mkdir -p "$work/shop/migrations"
start_site shop --base
alembic_upgrade >"$work/alembic.log" 2>&1 || { cat "$work/alembic.log"; exit 1; }
root_sql shop "CREATE TABLE notes_of_somebody (id INT PRIMARY KEY)"
root_sql shop "INSERT INTO patients (first_name, born, is_deceased) VALUES ('Ada', '1980-01-01', 'no')"
before=$(root_sql shop 'SHOW CREATE TABLE patients; SHOW CREATE TABLE medical_records; SELECT * FROM alembic_version; SELECT * FROM patients')
cd "$work/shop"

# --- the checkout: a model pulled from the database, one revision that makes it, and the view beside it
try init
try pull
expect_equal 'pull' "$code" 0
expect_match 'pull leaves the tool its table' "$err" "alembic_version.sql is not written: it is another tool's own table"
expect_equal 'the model' "$(cd migrations/model && echo *)" 'medical_records.sql notes_of_somebody.sql patients.sql'
rm migrations/model/notes_of_somebody.sql
try revision --autogenerate -m 'as Alembic left it' --rev-id 0001
expect_equal 'the revision' "$code" 0
cat >migrations/versions/0002_view.sql <<'SQL'
-- revision: 0002
-- revises: 0001
-- message: the view of the living
-- migrate:up
CREATE VIEW living AS SELECT id, first_name FROM patients WHERE is_deceased = 'no';
-- migrate:down
DROP VIEW living;
SQL
try hash
try push
expect_equal 'push' "$code" 0

# --- what is wrong is refused, and nothing is written
try stamp --from alembic
expect_equal '--from wants --as' "$code" 2
try stamp --from flyway --as 0002
expect_equal 'another tool' "$code" 2
try stamp --from alembic --as 0002 0001
expect_equal 'two answers' "$code" 2
try stamp --from alembic --as 0002
expect_equal 'the right to read' "$code" 73
expect_match 'the right to read' "$err" "GRANT_MISSING.*CREATE TABLE .bonnie_ledger.\..bonnie_alembic_version. AS SELECT.*GRANT SELECT ON .bonnie_ledger.\..bonnie_alembic_version. TO 'bonnie_schema'@'%';"
grant=$(grep -o 'CREATE TABLE .*;' <<<"$err")
root_sql shop "$grant"
root_sql shop "GRANT SELECT ON bonnie.* TO 'bonnie_schema'@'%'"  # as a project's: else the view's text is not seen
try stamp --from alembic --as 0001
expect_equal 'a revision that makes less' "$code" 73
expect_match 'a revision that makes less' "$err" 'SCHEMA_DIFFERS.*the database is not what 0001 makes; from there to it: add living'
root_sql shop 'ALTER TABLE patients ADD by_hand INT, MODIFY first_name VARCHAR(60) NOT NULL'
try stamp --from alembic --as 0002
expect_equal 'a change by hand' "$code" 73
expect_match 'a change by hand' "$err" 'patients: add column by_hand int.*patients: modify column first_name'
root_sql shop 'ALTER TABLE patients DROP by_hand, MODIFY first_name VARCHAR(50) NOT NULL'
try stamp --from alembic --as nowhere
expect_equal 'an unknown revision' "$code" 67
expect_equal 'a refusal writes nothing' "$(root_sql shop 'SELECT COUNT(*) FROM bonnie_ledger.bonnie_plans')" 0

# --- adopted
try stamp --from alembic --as 0002
expect_equal 'adopt' "$code" 0
expect_match 'adopt' "$out" 'shop: stamped base -> 0002'
expect_match 'adopt' "$out" 'what 0002 makes; alembic_version stays as it is and says 27c6a30d7c24'
expect_match 'adopt' "$out" 'no revision makes table notes_of_somebody; it is left alone'
expect_equal 'nothing has changed' "$(root_sql shop 'SHOW CREATE TABLE patients; SHOW CREATE TABLE medical_records; SELECT * FROM alembic_version; SELECT * FROM patients')" "$before"
try current
expect_equal 'current' "$out" '0002 (head)'
try check
expect_equal 'nothing but the table of somebody is beside the revisions' "$code/$out" \
  '1/shop: the database has tables that no revision makes: notes_of_somebody (left alone)'
sed -i 's/^  PRIMARY KEY/  `nickname` varchar(50) DEFAULT NULL,\n  PRIMARY KEY/' migrations/model/patients.sql
try revision --autogenerate -m 'add nickname' --rev-id 0003
expect_equal 'and goes on from there' "$code" 0
try upgrade head --yes
expect_equal 'and goes on from there' "$code" 0
root_sql shop 'DROP TABLE alembic_version'
try stamp --from alembic --as 0003
expect_equal 'no table of Alembic' "$code" 73
expect_match 'no table of Alembic' "$err" 'TOOL_TABLE_MISSING'
finish
