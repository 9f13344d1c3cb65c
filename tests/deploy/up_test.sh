#!/usr/bin/env bash
# deploy/local/{up,down,status} with the programs that were built, in a checkout and a network namespace of their own: the
# ports are fixed, and this machine may have a local system of its own.
#
# runs: alone
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
if [[ -z ${BONNIE_IN_NAMESPACE:-} ]]; then
  unshare --net true 2>/dev/null || { echo 'a network namespace is not to be had: run as root'; exit 77; }
  exec env BONNIE_IN_NAMESPACE=1 unshare --net "$0"
fi
ip link set lo up
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
engine=${BONNIE_TEST_ENGINE:-mariadb}
other=$([[ $engine == mariadb ]] && echo mysql || echo mariadb)
work=$(mktemp -d)
trap 'set +e; "$work/b/deploy/local/down" --purge >/dev/null 2>&1; rm -rf "$work"' EXIT

# A checkout whose build has nothing left to do.
mkdir -p "$work/b/build/release" "$work/home"
cp -r "$root/deploy" "$root/migrations" "$work/b/"
cp -r "${BONNIE_BUILD_DIR:-$root/build/release}/bin" "$work/b/build/release/"
printf 'build %s: phony\n' bonnie bonnie-records bonnie-schema >"$work/b/build/release/build.ninja"
cd "$work/b"
export PATH=$work/b/.bonnie/bin:$PATH

up() { ./deploy/local/up --detach --engine "$engine" "$@"; }
counts() { bonnie --site all --output json status | jq -c '[.records.patients, .records.medicalRecords]' | tr -d '"\n'; }
pids() { cat .bonnie/*/*.pid | sort | tr '\n' ' '; }
await() {  # SECONDS COMMAND…
  local end=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < end)) || { fail "waited $1 s for: ${*:2}"; return; }
    sleep 0.1
  done
}
works() { ./deploy/local/status >/dev/null && bonnie --site all status >/dev/null; }

# A port in use is named with its owner, before anything is started.
openssl s_server -accept 127.0.0.1:7201 -nocert >/dev/null 2>&1 &
listener=$!
await 5 grep -q ':1C21 .* 0A ' /proc/net/tcp
answer=$(up 2>&1) && fail 'up took a port that is in use'
expect_match 'a port in use' "$answer" "port 7201 \(gcp records\) is in use by pid $listener \(openssl\)"
kill "$listener"
wait "$listener" || true
[[ ! -e .bonnie/azure/mysql.pid ]] || fail 'something was started before the refusal'

# Cut off at any moment, the next one goes on.
for moment in 0.3 0.9 1.6 2.5; do
  { timeout -s KILL "$moment" ./deploy/local/up --detach --engine "$engine" >/dev/null 2>&1 || true; } 2>/dev/null
done

# Two at once: one waits for the other.
up >"$work/first" 2>&1 &
first=$!
up >"$work/second" 2>&1 || fail "the second of two at once: $(tail -n 3 "$work/second")"
wait "$first" || fail "the first of two at once: $(tail -n 3 "$work/first")"
works || fail "not everything runs: $(./deploy/local/status)"
expect_equal 'the sample, once' "$(counts)" '[8,12][8,12]'
expect_equal 'every process has a line' "$(./deploy/local/status | wc -l)" 6
expect_equal 'secrets are private' "$(find .bonnie -path '*/data' -prune -o \( -name root.cnf -o -path '*/passwords/*' -o -path '*/keys/*' -o -name '*.key' \) -type f ! -perm 600 -print)" ''
expect_equal 'the administrator gets in' "$(mariadb --defaults-file=.bonnie/gcp/root.cnf -N -e 'SELECT @@port')" 7203

# The state is its user's alone; the servers' own files lie in folders that nobody else may enter.
open_to_others() { find .bonnie -path .bonnie/mysql-server -prune -o -path '.bonnie/*/data/*' -prune -o -type f -perm /077 -print; }
expect_equal 'the mode of .bonnie' "$(stat -c %a .bonnie)" 700
expect_equal 'logs and configuration are private' "$(open_to_others | grep -v -e mysql.log -e mysql.sock -e '\.pem$' || true)" ''

# What runs is left alone, what died is started. The state of an older version, open to others, is tightened.
before=$(pids)
chmod 755 .bonnie .bonnie/logs .bonnie/azure/passwords
chmod 644 .bonnie/client.textproto .bonnie/azure/records.log
up >/dev/null
expect_equal 'the mode of an old .bonnie' "$(stat -c %a .bonnie)" 700
expect_equal 'an old .bonnie is tightened' "$(open_to_others)" ''
expect_equal 'its folders are' "$(stat -c %a .bonnie/logs .bonnie/azure/passwords | tr '\n' ' ')" '700 700 '
expect_equal 'a second up changes nothing' "$(pids)" "$before"
records=$(<.bonnie/azure/records.pid)
kill -KILL "$records"
answer=$(./deploy/local/status) && fail 'status is content with a dead process'
expect_match 'a dead process is shown' "$answer" 'azure +records +died'
before=$(pids)
up >/dev/null
[[ $(<.bonnie/azure/records.pid) != "$records" ]] || fail 'the dead service was not started'
expect_equal 'only that one was started' "$(pids | tr ' ' '\n' | grep -cxFf <(tr ' ' '\n' <<<"$before" | grep .))" 5
works || fail 'not everything runs after a death'
answer=$(./deploy/local/up --detach --engine "$other" 2>&1) && fail "another engine was started beside $engine"
expect_match 'another engine' "$answer" "runs on $engine; stop it first"

# Data are kept, and a sample patient that was deleted stays deleted.
bonnie --site azure patients delete 1 --force >/dev/null 2>&1
began=$SECONDS
./deploy/local/down >/dev/null
expect_equal 'down stops all' "$(./deploy/local/status | grep -c stopped)" 6
up >"$work/again"
((SECONDS - began < 15)) || fail "down and up took $((SECONDS - began)) s, want less than 15: $(cat "$work/again")"
expect_equal 'data are kept' "$(counts)" '[7,10][8,12]'

# A ledger that an earlier release kept in the site's database moves, and the services that ran on it are renewed.
root_sql() { mariadb --defaults-file=.bonnie/azure/root.cnf --batch --skip-column-names -e "$1"; }
head=$(bonnie --site azure schema current)
for table in revisions plans journal lease; do root_sql "RENAME TABLE bonnie_ledger.bonnie_$table TO bonnie.bonnie_$table"; done
root_sql 'DROP DATABASE bonnie_ledger'
up >/dev/null || fail 'up does not move a ledger'
expect_equal 'the ledger says the same' "$(bonnie --site azure schema current)" "$head"
expect_equal 'no ledger stays in the database' "$(root_sql "SHOW TABLES FROM bonnie LIKE 'bonnie\\_%'")" ''
works || fail 'not everything runs after the ledger moved'

# A schema of one's own.
mkdir -p "$work/project/versions" "$work/project/model"
printf -- '-- revision: 0001\n-- revises:\n-- message: things\n-- migrate:up\n%s\n-- migrate:down\nDROP TABLE things;\n' \
  'CREATE TABLE things (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;' \
  >"$work/project/versions/0001_things.sql"
up --project "$work/project" --approval other >"$work/said"
expect_match 'up tells of the project' "$(<"$work/said")" "site project serves $work/project.*approver.textproto"
# shellcheck disable=SC2016  # names in SQL
grants() { mariadb --defaults-file=.bonnie/azure/root.cnf -N -r -e "SHOW GRANTS FOR '$1'@'%'" | grep -o '`bonnie.*`\.\*'; }
# shellcheck disable=SC2016  # names in SQL
expect_equal "the project's scratch account has rights of its own" "$(grants bonnie_project_scratch)" \
  '`bonnie\_project\_scratch\_%`.*'
# shellcheck disable=SC2016  # names in SQL
expect_equal "azure's scratch account has none there" "$(grants bonnie_scratch)" '`bonnie\_scratch\_%`.*'
expect_match 'the project uses its own' "$(<.bonnie/project/schema.textproto)" \
  'scratch \{ user: "bonnie_project_scratch" .*scratch_database_prefix: "bonnie_project_scratch_"'
bonnie --site project schema --migrations "$work/project" hash >/dev/null
code=0
bonnie --site project schema --migrations "$work/project" upgrade head >"$work/said" 2>&1 || code=$?
expect_equal 'exit code of a plan that wants approval' "$code" 73
plan=$(sed -n 's/.*statement, plan \([0-9a-f]*\).*/\1/p' "$work/said")
bonnie --site project schema approve "$plan" --yes >"$work/said" 2>&1 && fail 'the author approved the plan'
expect_match "the author's approval" "$(<"$work/said")" 'AUTHOR_MAY_NOT_APPROVE'
bonnie --config .bonnie/approver.textproto --site project schema approve "$plan" --yes \
  >/dev/null 2>&1 || fail 'the approver cannot approve'
bonnie --site project schema apply "$plan" >/dev/null 2>&1 || fail 'the project cannot be upgraded'
expect_match "the project's revision" "$(bonnie --site project schema current)" '0001 \(head\)'
expect_equal 'it is not part of all' "$(bonnie --site all schema current | grep -c project)" 0
up --project "$work/project" >/dev/null
grep -q APPROVAL_POLICY_OTHER .bonnie/project/schema.textproto || fail 'the approval is not what it was for this folder'
up --project "$work/elsewhere" >/dev/null
grep -q APPROVAL_POLICY_NONE .bonnie/project/schema.textproto || fail 'somebody has to approve what is new'
[[ -d $work/elsewhere ]] || fail "the project's folder was not made"
expect_match 'another folder, another database' "$(bonnie --site project schema current)" '^(base|)$'
./deploy/local/down >/dev/null
up --empty >/dev/null
grep -q project .bonnie/client.textproto && fail 'a project that is not served is in client.textproto'
./deploy/local/down >/dev/null

# In front, Ctrl-C stops everything.
./deploy/local/up --engine "$engine" >"$work/front" 2>&1 &
front=$!
await 60 grep -q 'Ctrl-C stops everything' "$work/front"
works || fail 'not everything runs in front'
kill -TERM "$front"  # an interrupt is not delivered to a script's background job
wait "$front" || true
expect_equal 'it stops everything' "$(./deploy/local/status | grep -c stopped)" 6

./deploy/local/down --purge >/dev/null
[[ ! -e .bonnie ]] || fail 'purge left something'
finish
