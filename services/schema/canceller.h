#ifndef BONNIE_SERVICES_SCHEMA_CANCELLER_H_
#define BONNIE_SERVICES_SCHEMA_CANCELLER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/driver.h"
#include "services/schema/operations.h"

namespace bonnie::schema {

// What a cancellation has reached.
struct Cancelled {
  std::string operation_id;
  bool ended = false;
  std::string outcome;  // an error's reason, or done; empty when not known
};

// Ends operations. Thread-safe; `driver` outlives it.
class Canceller {
 public:
  Canceller(data_access::Driver& driver, data_access::ConnectOptions connect)
      : driver_(driver), connect_(std::move(connect)) {}

  // Ends one that this process runs: before its next statement, and by stopping the one that it runs, again and again
  // until that ends. Blocks until it has, or `budget` ends; it ends all the same then. Errors of the connection.
  absl::StatusOr<Cancelled> Cancel(Operation& operation, const data_access::Budget& budget) const;

  // Ends one that this process does not run, by its id's beginning: the connection on which its statement runs is
  // killed, be its process alive or dead, and the server undoes the statement. Blocks likewise. kNotFound
  // OPERATION_UNKNOWN. kInvalidArgument OPERATION_AMBIGUOUS. kFailedPrecondition OPERATION_ENDED: nothing of it runs
  // any more.
  absl::StatusOr<Cancelled> CancelElsewhere(absl::string_view prefix, const data_access::Budget& budget) const;

 private:
  data_access::Driver& driver_;
  const data_access::ConnectOptions connect_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CANCELLER_H_
