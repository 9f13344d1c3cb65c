#ifndef BONNIE_SERVICES_DATA_ACCESS_STATUS_MACROS_H_
#define BONNIE_SERVICES_DATA_ACCESS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` (absl::Status) is not OK.
#define BONNIE_RETURN_IF_ERROR(expression)                                                    \
  do {                                                                                        \
    if (absl::Status bonnie_status = (expression); !bonnie_status.ok()) return bonnie_status; \
  } while (false)

// Assigns the value of `expression` (absl::StatusOr) to `target`, or returns its status.
#define BONNIE_ASSIGN_OR_RETURN(target, expression) \
  BONNIE_ASSIGN_OR_RETURN_(BONNIE_CONCAT_(bonnie_status_or_, __LINE__), target, expression)
#define BONNIE_ASSIGN_OR_RETURN_(temporary, target, expression) \
  auto temporary = (expression);                                \
  if (!temporary.ok()) return std::move(temporary).status();    \
  target = *std::move(temporary)
#define BONNIE_CONCAT_(a, b) BONNIE_CONCAT2_(a, b)
#define BONNIE_CONCAT2_(a, b) a##b

#endif  // BONNIE_SERVICES_DATA_ACCESS_STATUS_MACROS_H_
