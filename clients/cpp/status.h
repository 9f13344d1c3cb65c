#ifndef BONNIE_CLIENTS_CPP_STATUS_H_
#define BONNIE_CLIENTS_CPP_STATUS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grpc {
class Status;
}

namespace bonnie::client {

// What a service says about an error besides code and message: google.rpc's details, decoded.
struct ErrorDetails {
  struct FieldViolation {
    std::string field;  // path in the request, such as `patient.first_name`
    std::string description;
  };
  struct Precondition {
    std::string type;     // such as HAS_MEDICAL_RECORDS
    std::string subject;  // such as patients/7
    std::string description;
  };
  struct Resource {
    std::string type;  // such as bonnie.records.v1.Patient
    std::string name;  // such as patients/7
    std::string description;
  };
  struct Quota {
    std::string subject;
    std::string description;
  };

  std::string reason;  // stable; programs may branch on it. Empty: the error is not one of a Bonnie service's own
  std::string domain;  // records.bonnie or schema.bonnie
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  std::vector<Precondition> preconditions;
  std::vector<Resource> resources;
  std::vector<Quota> quotas;
  absl::Duration retry_delay = absl::ZeroDuration();  // come back no sooner
};

// The same code and message; the details stay with it, encoded, for DetailsOf.
absl::Status ToStatus(const grpc::Status& status);

// What `status` (of ToStatus) carries; all empty for a status without details, or with some that do not parse.
ErrorDetails DetailsOf(const absl::Status& status);

// `status` with another message; code and details stay.
absl::Status WithMessage(const absl::Status& status, const std::string& message);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_STATUS_H_
