#ifndef BONNIE_SERVICES_SERVER_GRPC_STATUS_H_
#define BONNIE_SERVICES_SERVER_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bonnie::server {

// What a caller is told of a status, and what of it belongs into the log.
struct WireStatus {
  grpc::Status status;   // with google.rpc.Status as its details unless OK
  std::string reason;    // ErrorInfo.reason; empty when OK
  std::string error_id;  // of an internal error: the caller gets this instead of the message, the log gets both
  absl::Duration pushback = absl::ZeroDuration();  // > 0: the trailer grpc-retry-pushback-ms
};

// Maps a status to the wire: code and details of server/error.h, of a database Fault, or of the bare code.
//
// Messages are cut to 512 bytes and the serialized google.rpc.Status to 4 KiB (details are left out from the last one
// on, never ErrorInfo): a C-core client turns a larger trailer into RESOURCE_EXHAUSTED. kInternal, kUnknown and
// kDataLoss without details of their own lose their message: it was not written for callers. Pure but for the error id.
WireStatus ToWire(const absl::Status& status, absl::string_view domain);

// What another Bonnie server answered, as ToWire made it: code, message and details, so that ToWire makes the same of
// it again. A status without details comes from gRPC itself, and has none here. Pure.
absl::Status FromWire(const grpc::Status& status);

// The code's name as grpc.io spells it: NOT_FOUND.
absl::string_view CodeName(grpc::StatusCode code);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_GRPC_STATUS_H_
