#!/usr/bin/env bash
# The groups `patients` and `records`: everything a person does with one patient, and what is refused.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(bonnie "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}
field() { jq -r "$1" <<<"$out"; }

start_site azure
try patients create --first-name 惠美 --last-name Gómez --date-of-birth 1990-12-10 --gender female \
  --contact-number '+49 30 901820' --source-key 'lab:1' --output json
expect_equal 'create' "$code/$(field '.id + " " + .firstName + " " + .gender')" '0/1 惠美 GENDER_FEMALE'
try patients create --first-name 惠美 --last-name Gómez --date-of-birth 1990-12-10 --gender female --source-key 'lab:1'
expect_equal 'a source key twice' "$code" 70
expect_match 'a source key twice' "$err" 'ALREADY_EXISTS DUPLICATE.*patients/1'
try patients create --first-name ' Ada' --last-name Lovelace --date-of-birth 1802-12-10 --gender female
expect_equal 'bad values' "$code" 67
expect_match 'all violations at once' "$err" 'patient.first_name: .*patient.date_of_birth: '
[[ $err != *1802* && $err != *Ada* ]] || fail 'an error repeats a value'
try patients create --first-name Ada --last-name L --date-of-birth 1990-02-30 --gender female
expect_equal 'no day of the calendar' "$code" 2
try patients get 1
expect_match 'a card' "$out" 'first_name +惠美'
try patients get 2
expect_equal 'not there' "$code" 69
try patients list
expect_match 'a table, wide characters as wide' "$out" 'ID  FIRST NAME  LAST NAME  DATE OF BIRTH.* 1  惠美        Gómez      1990-12-10'
try patients update 1 --deceased true --clear contact_number --output json
expect_equal 'update' "$(field '(.isDeceased | tostring) + (.contactNumber // " cleared")')" 'true cleared'
etag=$(field .etag)
try patients update 1 --first-name Emi --etag "$etag"
expect_equal 'update with the etag' "$code" 0
try patients update 1 --first-name Emi2 --etag "$etag"
expect_equal 'an old etag' "$code" 74
expect_match 'an old etag' "$err" 'ABORTED ETAG_MISMATCH.*read it again'

try records create --patient 1 --diagnosis 'Acute bronchitis' --admission-date 2020-01-02 --output json
expect_equal 'a record' "$code/$(field '.id + " " + .patientId')" '0/1 1'
try records create --patient 9 --diagnosis x --admission-date 2020-01-02
expect_equal 'a record of nobody' "$code" 69
try records create --patient 1 --diagnosis x --admission-date 2020-01-02 --discharge-date 2019-01-01
expect_match 'discharge before admission' "$code $err" '67 .*medical_record.discharge_date: '
try records update 1 --discharge-date 2020-01-09 --treatment Rest
expect_match 'update a record' "$out" 'discharge_date +2020-01-09'
try records list --patient 1 --output csv
expect_match 'CSV' "$out" $'^id,patient_id,admission_date,discharge_date,diagnosis.*\n1,1,2020-01-02,2020-01-09,Acute bronchitis,Rest'
try patients chart 1
expect_match 'a chart' "$out" 'first_name +Emi.*records +1.*Acute bronchitis'

try patients delete 1
expect_equal 'a patient with records' "$code" 73
expect_match 'a patient with records' "$err" 'HAS_MEDICAL_RECORDS.*--force'
try patients delete 1 --force
expect_match 'with records' "$code $err" '0 with 1 medical records'
try patients delete 1
expect_equal 'deleted before' "$code" 69
try patients delete 1 --allow-missing
expect_equal 'deleted before, allowed' "$code" 0
try patients list
expect_equal 'a deleted one is not listed' "$(wc -l <<<"$out")" 1
try patients list --show-deleted --output json
expect_match 'but for who asks' "$out" '"deleteTime"'

for i in {1..7}; do
  bonnie patients create --first-name "P$i" --last-name L --date-of-birth 1990-01-01 --gender unknown >/dev/null
done
try patients list --limit 3 --output json
expect_equal 'a limit' "$(wc -l <<<"$out")/$err" '3/(the first 3; --limit 0 for all)'
try patients list --limit 0 --output json
expect_equal 'all' "$(wc -l <<<"$out")" 7
id=11111111-2222-4333-8444-555555555555
create_twice=(patients create --first-name Twice --last-name L --date-of-birth 1990-01-01 --gender other --request-id "$id" --output json)
try "${create_twice[@]}"
first=$(field .id)
try "${create_twice[@]}"
expect_equal 'the same request id, the same patient' "$(field .id)" "$first"
try patients create --first-name Other --last-name L --date-of-birth 1990-01-01 --gender other --request-id "$id"
expect_match 'the same request id, another payload' "$code $err" '67 .*REQUEST_ID_REUSED'
try patients list --site all --output csv
expect_match 'every row names its site' "$out" $'^site,id,first_name.*\nazure,'
try patients get 1 --site all
expect_equal 'an id belongs to a site' "$code" 2
try patients list --site nowhere
expect_match 'no such site' "$code $err" '2 .*want one of azure, all'
finish
