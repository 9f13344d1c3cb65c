#include "services/data_access/session.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"

namespace bonnie::data_access {
namespace {

// Checks the statement's first word: anything else could change the session for its next borrower.
absl::Status CheckVerb(const Statement& statement, std::initializer_list<absl::string_view> verbs) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(statement.text());
  for (const absl::string_view verb : verbs) {
    if (absl::StartsWithIgnoreCase(text, verb)) return absl::OkStatus();
  }
  return absl::InternalError(
      absl::StrCat("statement ", statement.name(), ": does not begin with the word for its use"));
}

// Powers of two, so that budgets that differ a little share a limit; rounded up, because the exact cut is the
// watchdog's. Zero is no limit.
absl::Duration LimitFor(absl::Duration left) {
  if (left > absl::Hours(1)) return absl::ZeroDuration();
  absl::Duration limit = absl::Milliseconds(16);
  while (limit < left) limit *= 2;
  return limit;
}

// Whether the limit that is set serves: not shorter than the one wanted, and not much longer. Setting it costs a round
// trip.
bool Serves(absl::Duration set, absl::Duration wanted) {
  if (set == absl::ZeroDuration() || wanted == absl::ZeroDuration()) return set == wanted;
  return set >= wanted && set <= 4 * wanted;
}

}  // namespace

Session::Session(std::unique_ptr<Connection> connection, Watchdog* watchdog, const StatementObserver* observer)
    : connection_(std::move(connection)), watchdog_(watchdog), observer_(observer) {}

Session::~Session() = default;

void Session::StartLease(Budget budget) { budget_ = std::move(budget); }

absl::StatusOr<Rows> Session::Query(const Statement& statement) { return QueryIn(Phase::kReading, statement); }

absl::StatusOr<std::int64_t> Session::Execute(const Statement& statement) {
  return ExecuteIn(Phase::kWriting, statement);
}

absl::StatusOr<Rows> Session::QueryIn(Phase phase, const Statement& statement) {
  BONNIE_RETURN_IF_ERROR(CheckVerb(statement, {"SELECT", "WITH"}));
  return Guarded<Rows>(statement.name(), phase, [&] { return connection_->Query(statement, phase); });
}

absl::StatusOr<std::int64_t> Session::ExecuteIn(Phase phase, const Statement& statement) {
  BONNIE_RETURN_IF_ERROR(CheckVerb(statement, {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"}));
  return Guarded<std::int64_t>(statement.name(), phase, [&] { return connection_->Execute(statement, phase); });
}

template <class Answer, class Run>
absl::StatusOr<Answer> Session::Guarded(absl::string_view name, Phase phase, Run run) {
  BONNIE_RETURN_IF_ERROR(CheckUsable());
  const absl::Time started = absl::Now();
  BONNIE_RETURN_IF_ERROR(budget_.Check(started));
  BONNIE_RETURN_IF_ERROR(SetStatementLimit(phase));
  last_statement_.store(name.data(), std::memory_order_relaxed);
  Watchdog::Watch watch(watchdog_, facts(), budget_);
  absl::StatusOr<Answer> answer = run();
  const Watchdog::Outcome outcome = watch.End();
  Remember(answer.status());
  // A write that was done before the KILL came is done. A SELECT that a KILL or the server's own limit (which is never
  // shorter than the budget) may have met counts as cut short, whatever it answers: SLEEP() answers 1 then, and no
  // other function promises better.
  if (outcome != Watchdog::Outcome::kFinished) {
    const absl::Status interrupted =
        Interrupted(answer.status(), outcome == Watchdog::Outcome::kCancelled, watch.may_strike_later());
    if (!answer.ok() || std::is_same_v<Answer, Rows>) answer = interrupted;
  } else if (answer.ok() && std::is_same_v<Answer, Rows> && absl::Now() >= budget_.deadline) {
    answer = OutOfTime(Fault(), /*cancelled=*/false);
  }
  Observe(name, started, answer.status());
  return answer;
}

// What a statement that the watchdog aimed at answers: the budget's end, unless more is to be said.
absl::Status Session::Interrupted(const absl::Status& status, bool cancelled, bool may_strike_later) {
  // Only an interrupted statement has certainly used the KILL up; otherwise it may strike the session's next one.
  if (status.code() != absl::StatusCode::kCancelled || may_strike_later) Remember(SessionFate::kDiscard);
  const Fault fault = FaultOf(status).value_or(Fault());
  return fault.effect == Effect::kUnknown ? status : OutOfTime(fault, cancelled);
}

absl::Status Session::OutOfTime(Fault fault, bool cancelled) const {
  const auto code = cancelled ? absl::StatusCode::kCancelled : absl::StatusCode::kDeadlineExceeded;
  fault.caller_code = code;
  fault.reason = cancelled ? "DB_CANCELLED" : "DB_TIMEOUT";
  fault.retry_transaction = false;
  fault.fate = fate_;
  return FaultStatus(code, cancelled ? "the caller left while the statement ran" : "the statement ran out of time",
                     fault);
}

absl::Status Session::Control(absl::string_view name, absl::string_view sql, Phase phase) {
  BONNIE_RETURN_IF_ERROR(CheckUsable());
  const absl::Time started = absl::Now();
  const absl::Status status = connection_->ExecuteText(sql, phase);
  Remember(status);
  Observe(name, started, status);
  return status;
}

absl::Status Session::Ping() {
  const absl::Status status = connection_->Ping();
  if (!status.ok()) Remember(SessionFate::kDiscard);
  return status;
}

absl::Status Session::Rollback() {
  const absl::Status status = Control("ROLLBACK", "ROLLBACK", Phase::kInTransaction);
  if (!status.ok()) {
    Remember(SessionFate::kDiscard);
  } else if (fate_ == SessionFate::kRollback) {
    fate_ = SessionFate::kKeep;
  }
  return status;
}

absl::Status Session::CheckUsable() const {
  if (fate_ < SessionFate::kDiscard) return absl::OkStatus();
  Fault fault;
  fault.fate = fate_;
  fault.caller_code = absl::StatusCode::kUnavailable;
  fault.reason = "DATABASE_UNAVAILABLE";
  return FaultStatus(absl::StatusCode::kUnavailable, "the database session was lost by an earlier statement", fault);
}

// MariaDB's max_statement_time cuts everything, MySQL's max_execution_time reads only.
absl::Status Session::SetStatementLimit(Phase phase) {
  const bool mysql = flavour() == Flavour::kMySql;
  if (mysql && phase == Phase::kWriting) return absl::OkStatus();
  const absl::Duration limit = LimitFor(budget_.deadline - absl::Now());
  if (Serves(statement_limit_, limit)) return absl::OkStatus();
  const std::string sql = mysql ? absl::StrFormat("SET max_execution_time = %d", absl::ToInt64Milliseconds(limit))
                                : absl::StrFormat("SET max_statement_time = %.3f", absl::ToDoubleSeconds(limit));
  // A SET that fails has written nothing.
  const absl::Status status = connection_->ExecuteText(sql, Phase::kReading);
  Remember(status);
  if (status.ok()) statement_limit_ = limit;
  return status;
}

void Session::Observe(absl::string_view name, absl::Time started, const absl::Status& status) {
  if (observer_ != nullptr && *observer_) (*observer_)(name, absl::Now() - started, status);
}

void Session::Remember(const absl::Status& status) {
  const absl::optional<Fault> fault = FaultOf(status);
  if (!fault.has_value()) return;
  // A server that said at login that it is read-only still serves reads: refusing writes is no reason to leave it.
  const bool known =
      fault->fate == SessionFate::kDiscardSite && facts().read_only && fault->reason == "DATABASE_READ_ONLY";
  Remember(known ? SessionFate::kRollback : fault->fate);
}

void Session::Remember(SessionFate fate) { fate_ = std::max(fate_, fate); }

}  // namespace bonnie::data_access
