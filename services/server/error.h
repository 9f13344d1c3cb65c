#ifndef BONNIE_SERVICES_SERVER_ERROR_H_
#define BONNIE_SERVICES_SERVER_ERROR_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace bonnie::server {

// A refused field of a request: its path, such as `patients[3].gender`, and the rule; never the value.
struct FieldViolation {
  std::string field;
  std::string description;
};

// What an error tells an RPC's caller beside code and message; becomes google.rpc details on the wire (grpc_status.h).
struct ErrorDetails {
  struct Resource {
    std::string type;  // such as bonnie.records.v1.Patient
    std::string name;  // such as patients/7
    std::string description;
  };
  struct Precondition {
    std::string type;     // such as HAS_MEDICAL_RECORDS
    std::string subject;  // such as patients/7
    std::string description;
  };

  struct Quota {
    std::string subject;  // whose limit, such as an identity
    std::string description;
  };

  std::string reason;  // ErrorInfo.reason, UPPER_SNAKE_CASE; required
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> violations;  // at most 20 are sent
  absl::optional<Resource> resource;
  std::vector<Precondition> preconditions;
  absl::optional<Quota> quota;                        // the caller's own limit that was met
  absl::Duration retry_after = absl::ZeroDuration();  // > 0: RetryInfo and grpc-retry-pushback-ms
};

// A status of `code` for an RPC's caller. `message` says what failed and what to do, without values of any row.
absl::Status Error(absl::StatusCode code, absl::string_view message, ErrorDetails details);
// The same with a reason and metadata as its only details.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   std::map<std::string, std::string> metadata = {});
// The same with code kFailedPrecondition.
absl::Status FailedPrecondition(absl::string_view reason, absl::string_view message,
                                std::map<std::string, std::string> metadata = {});

// The details that `status` carries: of Error, or made from a database Fault; nullopt for a bare status.
absl::optional<ErrorDetails> DetailsOf(const absl::Status& status);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ERROR_H_
