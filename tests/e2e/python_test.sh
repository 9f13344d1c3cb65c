#!/usr/bin/env bash
# A Python program (grpcio, stubs from the protos) writes and reads a patient over mTLS.
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"
python=${BONNIE_PYTHON:-python3}
"$python" -c 'import grpc, grpc_tools' 2>/dev/null || { echo 'no grpcio and grpcio-tools'; exit 77; }

start_site azure
mkdir "$work/stubs"
(cd "$BONNIE_ROOT/proto" && "$python" -m grpc_tools.protoc -I . --python_out="$work/stubs" --grpc_python_out="$work/stubs" \
  bonnie/type/v1/date.proto bonnie/records/v1/{resources,patient_service}.proto)
for host in localhost 127.0.0.1; do
  answer=$(PYTHONPATH=$work/stubs "$python" "$here/client.py" "$host:${ports[azure-records]}" "$pki/client" "$pki/ca.pem" 2>&1) || true
  expect_match "Python over $host" "$answer" 'Grace Hopper 1906-12-09 GENDER_FEMALE, then NOT_FOUND'
done
finish
