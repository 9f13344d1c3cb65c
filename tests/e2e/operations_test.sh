#!/usr/bin/env bash
# Operations from the command line: listed, left by Ctrl-C, watched, cancelled, recovered.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(cd "$work" && bonnie "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}
revision() {  # ID PARENTS UP   in the site's own folder, with bonnie.sum
  printf -- '-- revision: %s\n-- revises: %s\n-- message: %s\n-- migrate:up\n%s\n-- migrate:down\n' "$1" "$2" "test $1" "$3" \
    >"$work/azure/migrations/versions/$1_test.sql"
  bonnie schema hash --migrations "$work/azure/migrations" >/dev/null
}
# A statement of 20 s that nothing is to be seen of when it is stopped.
slow() {  # TABLE
  local rows='SELECT 1 AS id' i
  for i in {2..40}; do rows+=" UNION ALL SELECT $i"; done
  echo "CREATE TABLE $1 (PRIMARY KEY (id)) AS SELECT id, SLEEP(0.5) AS slept FROM ($rows) numbers;"
}
wait_for_statement() {  # BEGINNING
  local end=$((SECONDS + 30))
  until [[ $(root_sql azure "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '$1%'") == 1 ]]; do
    ((SECONDS < end)) || fail "$1 did not begin"
    sleep 0.05
  done
}
newest() { bonnie --output json schema operations --limit 1 2>/dev/null | jq -r ".$1"; }  # FIELD

start_site azure --base
try schema operations
expect_equal 'nothing happened yet' "$code/$(wc -l <<<"$out")" 0/1
try schema upgrade head --yes --allow kept-elsewhere
expect_equal 'upgrade' "$code" 0
try schema operations
expect_match 'operations' "$out" '^OPERATION ID +STATE +WAY .*succeeded +base -> [0-9]+ +[0-9]+ of [0-9]+ .*done +spiffe://bonnie/client'
id=$(newest operationId)
try schema operations "${id:0:8}"
expect_match 'one operation' "$out" "operation_id +$id"
try schema watch "$id"
expect_equal 'watching what has ended' "$code" 0
expect_match 'watching what has ended' "$out" 'azure: now at [0-9]+, after'
try schema watch ffffffff
expect_equal 'an unknown operation' "$code" 69
expect_match 'an unknown operation' "$err" 'OPERATION_UNKNOWN.*bonnie schema operations'

# --- Ctrl-C leaves the operation running
root_sql azure "GRANT CREATE, INSERT ON slow TO 'bonnie_schema'@'%'"
head=$(bonnie schema heads | sed 's/ .*//')
revision slow "$head" "CREATE TABLE before_slow (id INT NOT NULL PRIMARY KEY);
$(slow slow)"
(cd "$work" && exec "$bin/bonnie" --config client.textproto schema upgrade head --yes --allow kept-elsewhere) >"$work/out" 2>"$work/err" </dev/null &
upgrade=$!
wait_for_statement 'CREATE TABLE slow'
kill -INT "$upgrade"
code=0
wait "$upgrade" || code=$?
id=$(newest operationId)
expect_equal 'Ctrl-C' "$code" 130
expect_match 'Ctrl-C says how to watch' "$(<"$work/err")" "goes on without you.*bonnie --site azure schema watch ${id:0:12}.*schema cancel ${id:0:12}"
expect_equal 'and the operation runs' "$(newest state)" OPERATION_STATE_RUNNING
try schema recover
expect_equal 'what runs is not recovered' "$code" 73
expect_match 'what runs is not recovered' "$err" 'OPERATION_RUNNING'

# --- cancel undoes the statement that runs
try schema cancel "${id:0:8}"
expect_equal 'cancel' "$code" 0
expect_match 'cancel' "$out" 'has ended: OPERATION_CANCELLED'
expect_equal 'its statement is undone' "$(root_sql azure "SHOW TABLES LIKE '%slow'")" before_slow
try schema watch "$id"
expect_equal 'watching what was cancelled' "$code" 74
try schema cancel "$id"
expect_equal 'cancel again' "$code" 0
try schema operations "$id"
expect_match 'its state' "$out" 'state +cancelled'

# --- recover: look, decide, go on
try schema recover
expect_equal 'recover' "$code" 0
expect_match 'recover' "$out" 'was cut off in revision slow .*statement 1 of 2  done .*--resume'
try schema recover --assume-done 2
expect_equal 'a decision wants a yes' "$code" 2
try schema recover --assume-done 2 --yes
expect_equal 'assume done' "$code" 0
try schema operations --limit 1
expect_match 'the decision is on record' "$out" 'decided .*assumed-done +spiffe://bonnie/client'
try schema recover --resume
expect_equal 'resume' "$code" 0
expect_match 'resume' "$out" 'azure: now at slow'
try schema recover
expect_equal 'nothing is unfinished' "$out" 'azure: nothing is unfinished'

# --- a service that dies leaves its statement running, and the next operation waits for it
root_sql azure "GRANT CREATE, INSERT ON slower TO 'bonnie_schema'@'%'"
revision slower slow "$(slow slower)"
bonnie schema upgrade head --yes --allow kept-elsewhere >"$work/out" 2>"$work/err" </dev/null &
upgrade=$!
wait_for_statement 'CREATE TABLE slower'
stop_service azure schema KILL
start_service azure schema
code=0
wait "$upgrade" || code=$?
expect_match 'the command finds that the service forgot, or is away' "$code" '^(69|78)$'
expect_equal 'it is cut off' "$(newest state)" OPERATION_STATE_CUT_OFF
try schema recover
expect_match 'its statement still runs' "$out" 'statement 1 of 1  still running'
try schema cancel "$(newest operationId)"
expect_equal 'what a dead service left is cancelled' "$code" 0
try schema recover
expect_match 'and has not run' "$out" 'statement 1 of 1  not started'
finish
