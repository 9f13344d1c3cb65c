#ifndef BONNIE_SERVICES_DATA_ACCESS_SESSION_H_
#define BONNIE_SERVICES_DATA_ACCESS_SESSION_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/driver.h"
#include "services/data_access/statement.h"

namespace bonnie::data_access {

class Watchdog;

// Runs statements: what a table's functions take, so that they work on a Session (autocommit) and in a Transaction alike.
// Used by one thread at a time.
class Querier {
 public:
  virtual ~Querier() = default;

  // Runs a SELECT. Blocks until the answer, the budget's end or its cancellation.
  // kDeadlineExceeded, kCancelled: the statement was stopped on the server too. Others: error_table.h.
  virtual absl::StatusOr<Rows> Query(const Statement& statement) = 0;
  // Runs an INSERT, UPDATE or DELETE and answers the rows matched. Blocks and fails likewise.
  virtual absl::StatusOr<std::int64_t> Execute(const Statement& statement) = 0;

  virtual Flavour flavour() const = 0;
};

// One connection as its borrower sees it: statements in autocommit, within the budget of the lease.
//
// The session remembers what its worst fault did to it (fate()), so that the pool knows what to do on return. The server's
// own time limit is set in powers of two and only when the bucket changes; the exact cut is the watchdog's KILL QUERY.
class Session final : public Querier {
 public:
  // `watchdog` may be null (no cut but the server's own limit) and outlives the session.
  Session(std::unique_ptr<Connection> connection, Watchdog* watchdog);
  ~Session() override;

  absl::StatusOr<Rows> Query(const Statement& statement) override;
  absl::StatusOr<std::int64_t> Execute(const Statement& statement) override;
  Flavour flavour() const override { return connection_->facts().flavour; }

  // Statements from now on end with `budget`.
  void StartLease(Budget budget);
  const Budget& budget() const { return budget_; }

  const ServerFacts& facts() const { return connection_->facts(); }
  SessionFate fate() const { return fate_; }
  absl::Status Ping();

 private:
  friend class Transaction;
  friend class Pool;
  // Runs `run` under the budget: server limit, watchdog, fate. Every statement goes through it.
  template <class Answer, class Run>
  absl::StatusOr<Answer> Guarded(Phase phase, Run run);
  absl::Status Control(absl::string_view sql, Phase phase);  // BEGIN, COMMIT, ROLLBACK
  absl::Status SetStatementLimit(absl::Duration left, Phase phase);
  void Remember(const absl::Status& status);

  const std::unique_ptr<Connection> connection_;
  Watchdog* const watchdog_;  // may be null
  Budget budget_;
  SessionFate fate_ = SessionFate::kKeep;
  absl::Duration statement_limit_ = absl::InfiniteDuration();  // as set on the server
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_SESSION_H_
