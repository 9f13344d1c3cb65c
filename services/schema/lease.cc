#include "services/schema/lease.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/schema/ledger.h"
#include "services/schema/ledger_statement.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using data_access::Session;
using data_access::Sql;
using data_access::Statement;

constexpr int kRenewalsPerTimeout = 6;  // some may come late before the server drops the guard
// A killed process's sockets are closed by its kernel, but the server takes a moment to notice.
constexpr int kGuardLockSeconds = 2;
constexpr absl::Duration kLookAgain = absl::Milliseconds(200);

// Named locks belong to the server, not to a schema, and their names end at 64 characters.
#define BONNIE_LOCK(part) "CONCAT('bonnie." part ".', LEFT(SHA2(DATABASE(), 256), 40))"
// CAST: MySQL makes a DECIMAL of an unsigned and a signed number.
constexpr Sql kLockGuard{"lease.lock_guard", "SELECT COALESCE(GET_LOCK(" BONNIE_LOCK("guard") ", ?), 0)"};
constexpr Sql kGuardUser{"lease.guard_user",
                         "SELECT CAST(COALESCE(IS_USED_LOCK(" BONNIE_LOCK("guard") "), 0) AS SIGNED)"};
constexpr Sql kLockSession{"lease.lock_session", "SELECT COALESCE(GET_LOCK(" BONNIE_LOCK("session") ", 0), 0)"};
constexpr Sql kSessionUser{"lease.session_user",
                           "SELECT CAST(COALESCE(IS_USED_LOCK(" BONNIE_LOCK("session") "), 0) AS SIGNED)"};
#undef BONNIE_LOCK
constexpr Sql kServer{"lease.server", "SELECT CONCAT(@@hostname, ':', @@port), CONNECTION_ID()"};
constexpr Sql kOtherAccount{"lease.other_account",
                            "SELECT USER FROM information_schema.PROCESSLIST WHERE ID = ? AND USER <> "
                            "(SELECT USER FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID())"};
constexpr Sql kCommand{"lease.command", "SELECT COMMAND FROM information_schema.PROCESSLIST WHERE ID = ?"};

absl::StatusOr<std::int64_t> QueryNumber(data_access::Querier& querier, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(statement));
  const std::int64_t number = rows.Next() ? rows.Int64(0) : 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return number;
}

absl::StatusOr<std::string> QueryText(data_access::Querier& querier, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(statement));
  std::string text = rows.Next() ? std::string(rows.Text(0)) : "";
  BONNIE_RETURN_IF_ERROR(rows.status());
  return text;
}

absl::Status HeldBy(const LeaseRow& holder) {
  return server::Error(
      absl::StatusCode::kAborted,
      absl::StrCat("somebody applies a plan already: ", holder.identity.empty() ? "who is not known" : holder.identity,
                   ", on connection ", holder.connection_id, "; wait until that has ended"),
      {.reason = "LEASE_HELD",
       .metadata = {{"identity", holder.identity},
                    {"connection_id", absl::StrCat(holder.connection_id)},
                    {"operation", holder.operation_id},
                    {"fence", absl::StrCat(holder.fence)}}});
}

absl::Status Lost() {
  return server::Error(absl::StatusCode::kUnavailable,
                       "the connection that guards the operation is lost; run again to finish",
                       {.reason = "DATABASE_UNAVAILABLE"});
}

// Any account of the server can take a named lock. Only the schema account's connections mean an operation.
absl::Status CheckHolder(data_access::Querier& querier, std::int64_t connection) {
  BONNIE_ASSIGN_OR_RETURN(const std::string account, QueryText(querier, Statement(kOtherAccount, connection)));
  if (account.empty()) return absl::OkStatus();
  return server::FailedPrecondition(
      "LEASE_OBSTRUCTED",
      absl::StrCat("connection ", connection, " of the account '", account,
                   "' holds the migration lock. Only the schema service and ledger.sql take this lock. Find out what "
                   "the connection does, then wait for it or end it (KILL ",
                   connection, ")"),
      {{"account", account}, {"connection_id", absl::StrCat(connection)}});
}

absl::StatusOr<std::unique_ptr<Session>> OpenGuard(data_access::Driver& driver, const LeaseOptions& options) {
  data_access::ConnectOptions connect = options.connect;
  connect.program_name = "bonnie-schema-guard";
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<data_access::Connection> connection, driver.Connect(connect));
  BONNIE_RETURN_IF_ERROR(
      connection->ExecuteText(absl::StrCat("SET SESSION wait_timeout = ", absl::ToInt64Seconds(options.guard_timeout)),
                              data_access::Phase::kReading));
  return std::make_unique<Session>(std::move(connection), nullptr);
}

// Waits until no dead holder's session is left, then marks ours. That may take hours: the guard is kept from falling
// silent meanwhile.
absl::Status LockSession(DdlSession& ddl, Session& guard, const std::function<bool()>& keep_waiting) {
  for (;;) {
    BONNIE_ASSIGN_OR_RETURN(std::int64_t locked, QueryNumber(ddl.session(), Statement(kLockSession)));
    if (locked == 1) return absl::OkStatus();
    BONNIE_ASSIGN_OR_RETURN(std::int64_t connection, QueryNumber(ddl.session(), Statement(kSessionUser)));
    BONNIE_RETURN_IF_ERROR(CheckHolder(ddl.session(), connection));
    BONNIE_ASSIGN_OR_RETURN(std::string command, QueryText(ddl.session(), Statement(kCommand, connection)));
    if (command == "Sleep") (void)ddl.Run(absl::StrCat("KILL CONNECTION ", connection));  // gone meanwhile is as good
    if (!keep_waiting()) {
      return server::Error(absl::StatusCode::kUnavailable, "the service stops; run again", {.reason = "SHUTTING_DOWN"});
    }
    if (!guard.Ping().ok()) return Lost();
    absl::SleepFor(kLookAgain);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lease>> Lease::Acquire(data_access::Driver& driver, const LeaseOptions& options,
                                                      DdlSession& ddl, const std::string& identity,
                                                      const std::string& operation_id,
                                                      const std::function<bool()>& keep_waiting) {
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> guard, OpenGuard(driver, options));
  BONNIE_RETURN_IF_ERROR(CheckLedger(*guard));
  BONNIE_ASSIGN_OR_RETURN(std::int64_t locked, QueryNumber(*guard, Statement(kLockGuard, kGuardLockSeconds)));
  if (locked != 1) {
    BONNIE_ASSIGN_OR_RETURN(const std::int64_t connection, QueryNumber(*guard, Statement(kGuardUser)));
    BONNIE_RETURN_IF_ERROR(CheckHolder(*guard, connection));
    return HeldBy(ReadLease(*guard).value_or(LeaseRow()));
  }
  BONNIE_RETURN_IF_ERROR(LockSession(ddl, *guard, keep_waiting));
  auto lease = absl::WrapUnique(new Lease(ddl, std::move(guard), options.guard_timeout / kRenewalsPerTimeout));
  BONNIE_RETURN_IF_ERROR(lease->TakeRow(identity, operation_id));
  lease->renewer_ = std::thread([raw = lease.get()] { raw->Renew(); });
  return lease;
}

absl::Status Lease::TakeRow(const std::string& identity, const std::string& operation_id) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, ddl_.session().Query(Statement(kServer)));
  LeaseRow taker;
  if (rows.Next()) {
    taker.server = std::string(rows.Text(0));
    taker.connection_id = rows.Int64(1);
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  taker.identity = identity;
  taker.operation_id = operation_id;
  const auto take = [&](data_access::Transaction& transaction) -> absl::Status {
    BONNIE_ASSIGN_OR_RETURN(LeaseRow holder, ReadLease(transaction));
    if (holder.connection_id != 0 && holder.server != taker.server && holder.renewed_lately) return HeldBy(holder);
    taker.fence = holder.fence;
    return TakeLease(transaction, taker);
  };
  const absl::Status taken = RunInTransaction(ddl_.session(), {}, take);
  if (taken.ok()) fence_ = taker.fence + 1;  // not before COMMIT has answered: the number may become another's
  return taken;
}

absl::Status Lease::Check() const { return lost_ ? Lost() : absl::OkStatus(); }

Lease::~Lease() {
  {
    absl::MutexLock lock(&mu_);
    ended_ = true;
  }
  if (renewer_.joinable()) renewer_.join();
  if (fence_ != 0 && !lost_) (void)ReleaseLease(*guard_, fence_);  // a row that stays names a connection that is gone
}

void Lease::Renew() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      if (mu_.AwaitWithTimeout(absl::Condition(&ended_), renew_every_)) return;
    }
    const absl::Status renewed = RenewLease(*guard_, fence_);
    const absl::optional<data_access::Fault> fault = data_access::FaultOf(renewed);
    if (fault.has_value() && fault->retry_transaction) continue;  // our own row statement holds the row until it ends
    if (!renewed.ok()) {
      lost_ = true;
      return;
    }
  }
}

absl::StatusOr<absl::optional<LeaseHolder>> CurrentHolder(data_access::Querier& querier) {
  BONNIE_ASSIGN_OR_RETURN(LeaseRow row, ReadLease(querier));
  if (row.connection_id == 0) return absl::optional<LeaseHolder>();
  BONNIE_ASSIGN_OR_RETURN(std::int64_t guard, QueryNumber(querier, Statement(kGuardUser)));
  BONNIE_ASSIGN_OR_RETURN(std::string here, QueryText(querier, Statement(kServer)));
  const bool held = row.server == here ? guard != 0 : row.renewed_lately;
  if (!held) return absl::optional<LeaseHolder>();
  return absl::optional<LeaseHolder>(LeaseHolder{row.fence, row.connection_id, row.identity, row.operation_id});
}

absl::StatusOr<std::int64_t> LeaseSession(data_access::Querier& querier) {
  return QueryNumber(querier, Statement(kSessionUser));
}

}  // namespace bonnie::schema
