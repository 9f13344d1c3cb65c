#!/usr/bin/env bash
# `bonnie --site all status` and errors that say where: two sites, one of them then failing piece by piece.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

status() {  # JQ_FILTER   of gcp
  { bonnie --site gcp --output json status 2>/dev/null || true; } | jq -r "$1"
}

start_site azure
start_site gcp
code=0
out=$(bonnie --site all status) || code=$?
expect_equal 'exit code with all serving' "$code" 0
for row in 'azure +records +SERVING +[0-9.]+ +(MariaDB|MySQL) [^ ]+, TLSv1\.[23] +0005' 'azure +schema +SERVING .*0005 \(head\)' \
  'gcp +records +SERVING' 'gcp +schema +SERVING' 'of 8 in use'; do
  expect_match 'a table of all sites' "$out" "$row"
done
out=$(bonnie --site all --output json status | jq -r '.site + " " + .records.patients + " " + .schema.health')
expect_equal 'JSON of all sites' "$out" $'azure 0 SERVING\ngcp 0 SERVING'

# A configuration that gives one site's addresses to the other: nothing is read there, and nothing written.
{
  echo 'default_site: "azure"'
  echo "sites { name: \"azure\" records_address: \"$(address gcp records)\" schema_address: \"$(address gcp schema)\" }"
  echo 'tls { ca_file: "pki/ca.pem" cert_file: "pki/client.pem" key_file: "pki/client.key" }'
} >"$work/crossed.textproto"
for command in status 'patients list' 'patients get 1' "import synthea $here/data/synthea" 'schema current' \
  'schema downgrade -1 --yes --allow data-loss' \
  'patients create --first-name A --last-name B --date-of-birth 1990-01-01 --gender other'; do
  code=0
  # shellcheck disable=SC2086  # words of a command
  "$bin/bonnie" --config "$work/crossed.textproto" $command >"$work/out" 2>&1 || code=$?
  expect_equal "another site's address: $command" "$code" 73
  expect_match "another site's address: $command" "$(<"$work/out")" 'SITE_MISMATCH: this is site gcp, and the caller means site azure'
done
expect_equal 'nothing was written there' "$(bonnie --site gcp --output json status | jq -r '.records.patients + " " + .records.schemaRevisions[0]')" '0 0005'

# With the identities of azure's services it ends at the handshake: nothing is said to gcp's.
sed 's/schema_address/records_identity: "spiffe:\/\/bonnie\/azure-records" schema_identity: "spiffe:\/\/bonnie\/azure-schema" &/' \
  "$work/crossed.textproto" >"$work/crossed-identity.textproto"
for command in 'patients get 1' 'schema current'; do
  code=0
  # shellcheck disable=SC2086  # words of a command
  "$bin/bonnie" --config "$work/crossed-identity.textproto" $command >"$work/out" 2>&1 || code=$?
  expect_equal "another service's identity: $command" "$code" 78
  expect_match "another service's identity: $command" "$(<"$work/out")" \
    'its certificate has the identity spiffe://bonnie/gcp-[a-z]+, and the configuration requires spiffe://bonnie/azure-[a-z]+'
done

stop_service gcp schema
code=0
out=$(bonnie status --site all 2>"$work/err") || code=$?
expect_equal 'exit code with a service away' "$code" 78
expect_match 'a service away' "$out" 'gcp +schema +UNAVAILABLE'
expect_match 'the others' "$out" 'azure +schema +SERVING'
expect_match 'where and why' "$(<"$work/err")" 'gcp \(schema service at localhost:[0-9]+\): UNAVAILABLE: .*nobody listens there'

"$BONNIE_ROOT/tests/support/test-database" kill --dir "$work/gcp/db"
expect_equal 'the database away' "$(status .records.database.reachable)" null
end=$((SECONDS + 30))
until [[ $(status .records.health) == NOT_SERVING ]]; do
  ((SECONDS < end)) || { fail 'a records service without a database serves on'; break; }
  sleep 0.5
done
"$BONNIE_ROOT/tests/support/test-database" start --dir "$work/gcp/db"
end=$((SECONDS + 30))
until [[ $(status .records.health) == SERVING ]]; do
  ((SECONDS < end)) || { fail 'the records service does not come back'; break; }
  sleep 0.5
done

code=0
bonnie_as variants/other-ca-client patients list >"$work/out" 2>&1 || code=$?
expect_equal 'a certificate of another CA' "$code" 78
expect_match 'a certificate of another CA' "$(<"$work/out")" 'refuses the client certificate .*other-ca-client.pem'
code=0
bonnie_as variants/expired-client patients list >"$work/out" 2>&1 || code=$?
expect_equal 'an expired certificate' "$code" 2
expect_match 'an expired certificate' "$(<"$work/out")" 'expired-client.pem: expired at'
code=0
bonnie_as variants/expired-client status >"$work/out" 2>&1 || code=$?
expect_equal 'status with an expired certificate' "$code" 2
printf -- '-- edited\n' >>"$work/azure/migrations/versions/0002_add_patients_is_deceased.sql"
code=0
bonnie --site azure status >"$work/out" 2>&1 || code=$?
expect_equal 'status with an edited migration' "$code" 73
expect_match 'status with an edited migration' "$(<"$work/out")" 'REVISION_EDITED.*0002_add_patients_is_deceased.sql'
code=0
bonnie_as stranger patients list >"$work/out" 2>&1 || code=$?
expect_equal 'no role' "$code" 71
finish
