#!/usr/bin/env bash
# The README's C++ program, built as a stranger would: against an installed package, by a CMake project of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

prefix=$work/prefix
cmake --install "${BONNIE_BUILD_DIR:-$BONNIE_ROOT/build/release}" --prefix "$prefix" >"$work/install.log" 2>&1 ||
  die "install: $(tail -n 3 "$work/install.log")"
for program in bonnie bonnie-records bonnie-schema; do
  expect_match "$program --version" "$("$prefix/bin/$program" --version)" '[0-9]+\.[0-9]+\.[0-9]+'
done
[[ -s $prefix/share/bonnie/migrations/bonnie.sum ]] || fail 'the migrations are not installed'

# Nothing of the source tree: the example is copied away from it.
cp -r "$BONNIE_ROOT/clients/cpp/examples/hello" "$work/hello"
cmake -S "$work/hello" -B "$work/hello/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >"$work/configure.log" 2>&1 ||
  die "configure: $(tail -n 20 "$work/configure.log")"
cmake --build "$work/hello/build" >"$work/build.log" 2>&1 || die "build: $(tail -n 20 "$work/build.log")"

# A program with google.rpc of its own must be able to link the library: it may define none.
if nm -C --defined-only "$prefix"/lib/*/libbonnie_*.a 2>/dev/null | grep -q ' google::rpc::'; then
  fail 'the library defines google.rpc symbols'
fi

start_site azure
answer=$(BONNIE_CONFIG=$work/client.textproto "$work/hello/build/hello")
expect_equal 'the example' "$answer" $'created patient 1\n1 Ada Lovelace'
answer=$(cd "$work" && BONNIE_CONFIG=none.textproto "$work/hello/build/hello" 2>&1) && fail 'the example wants a configuration'
expect_match 'without a configuration' "$answer" 'none.textproto: No such file'
finish
