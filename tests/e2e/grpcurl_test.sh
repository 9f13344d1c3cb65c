#!/usr/bin/env bash
# grpcurl and buf curl over mTLS: list, describe, call, errors with their details; identities without the role and of
# another CA.
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"
for tool in grpcurl buf; do command -v "$tool" >/dev/null || { echo "$tool is not on PATH"; exit 77; }; done

call() {  # IDENTITY ARGUMENT…   by grpcurl
  grpcurl -max-time 10 -cacert "$pki/ca.pem" -cert "$pki/$1.pem" -key "$pki/$1.key" "${@:2}" 2>&1
}
buf_call() {  # SERVICE_ADDRESS ARGUMENT…   by buf curl
  buf curl --protocol grpc --cacert "$pki/ca.pem" --cert "$pki/client.pem" --key "$pki/client.key" "${@:2}" "https://$1" 2>&1
}

start_site azure
records=$(address azure records)
schema=$(address azure schema)

expect_match 'list' "$(call client "$records" list)" 'bonnie.records.v1.MedicalRecordService.*bonnie.records.v1.PatientService'
expect_match 'list' "$(call client "$schema" list)" 'bonnie.schema.v1.MigrationService.*bonnie.schema.v1.SchemaService'
expect_match 'describe' "$(call client "$records" describe bonnie.records.v1.Patient)" 'optional string first_name = 2'
expect_match 'describe' "$(call client "$schema" describe bonnie.schema.v1.MigrationService)" 'rpc ApplyPlan .* stream'
expect_match 'health' "$(call client "$records" grpc.health.v1.Health/Check)" '"status": "SERVING"'

ada='{"patient":{"firstName":"Ada","lastName":"Lovelace","dateOfBirth":{"year":1990,"month":12,"day":10},"gender":"GENDER_FEMALE"}}'
expect_match 'create' "$(call client -d "$ada" "$records" bonnie.records.v1.PatientService/CreatePatient)" '"id": "1"'
expect_match 'get' "$(call client -d '{"id":1}' "$records" bonnie.records.v1.PatientService/GetPatient)" '"lastName": "Lovelace"'
expect_match 'read mask' "$(call client -d '{"id":1,"readMask":{"paths":["gender"]}}' "$records" bonnie.records.v1.PatientService/GetPatient)" 'GENDER_FEMALE'
expect_match 'schema' "$(call client "$schema" bonnie.schema.v1.MigrationService/GetCurrent)" '"id": "0005"'

answer=$(call client -d '{"id":2}' "$records" bonnie.records.v1.PatientService/GetPatient) && fail 'a patient who is not there'
expect_match 'an error with its details' "$answer" 'NotFound.*google.rpc.ErrorInfo.*"reason": ?"PATIENT_NOT_FOUND"'
answer=$(call client -d '{"patient":{"firstName":" "}}' "$records" bonnie.records.v1.PatientService/CreatePatient) && fail 'bad values'
expect_match 'every violation' "$answer" 'InvalidArgument.*patient.first_name.*patient.last_name.*patient.gender'

answer=$(call stranger -d '{"id":1}' "$records" bonnie.records.v1.PatientService/GetPatient) && fail 'an identity without a role'
expect_match 'an identity without a role' "$answer" 'PermissionDenied'
answer=$(call reader -d "$ada" "$records" bonnie.records.v1.PatientService/CreatePatient) && fail 'a reader writes'
expect_match 'a reader writes' "$answer" 'PermissionDenied'
answer=$(call reader -d '{"target":"head","direction":"DIRECTION_UP"}' "$schema" bonnie.schema.v1.MigrationService/PlanMigration) &&
  fail 'a reader plans'
expect_match 'a reader plans' "$answer" 'PermissionDenied'
for identity in variants/other-ca-client variants/expired-client; do
  answer=$(grpcurl -max-time 3 -cacert "$pki/ca.pem" -cert "$pki/$identity.pem" -key "$pki/$identity.key" -d '{"id":1}' \
    "$records" bonnie.records.v1.PatientService/GetPatient 2>&1) && fail "$identity is let in"
  [[ $answer != *Lovelace* ]] || fail "$identity reads a patient"
done
answer=$(grpcurl -max-time 3 -plaintext "$records" list 2>&1) && fail 'plaintext is let in'
answer=$(grpcurl -max-time 3 -cacert "$pki/ca.pem" "$records" list 2>&1) && fail 'nobody is let in'

expect_match 'buf list' "$(buf_call "$records" --list-methods)" 'bonnie.records.v1.PatientService/GetPatient'
expect_match 'buf get' "$(buf_call "$records/bonnie.records.v1.PatientService/GetPatient" -d '{"id":1}')" '"firstName": ?"Ada"'
expect_match 'buf schema' "$(buf_call "$schema/bonnie.schema.v1.MigrationService/GetCurrent" -d '{}')" '"id": ?"0005"'
finish
