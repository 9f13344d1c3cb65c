#ifndef BONNIE_SERVICES_RECORDS_VIOLATIONS_H_
#define BONNIE_SERVICES_RECORDS_VIOLATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/server/error.h"

namespace bonnie::records {

// Collects what is wrong with a request, so that the caller hears of everything at once.
//
// Thread-compatible.
class Violations {
 public:
  // `field` is a path such as `patient.first_name`; `rule` says what is wanted, never what came.
  void Add(std::string field, std::string rule);

  bool empty() const { return violations_.empty(); }
  // OK when nothing was added. kInvalidArgument (`INVALID_REQUEST`): all that was added, the first 20 of them in
  // detail.
  absl::Status status() const;

 private:
  std::vector<server::FieldViolation> violations_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_VIOLATIONS_H_
