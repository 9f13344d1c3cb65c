#ifndef BONNIE_SERVICES_SCHEMA_OPERATION_LIST_H_
#define BONNIE_SERVICES_SCHEMA_OPERATION_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/session.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// One operation as bonnie_plans and the journal have it.
struct OperationRow {
  std::string operation_id;
  std::string fingerprint;
  std::int64_t fence = 0;
  std::string identity;  // for whom it runs; of a plan, its author
  Direction direction = Direction::kUp;
  std::vector<std::string> from, to;  // heads
  int statements = 0;
  int statements_done = 0;  // by this operation
  absl::optional<absl::Time> begin_time, end_time;
  std::string outcome;  // empty when it has not ended
  // Of a plan that no operation has begun, whose fence is 0:
  std::string decision;  // approve, reject or empty
  bool is_expired = false;
};

// Where a page begins: after this operation. The default is the beginning.
struct OperationCursor {
  std::int64_t fence = 0;
  std::string operation_id;  // empty: the beginning
};

// Up to `limit` plans and operations whose ids begin with `prefix`: plans that are not begun, then operations, newest
// first. Blocks for two queries.
absl::StatusOr<std::vector<OperationRow>> ListOperationRows(data_access::Querier& querier, const OperationCursor& after,
                                                            absl::string_view prefix, int limit);

// The operation whose id begins with `prefix`. kNotFound OPERATION_UNKNOWN. kInvalidArgument OPERATION_AMBIGUOUS.
// Blocks likewise.
absl::StatusOr<OperationRow> FindOperationRow(data_access::Querier& querier, absl::string_view prefix);

// What became of an operation.
enum class OperationState {
  kPlanned,
  kApproved,
  kRejected,
  kExpired,
  kRunning,
  kSucceeded,
  kFailed,
  kCancelled,
  kCutOff,
  kStamped,
  kDecided,
};
// `holder`: the id of the operation that holds the lease; empty for none. Pure.
OperationState StateOf(const OperationRow& row, absl::string_view holder);

// The words that EndOperation gets for what is no error's reason.
inline constexpr char kOutcomeDone[] = "done";
inline constexpr char kOutcomeStamped[] = "stamped";
inline constexpr char kOutcomeAssumedDone[] = "assumed-done";
inline constexpr char kOutcomeAbandoned[] = "abandoned";

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OPERATION_LIST_H_
