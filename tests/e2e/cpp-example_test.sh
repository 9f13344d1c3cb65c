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
build_example() {  # FOLDER
  cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/cmake.log" 2>&1 || die "configure: $(tail -n 20 "$work/cmake.log")"
  cmake --build "$1/build" >"$work/cmake.log" 2>&1 || die "build: $(tail -n 20 "$work/cmake.log")"
}
build_example "$work/hello"

# The same with google.rpc and grpc.health of the program's own: two definitions of one in a process abort it at start-up.
mkdir -p "$work/own/google/rpc"
cat >"$work/own/google/rpc/status.proto" <<'PROTO'
syntax = "proto3";
package google.rpc;
import "google/protobuf/any.proto";
message Status {
  int32 code = 1;
  string message = 2;
  repeated google.protobuf.Any details = 3;
}
PROTO
cp -r "$work/hello" "$work/hello-own" && rm -rf "$work/hello-own/build"
protoc -I "$work/own" --cpp_out="$work/hello-own" google/rpc/status.proto
protoc -I /usr/share/grpc-proto --cpp_out="$work/hello-own" grpc/health/v1/health.proto
sed -i -e 's|hello.cc)|hello.cc google/rpc/status.pb.cc grpc/health/v1/health.pb.cc)|' \
  -e '$a target_include_directories(hello PRIVATE ${CMAKE_SOURCE_DIR})' "$work/hello-own/CMakeLists.txt"
build_example "$work/hello-own"

start_site azure
answer=$(BONNIE_CONFIG=$work/client.textproto "$work/hello/build/hello")
expect_equal 'the example' "$answer" $'created patient 1\n1 Ada Lovelace'
answer=$(BONNIE_CONFIG=$work/client.textproto "$work/hello-own/build/hello" 2>&1) || true
expect_match 'with google.rpc of its own' "$answer" 'created patient 2'
answer=$(cd "$work" && BONNIE_CONFIG=none.textproto "$work/hello/build/hello" 2>&1) && fail 'the example wants a configuration'
expect_match 'without a configuration' "$answer" 'none.textproto: No such file'
finish
