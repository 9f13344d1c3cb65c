#!/usr/bin/env bash
# deploy/pki/make-crl: who is revoked stays revoked; strangers and mistakes are refused. Modes of what the PKI writes.
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
pki=$here/../../deploy/pki
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

(umask 000 && "$pki/make-pki" "$dir" --test-variants && "$pki/make-crl" "$dir")
expect_equal 'nobody else writes certificates and lists' "$(find "$dir" -name '*.pem' -perm /022)" ''
expect_equal 'nobody else reads keys' "$(find "$dir" -name '*.key' -perm /077)" ''

revoked() {  # CERTIFICATE
  if openssl verify -CAfile "$dir/ca.pem" -CRLfile "$dir/crl.pem" -crl_check "$dir/$1.pem" >/dev/null 2>&1; then
    echo no
  else
    echo yes
  fi
}
next_update() { openssl crl -in "$dir/crl.pem" -noout -nextupdate | cut -d= -f2; }

expect_equal 'an empty list revokes nobody' "$(revoked client)$(revoked clerk)" nono
expect_equal 'a list is valid for 30 days' "$(date -d "$(next_update)" +%F)" "$(date -d '+30 days' +%F)"
"$pki/make-crl" "$dir" "$dir/clerk.pem"
expect_equal 'the named one is revoked' "$(revoked client)$(revoked clerk)" noyes
"$pki/make-crl" "$dir" --days 3 "$dir/clerk.pem" "$dir/reader.pem"
expect_equal 'and stays so' "$(revoked client)$(revoked clerk)$(revoked reader)" noyesyes
expect_equal 'days as told' "$(date -d "$(next_update)" +%F)" "$(date -d '+3 days' +%F)"

before=$(sha256sum <"$dir/crl.pem")
for wrong in "$dir/variants/other-ca-client.pem" "$dir/client.key" "$dir/nothing.pem"; do
  if "$pki/make-crl" "$dir" "$wrong" >/dev/null 2>&1; then fail "$wrong was revoked"; fi
done
for days in 0 -1 x; do
  if "$pki/make-crl" "$dir" --days "$days" >/dev/null 2>&1; then fail "--days $days was accepted"; fi
done
if "$pki/make-crl" "$dir/variants" >/dev/null 2>&1; then fail 'a folder without a CA was accepted'; fi
expect_equal 'a refused call changes nothing' "$(sha256sum <"$dir/crl.pem")" "$before"
finish
