#ifndef BONNIE_SERVICES_DATA_ACCESS_TRANSACTION_H_
#define BONNIE_SERVICES_DATA_ACCESS_TRANSACTION_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/data_access/session.h"

namespace bonnie::data_access {

struct TransactionOptions {
  enum class Isolation { kReadCommitted, kRepeatableRead };
  enum class End { kCommit, kRollback };  // kRollback: do everything, keep nothing (validate_only)
  Isolation isolation = Isolation::kReadCommitted;
  bool read_only = false;
  End end = End::kCommit;
  int max_attempts = 4;  // runs of the unit after a deadlock or lock timeout, with full jitter of 5, 10, 20 ms between
};

// A transaction that is open on a session. It dies with the first error that is not the statement's alone: after 1213
// the session is back in autocommit and a statement sent then would survive the ROLLBACK, after 1205 a COMMIT would
// keep half the unit. A dead one answers kFailedPrecondition to everything.
//
// Made by RunInTransaction only. Used by one thread at a time.
class Transaction final : public Querier {
 public:
  absl::StatusOr<Rows> Query(const Statement& statement) override;
  absl::StatusOr<std::int64_t> Execute(const Statement& statement) override;
  Flavour flavour() const override { return session_.flavour(); }
  absl::string_view schema() const override { return session_.schema(); }
  bool alive() const { return death_.ok(); }

 private:
  friend absl::Status RunInTransaction(Session&, const TransactionOptions&,
                                       absl::FunctionRef<absl::Status(Transaction&)>);
  Transaction(Session& session, const TransactionOptions& options) : session_(session), options_(options) {}

  // Runs the unit once: BEGIN to COMMIT or ROLLBACK.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> unit);
  absl::Status Begin();
  absl::Status CheckAlive() const;
  void Note(const absl::Status& status);

  Session& session_;
  const TransactionOptions& options_;
  absl::Status death_;  // what ended it
};

// Runs `unit` in a transaction and commits when it answers OK; rolls back and answers its status otherwise. A unit that
// the server says was not applied (1213, 1205, …: Fault::retry_transaction) is run again as a whole, so it must have no
// effects but its statements. COMMIT, ROLLBACK and BEGIN are text statements: the connector's own methods never fail.
// Blocks until the session's budget ends at the latest. kAborted: attempts used up. With
// Effect::kUnknown: the answer to COMMIT did not come.
absl::Status RunInTransaction(Session& session, const TransactionOptions& options,
                              absl::FunctionRef<absl::Status(Transaction&)> unit);

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_TRANSACTION_H_
