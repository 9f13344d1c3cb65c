#include "services/data_access/transaction.h"

#include <algorithm>

#include "absl/random/random.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"

namespace bonnie::data_access {
namespace {

// Sleeps up to 5, 10, 20 ms …, at random. False when the budget would not last.
bool PauseBefore(int next_attempt, const Budget& budget) {
  thread_local absl::BitGen random;
  const absl::Duration longest = absl::Milliseconds(5) * (1 << std::min(next_attempt - 2, 4));
  const absl::Duration pause =
      absl::Nanoseconds(absl::Uniform<std::int64_t>(random, 0, absl::ToInt64Nanoseconds(longest)));
  if (!budget.Check(absl::Now() + pause).ok()) return false;
  absl::SleepFor(pause);
  return true;
}

bool MayRunAgain(const absl::Status& status) {
  const absl::optional<Fault> fault = FaultOf(status);
  return fault.has_value() && fault->retry_transaction;
}

}  // namespace

absl::StatusOr<Rows> Transaction::Query(const Statement& statement) {
  BONNIE_RETURN_IF_ERROR(CheckAlive());
  absl::StatusOr<Rows> rows = session_.QueryIn(Phase::kInTransaction, statement);
  Note(rows.status());
  return rows;
}

absl::StatusOr<std::int64_t> Transaction::Execute(const Statement& statement) {
  BONNIE_RETURN_IF_ERROR(CheckAlive());
  // The server's 1792 would look like a demoted primary.
  if (options_.read_only) return absl::InternalError("a write in a read-only transaction");
  absl::StatusOr<std::int64_t> count = session_.ExecuteIn(Phase::kInTransaction, statement);
  Note(count.status());
  return count;
}

absl::Status Transaction::CheckAlive() const {
  return alive() ? absl::OkStatus()
                 : absl::FailedPreconditionError("the transaction ended with an earlier statement's error");
}

void Transaction::Note(const absl::Status& status) {
  const absl::optional<Fault> fault = FaultOf(status);
  if (fault.has_value() && fault->fate != SessionFate::kKeep) death_ = status;
}

absl::Status Transaction::Begin() {
  BONNIE_RETURN_IF_ERROR(session_.budget().Check(absl::Now()));
  if (options_.isolation == TransactionOptions::Isolation::kRepeatableRead) {  // sessions are READ COMMITTED
    BONNIE_RETURN_IF_ERROR(
        session_.Control("BEGIN", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", Phase::kInTransaction));
  }
  return session_.Control("BEGIN", options_.read_only ? "START TRANSACTION READ ONLY" : "START TRANSACTION",
                          Phase::kInTransaction);
}

absl::Status Transaction::Run(absl::FunctionRef<absl::Status(Transaction&)> unit) {
  BONNIE_RETURN_IF_ERROR(Begin());
  absl::Status status = unit(*this);
  if (!alive()) status = death_;  // whatever the unit made of it
  if (status.ok() && options_.end == TransactionOptions::End::kCommit) {
    status = session_.budget().Check(absl::Now());
    // Nothing cuts a COMMIT that was sent: its outcome would be unknown.
    if (status.ok()) status = session_.Control("COMMIT", "COMMIT", Phase::kCommitting);
    if (status.ok()) return status;
  }
  // A session that is lost or left has nothing to roll back; a failing ROLLBACK closes it, which does.
  if (session_.fate() < SessionFate::kDiscard) (void)session_.Rollback();
  return status;
}

absl::Status RunInTransaction(Session& session, const TransactionOptions& options,
                              absl::FunctionRef<absl::Status(Transaction&)> unit) {
  for (int attempt = 1;; ++attempt) {
    Transaction transaction(session, options);
    const absl::Status status = transaction.Run(unit);
    if (status.ok() || !MayRunAgain(status) || attempt >= options.max_attempts) return status;
    if (session.fate() != SessionFate::kKeep || !PauseBefore(attempt + 1, session.budget())) return status;
  }
}

}  // namespace bonnie::data_access
