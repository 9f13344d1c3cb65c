#!/usr/bin/env bash
# A Node program (@grpc/grpc-js, protos loaded at run time) writes and reads a patient over mTLS.
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"
node -e 'require("@grpc/grpc-js"); require("@grpc/proto-loader")' 2>/dev/null || { echo 'no @grpc/grpc-js'; exit 77; }

start_site azure
answer=$(node "$here/client.js" "$(address azure records)" "$pki/client" "$pki/ca.pem" "$BONNIE_ROOT/proto" 2>&1) || true
expect_match 'Node' "$answer" 'Katherine Johnson 1918-8-26 GENDER_FEMALE, then NOT_FOUND'
finish
