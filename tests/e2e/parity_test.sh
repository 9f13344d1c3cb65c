#!/usr/bin/env bash
# Several sites through one endpoint: parity, comparisons, and an upgrade of all that stops at the first failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

run() {  # CODE ARGUMENT…   into $out and $err
  local want=$1 code=0
  shift
  out=$(bonnie "$@" 2>"$work/err") || code=$?
  err=$(<"$work/err")
  expect_equal "exit code of $*" "$code" "$want"
}

make_peers azure gcp
start_site azure --base
start_site gcp --base

run 0 --site all schema upgrade 0003 --yes --allow kept-elsewhere
expect_match 'canary first' "$out" 'azure: now at 0003.*gcp: now at 0003'
run 0 schema parity
expect_match 'both in parity' "$out" 'azure, gcp are in parity'
expect_match 'a row a site' "$out" 'gcp +(MariaDB|MySQL) [^ ]+ +0003'
run 0 --site gcp --output json schema parity --sites gcp,azure
expect_equal 'in the order asked for' "$(jq -r '[.sites[].site] | join(" ")' <<<"$out")" 'gcp azure'
run 0 --site all schema parity

# A change by hand on one site.
root_sql gcp 'ALTER TABLE patients ADD COLUMN nickname VARCHAR(20) NULL'
run 1 schema parity
expect_match 'what differs' "$out" 'patients: column nickname is not there on azure'
expect_match 'how each has it' "$out" 'azure +\(not there\)'
expect_match 'no majority of two' "$out" 'two sites have no majority'
run 1 schema diff azure: gcp:
expect_match 'a difference of two sites' "$out" '\+ patients: add column nickname'
run 1 schema diff gcp:0003 gcp: --sql
expect_match "a peer's own difference, proven there" "$out" 'ADD COLUMN .nickname.'
root_sql gcp 'ALTER TABLE patients DROP COLUMN nickname'

# The canary fails: nobody else is touched.
root_sql azure 'CREATE TABLE request_log (id INT PRIMARY KEY)'
run 2 --site all schema upgrade head --yes --allow kept-elsewhere
expect_match 'what was foretold has to be allowed' "$err" 'allow refused'
expect_match 'nothing ran' "$(bonnie --site azure schema current)" '0003'
run 73 --site all schema upgrade head --yes --allow kept-elsewhere --allow refused
expect_match 'stopped' "$err" 'stopped at azure; not touched: gcp'
expect_match 'gcp is where it was' "$(bonnie --site gcp schema current)" '0003'

# A site that is down is named, and fails nothing.
stop_service gcp schema
run 1 schema parity
expect_match 'who is down' "$out" 'gcp did not answer'
expect_match 'and why' "$out" 'PEER_UNAVAILABLE'
run 78 schema diff azure: gcp:
expect_match 'an error names the site' "$err" 'site gcp'
finish
