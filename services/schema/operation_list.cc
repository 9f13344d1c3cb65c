#include "services/schema/operation_list.h"

#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/ledger.h"
#include "services/schema/ledger_statement.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Sql;

// Index: bonnie_plans_fence, backwards; primary is its end. bonnie_journal_operation for each row's count. Ids hold no
// character that LIKE takes for a pattern.
constexpr Sql kList{"operations.list", R"sql(
  SELECT operation_id, fingerprint, fence, identity, direction, from_heads, to_heads, statements, begin_time, end_time,
         COALESCE(outcome, ''), COALESCE(author, ''), COALESCE(decision, ''),
         COALESCE(expire_time <= CURRENT_TIMESTAMP(6), 0),
         (SELECT COUNT(*) FROM ledger.bonnie_journal journal
           WHERE journal.operation_id = plans.operation_id AND kind = 'statement' AND state = 'done')
    FROM ledger.bonnie_plans plans
   WHERE (fence < ? OR (fence = ? AND operation_id < ?)) AND operation_id LIKE CONCAT(?, '%') AND fence > 0
   ORDER BY fence DESC, operation_id DESC LIMIT ?)sql"};
// The plans that no operation has begun, whose fence is 0: they come before all. Index: bonnie_plans_fence; what waits
// is few, for plans expire.
constexpr Sql kListPlans{"operations.plans", R"sql(
  SELECT operation_id, fingerprint, fence, identity, direction, from_heads, to_heads, statements, begin_time, end_time,
         COALESCE(outcome, ''), COALESCE(author, ''), COALESCE(decision, ''),
         COALESCE(expire_time <= CURRENT_TIMESTAMP(6), 0), 0
    FROM ledger.bonnie_plans
   WHERE fence = 0 AND operation_id LIKE CONCAT(?, '%')
     AND (? = '' OR (create_time, operation_id) <
                    (SELECT create_time, operation_id FROM ledger.bonnie_plans WHERE operation_id = ?))
   ORDER BY create_time DESC, operation_id DESC LIMIT ?)sql"};

std::vector<std::string> Heads(absl::string_view text) { return absl::StrSplit(text, ',', absl::SkipEmpty()); }

absl::Status ReadRows(Rows& rows, std::vector<OperationRow>& operations) {
  while (rows.Next()) {
    OperationRow row;
    row.operation_id = std::string(rows.Text(0));
    row.fingerprint = std::string(rows.Text(1));
    row.fence = rows.Int64(2);
    row.identity = std::string(rows.Text(row.fence == 0 ? 11 : 3));
    row.direction = rows.Text(4) == "down" ? Direction::kDown : Direction::kUp;
    row.from = Heads(rows.Text(5));
    row.to = Heads(rows.Text(6));
    row.statements = static_cast<int>(rows.Int64(7));
    if (row.fence != 0) row.begin_time = rows.OptionalTime(8);
    row.end_time = rows.OptionalTime(9);
    row.outcome = std::string(rows.Text(10));
    row.decision = std::string(rows.Text(12));
    row.is_expired = rows.Int64(13) != 0;
    row.statements_done = static_cast<int>(rows.Int64(14));
    operations.push_back(std::move(row));
  }
  return rows.status();
}

}  // namespace

absl::StatusOr<std::vector<OperationRow>> ListOperationRows(Querier& querier, const OperationCursor& after,
                                                            absl::string_view prefix, int limit) {
  std::vector<OperationRow> operations;
  const bool among_plans = after.operation_id.empty() || after.fence == 0;
  if (among_plans) {
    BONNIE_ASSIGN_OR_RETURN(
        Rows rows, querier.Query(OfLedger(querier, kListPlans, prefix, after.operation_id, after.operation_id, limit)));
    BONNIE_RETURN_IF_ERROR(ReadRows(rows, operations));
  }
  const int rest = limit - static_cast<int>(operations.size());
  if (rest <= 0) return operations;
  const std::int64_t fence = among_plans ? std::numeric_limits<std::int64_t>::max() : after.fence;
  BONNIE_ASSIGN_OR_RETURN(Rows rows,
                          querier.Query(OfLedger(querier, kList, fence, fence, after.operation_id, prefix, rest)));
  BONNIE_RETURN_IF_ERROR(ReadRows(rows, operations));
  return operations;
}

absl::StatusOr<OperationRow> FindOperationRow(Querier& querier, absl::string_view prefix) {
  BONNIE_ASSIGN_OR_RETURN(std::vector<OperationRow> found, ListOperationRows(querier, {}, prefix, 2));
  if (found.empty()) {
    return server::Error(
        absl::StatusCode::kNotFound,
        absl::StrCat("there is no operation ", prefix, "; ListOperations (`bonnie schema operations`) lists them"),
        {.reason = "OPERATION_UNKNOWN"});
  }
  if (found.size() > 1) {
    return server::Error(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("operation_id: several operations begin with ", prefix, "; write more of it"),
                         {.reason = "OPERATION_AMBIGUOUS"});
  }
  return found.front();
}

OperationState StateOf(const OperationRow& row, absl::string_view holder) {
  if (!row.begin_time.has_value()) {
    if (row.decision == "reject") return OperationState::kRejected;
    if (row.is_expired) return OperationState::kExpired;
    return row.decision == "approve" ? OperationState::kApproved : OperationState::kPlanned;
  }
  if (row.outcome == kOutcomeDone) return OperationState::kSucceeded;
  if (row.outcome == kOutcomeStamped) return OperationState::kStamped;
  if (row.outcome == kOutcomeAssumedDone || row.outcome == kOutcomeAbandoned) return OperationState::kDecided;
  if (row.outcome == "OPERATION_CANCELLED") return OperationState::kCancelled;
  if (row.outcome == "SHUTTING_DOWN") return OperationState::kCutOff;
  if (!row.outcome.empty()) return OperationState::kFailed;
  return row.operation_id == holder ? OperationState::kRunning : OperationState::kCutOff;
}

}  // namespace bonnie::schema
