#ifndef BONNIE_SERVICES_DATA_ACCESS_SESSION_H_
#define BONNIE_SERVICES_DATA_ACCESS_SESSION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/driver.h"
#include "services/data_access/fault.h"
#include "services/data_access/statement.h"

namespace bonnie::data_access {

class Watchdog;

// Runs statements: what a table's functions take, so that they work on a Session (autocommit) and in a Transaction
// alike. Used by one thread at a time.
class Querier {
 public:
  virtual ~Querier() = default;

  // Runs a SELECT. Blocks until the answer, the budget's end or its cancellation.
  // kDeadlineExceeded, kCancelled: the statement was stopped on the server too, or answered too late. Others:
  // error_table.h.
  virtual absl::StatusOr<Rows> Query(const Statement& statement) = 0;
  // Runs an INSERT, UPDATE or DELETE and answers the rows matched. Blocks and fails likewise.
  virtual absl::StatusOr<std::int64_t> Execute(const Statement& statement) = 0;

  virtual Flavour flavour() const = 0;
  // The database that is current, as the connection was opened with it.
  virtual absl::string_view schema() const = 0;
};

// Told of every statement that ran: its name (Sql::name; "BEGIN", "COMMIT", "ROLLBACK"), how long it took, how it
// ended. For metrics; called on the statement's thread, must not block.
using StatementObserver = std::function<void(absl::string_view name, absl::Duration took, const absl::Status& status)>;

// One connection as its borrower sees it: statements in autocommit, within the budget of the lease.
//
// The session remembers what its worst fault did to it (fate()), so that the pool knows what to do on return. The
// server's own time limit is set in powers of two and only when the bucket changes; the exact cut is the watchdog's
// KILL QUERY.
class Session final : public Querier {
 public:
  // `watchdog` and `observer` may be null (no cut but the server's own limit; nobody is told) and outlive the session.
  Session(std::unique_ptr<Connection> connection, Watchdog* watchdog, const StatementObserver* observer = nullptr);
  ~Session() override;

  absl::StatusOr<Rows> Query(const Statement& statement) override;
  absl::StatusOr<std::int64_t> Execute(const Statement& statement) override;
  Flavour flavour() const override { return connection_->facts().flavour; }
  absl::string_view schema() const override { return connection_->facts().schema; }

  // Statements from now on end with `budget`.
  void StartLease(Budget budget);
  const Budget& budget() const { return budget_; }

  const ServerFacts& facts() const { return connection_->facts(); }
  SessionFate fate() const { return fate_; }
  // Name of the statement that ran last; from any thread.
  const char* last_statement() const { return last_statement_.load(std::memory_order_relaxed); }
  // One round trip, outside any budget. kUnavailable: the connection is gone.
  absl::Status Ping();
  // Undoes what a kRollback fate left open. When it fails, the session's fate is kDiscard.
  absl::Status Rollback();
  // Says that an answer of this session was not the one asked for: it is closed on return.
  void Distrust() { Remember(SessionFate::kDiscard); }

 private:
  friend class Transaction;
  // Runs a statement under the budget: server limit, watchdog, fate. Every one that carries data goes through here.
  template <class Answer, class Run>
  absl::StatusOr<Answer> Guarded(absl::string_view name, Phase phase, Run run);
  absl::StatusOr<Rows> QueryIn(Phase phase, const Statement& statement);
  absl::StatusOr<std::int64_t> ExecuteIn(Phase phase, const Statement& statement);
  absl::Status Control(absl::string_view name, absl::string_view sql, Phase phase);  // BEGIN, COMMIT, ROLLBACK
  absl::Status CheckUsable() const;
  absl::Status SetStatementLimit(Phase phase);
  absl::Status Interrupted(const absl::Status& status, bool cancelled, bool may_strike_later);
  absl::Status OutOfTime(Fault fault, bool cancelled) const;
  void Observe(absl::string_view name, absl::Time started, const absl::Status& status);
  void Remember(const absl::Status& status);
  void Remember(SessionFate fate);

  const std::unique_ptr<Connection> connection_;
  Watchdog* const watchdog_;                 // may be null
  const StatementObserver* const observer_;  // may be null
  std::atomic<const char*> last_statement_ = "none";
  Budget budget_;
  SessionFate fate_ = SessionFate::kKeep;
  absl::Duration statement_limit_ = absl::ZeroDuration();  // as set on the server; zero is none
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_SESSION_H_
