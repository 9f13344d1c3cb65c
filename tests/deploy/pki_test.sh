#!/usr/bin/env bash
# deploy/pki/make-pki: identities, purposes, permissions, renewal, repair.
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
make_pki=$here/../../deploy/pki/make-pki
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

field() {  # CERTIFICATE EXTENSION
  openssl x509 -in "$dir/$1.pem" -noout -ext "$2" | tail -n +2 | tr -d '\n' | sed 's/^ *//'
}
verifies() {  # CERTIFICATE PURPOSE
  openssl verify -CAfile "$dir/ca.pem" -purpose "$2" "$dir/$1.pem" >/dev/null 2>&1 && echo yes || echo no
}

"$make_pki" "$dir" --test-variants

expect_equal 'a caller is its URI only' "$(field client subjectAltName)" 'URI:spiffe://bonnie/client'
expect_equal 'a caller has no common name' "$(openssl x509 -in "$dir/client.pem" -noout -subject)" 'subject=O = Bonnie'
expect_match 'a server names loopback' "$(field mysql subjectAltName)" 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
expect_match 'a service has both' "$(field azure-schema subjectAltName)" 'DNS:localhost.*URI:spiffe://bonnie/azure-schema'
expect_match 'P-256' "$(openssl x509 -in "$dir/client.pem" -noout -text)" 'prime256v1'
expect_equal 'callers call' "$(verifies client sslclient)/$(verifies client sslserver)" yes/no
expect_equal 'the database serves' "$(verifies mysql sslclient)/$(verifies mysql sslserver)" no/yes
expect_equal 'a schema service does both' "$(verifies gcp-schema sslclient)/$(verifies gcp-schema sslserver)" yes/yes
expect_equal 'keys are private' "$(find "$dir" -name '*.key' ! -perm 600)" ''
expect_equal 'another CA is not ours' "$(verifies variants/other-ca-server sslserver)" no
expect_equal 'expired is refused' "$(verifies variants/expired sslserver)$(verifies variants/expired-client sslclient)" nono
expect_equal 'two URIs' "$(field variants/two-uris subjectAltName)" 'URI:spiffe://bonnie/reader, URI:spiffe://bonnie/client'
expect_equal 'a DNS name like a URI' "$(field variants/dns-like-uri subjectAltName)" 'DNS:spiffe://bonnie/client'
expect_equal 'the console' "$(field web subjectAltName)" 'URI:spiffe://bonnie/web'
expect_match 'the wrong name is wrong' "$(field variants/wrong-name subjectAltName)" 'elsewhere.invalid'

before=$(cat "$dir"/*.pem "$dir"/*.key | sha256sum)
"$make_pki" "$dir"
expect_equal 'a second run changes nothing' "$(cat "$dir"/*.pem "$dir"/*.key | sha256sum)" "$before"

ca=$(sha256sum <"$dir/ca.pem")
openssl req -new -key "$dir/reader.key" -subj /O=Bonnie |
  openssl x509 -req -days 10 -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -out "$dir/reader.pem" 2>/dev/null
"$make_pki" "$dir"
openssl x509 -in "$dir/reader.pem" -noout -checkend $((80 * 86400)) >/dev/null || fail 'a certificate that expires soon was kept'
expect_equal 'the CA stays' "$(sha256sum <"$dir/ca.pem")" "$ca"

cp "$dir/client.key" "$dir/client.key.next" # as if cut off between its two renames
"$make_pki" "$dir"
[[ ! -e $dir/client.key.next ]] || fail 'a half-made pair was kept'
expect_equal 'the repaired pair matches' "$(openssl pkey -in "$dir/client.key" -pubout)" "$(openssl x509 -in "$dir/client.pem" -noout -pubkey)"

if "$make_pki" /proc/nowhere >/dev/null 2>&1; then fail 'an impossible folder was accepted'; fi
finish
