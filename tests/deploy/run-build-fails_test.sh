#!/usr/bin/env bash
# engine: any
# tests/run in a checkout that cannot be built: it says so in its summary, whose last line programs read.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/checkout"
cp -r "$root/deploy" "$root/tests" "$work/checkout/"  # and nothing that CMake could configure

code=0
TMPDIR=$work "$work/checkout/tests/run" --quick >"$work/out" 2>&1 || code=$?
expect_equal 'exit code' "$code" 1
expect_equal 'the last line' "$(tail -n 1 "$work/out")" '0 passed, 1 failed'
expect_match 'the cause' "$(<"$work/out")" 'failed: run: .*: failed \(exit [0-9]+\); log: '

code=0
"$work/checkout/tests/run" --quik >"$work/out" 2>&1 || code=$?
expect_equal 'exit code of an unknown option' "$code" 2
expect_match 'an unknown option' "$(<"$work/out")" "unknown option '--quik'"
finish
