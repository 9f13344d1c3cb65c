#ifndef BONNIE_TESTS_SCHEMA_REASON_OF_H_
#define BONNIE_TESTS_SCHEMA_REASON_OF_H_

#include <string>

#include "absl/status/status.h"
#include "services/server/error.h"

namespace bonnie::schema {

// The reason in a status' details; its message when it has none.
inline std::string ReasonOf(const absl::Status& status) {
  const auto details = server::DetailsOf(status);
  return details.has_value() ? details->reason : std::string(status.message());
}

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_REASON_OF_H_
