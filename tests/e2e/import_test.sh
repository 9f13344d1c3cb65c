#!/usr/bin/env bash
# `bonnie import synthea`: counts, texts, a second run, one that is killed in the middle, bad rows. On a small export of our
# own always, on the real one when it lies beside the project.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

summary() { jq -c '[.patients.created, .patients.present, .patients.refused, .records.created, .records.present, .records.refused,
  .deceased, .withoutDischarge]' <<<"$1"; }
rows() { root_sql "$1" 'SELECT (SELECT COUNT(*) FROM patients), (SELECT COUNT(*) FROM medical_records)' | tr '\t' ' '; }

start_site azure

# --- a good export
answer=$(bonnie --output json import synthea "$here/data/synthea" 2>/dev/null)
expect_equal 'first run' "$(summary "$answer")" '[4,0,0,6,0,0,1,3]'
answer=$(bonnie --output json import synthea "$here/data/synthea" 2>/dev/null)
expect_equal 'second run' "$(summary "$answer")" '[0,4,0,0,6,0,1,3]'
expect_equal 'rows' "$(rows azure)" '4 6'
listed=$(bonnie patients list --output csv)
expect_match 'umlauts and accents' "$listed" 'José Eduardo181,Gómez206,1989-05-25,male,false'
expect_match 'deceased' "$listed" 'Zoë1,Ångström2,1931-01-02,female,true'
# Of several care plans: the one of the same encounter, else the earliest.
treatments=$(bonnie records list --limit 0 --output csv | cut -d, -f 3,5,6 | sort)
expect_match 'treatment by encounter' "$treatments" '2010-01-23,Acute bronchitis \(disorder\),Therapy of the encounter'
expect_match 'treatment by start' "$treatments" '2015-03-01,Fracture of clavicle,The earliest plan'
expect_equal 'no treatment' "$(grep sinusitis <<<"$treatments")" '2001-05-01,Chronic sinusitis (disorder),'

# --- a bad one: each bad row named by file, line and column, the rest taken
code=0
answer=$(bonnie --output json import synthea "$here/data/synthea-bad" 2>"$work/refused") || code=$?
expect_equal 'exit code for bad rows' "$code" 67
expect_equal 'what a bad export brings' "$(summary "$answer")" '[2,0,5,1,0,3,0,1]'
for line in 'patients.csv:3:38: BIRTHDATE: no day of the calendar' \
  'patients.csv:4:[0-9]+: GENDER: want F or M' \
  'patients.csv:5:1: has 3 fields, want 6' \
  'patients.csv:6:[0-9]+: a quote within a field' \
  'patients.csv:8:[0-9]+: BIRTHDATE: ' \
  'conditions.csv:3:[0-9]+: PATIENT: is no Id of a good row' \
  'conditions.csv:4:[0-9]+: STOP: want M/D/YYYY or YYYY-MM-DD' \
  'conditions.csv:5:[0-9]+: STOP: '; do
  expect_match 'refused rows' "$(<"$work/refused")" "$line"
done
code=0
bonnie import synthea "$here" >"$work/no-export" 2>&1 || code=$?
expect_equal 'exit code without an export' "$code" 2
expect_match 'without an export' "$(<"$work/no-export")" 'patients.csv: No such file'

# --- an identity that may not write stops at once
code=0
bonnie_as reader import synthea "$here/data/synthea" >"$work/reader" 2>&1 || code=$?
expect_equal 'exit code without the role' "$code" 71
expect_match 'without the role' "$(<"$work/reader")" 'PERMISSION_DENIED'

# --- the real export
real=$BONNIE_ROOT/../shared/data/synthea
if [[ -d $real ]]; then
  start_site gcp
  bonnie --site gcp import synthea "$real" >"$work/killed" 2>&1 &
  import=$!
  until (($(root_sql gcp 'SELECT COUNT(*) FROM medical_records') > 1000)); do sleep 0.05; done
  kill -KILL "$import"
  wait "$import" 2>/dev/null || true
  expect_match 'rows after the kill' "$(rows gcp)" '^1171 [1-7][0-9]{3}$'
  answer=$(bonnie --site gcp --output json import synthea "$real" 2>/dev/null)
  expect_equal 'the rest after the kill' "$(jq -c '[.patients.created + .patients.present, .records.created + .records.present,
    .deceased, .withoutDischarge]' <<<"$answer")" '[1171,8376,171,3811]'
  expect_equal 'rows of the real export' "$(rows gcp)" '1171 8376'
  answer=$(bonnie --site gcp --output json import synthea "$real" 2>/dev/null)
  expect_equal 'a run after that' "$(summary "$answer")" '[0,1171,0,0,8376,0,171,3811]'
  expect_equal 'treatments' "$(root_sql gcp "SELECT COUNT(*) FROM medical_records WHERE treatment <> ''")" 3088
  # --- the service dies under an import, which waits for it and goes on
  start_site other
  bonnie --site other --output json import synthea "$real" >"$work/out" 2>"$work/err" &
  import=$!
  until (($(root_sql other 'SELECT COUNT(*) FROM medical_records') > 1000)); do sleep 0.05; done
  stop_service other records KILL
  start_service other records
  code=0
  wait "$import" || code=$?
  expect_equal 'an import whose service was killed' "$code/$(<"$work/err")" "0/$(<"$work/err")"
  expect_equal 'nothing lost, nothing twice' "$(rows other)" '1171 8376'
  expect_equal 'deceased' "$(root_sql gcp 'SELECT COUNT(*) FROM patients WHERE is_deceased')" 171
else
  echo 'not tried: the real export, which is not at ../shared/data/synthea'
fi
finish
