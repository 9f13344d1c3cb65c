#!/usr/bin/env bash
# What tests install from outside the distribution is fixed by hashes and runs no script of its own, and the repository
# names no package registry. Otherwise a package that was taken over runs on every developer's machine.
#
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$root/tests/deploy/expect.sh"
cd "$root"

# Scripts, as git or (of an unpacked copy) the file system lists them.
scripts() {
  grep -rlIE '^#!.*(ba)?sh$|^# shellcheck shell=' deploy tests .ci --exclude-dir=build
}
calls() {  # REGEX   lines of scripts that call what it names, comments and this file left out
  scripts | grep -v unpinned-tools_test | xargs grep -nE -- "$1" | grep -vE '^[^:]+:[0-9]+: *#' || true
}

# --- npm: a lock file with an integrity hash for each package, without addresses
lock=tests/support/node/package-lock.json
expect_equal 'version of the lock file' "$(jq .lockfileVersion "$lock")" 3
expect_equal 'packages without a hash' \
  "$(jq -r '.packages | to_entries[] | select(.key != "" and (.value.integrity // "" | startswith("sha512-") | not)) | .key' "$lock")" ''
expect_equal 'packages with an address' "$(jq -r '.packages[] | select(has("resolved")) | .version' "$lock")" ''
expect_equal 'package.json wants exact versions' \
  "$(jq -r '.dependencies[] | select(test("^[0-9]+\\.[0-9]+\\.[0-9]+$") | not)' tests/support/node/package.json)" ''
expect_equal 'the lock file is of this package.json' \
  "$(jq -cS .dependencies tests/support/node/package.json)" "$(jq -cS '.packages[""].dependencies' "$lock")"
expect_equal 'npm other than npm ci --ignore-scripts' "$(calls '(^|[ (])(npm (i|install|exec)|npx) ' )" ''
expect_equal 'npm ci with scripts' "$(calls '(^|[ (])npm ci ' | grep -v -e --ignore-scripts || true)" ''

# --- pip: each requirement has an exact version and hashes, and is installed by them
for file in tests/support/python/*.txt; do
  expect_equal "$file: lines that are neither a version nor a hash" \
    "$(grep -vnE '^#|^[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]* \\$|^    --hash=sha256:[0-9a-f]{64}( \\)?$' "$file" || true)" ''
  expect_equal "$file: requirements without a hash" "$(grep -A1 -E '^[A-Za-z].*==' "$file" | grep -vE '==|--hash|^--' || true)" ''
done
expect_equal 'pip without hashes' "$(calls 'pip3?"? install' | grep -v -e --require-hashes || true)" ''

# --- Go: programs are built in a module with go.sum
expect_equal 'go install' "$(calls '(^|[ (])go (install|get|run) ')" ''
expect_match 'go.sum' "$(<tests/support/grpcurl/go.sum)" 'github.com/fullstorydev/grpcurl v[0-9.]+ h1:'

# --- no script of the network is piped into a shell, no registry is named
expect_equal 'scripts from the network' "$(calls '(curl|wget)[^|]*\| *(sudo )?(ba)?sh')" ''
expect_equal 'addresses in what is installed' "$(grep -rnE 'https?://|--find-links|--index-url' tests/support/{node,python,grpcurl} || true)" ''
expect_equal 'registries of our own choice' "$(calls '--(extra-)?index-url|--find-links|--registry[ =]|GOPROXY=|GONOSUM')" ''
finish
