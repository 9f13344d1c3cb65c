#include "services/records/request_log.h"

#include "services/data_access/statement.h"
#include "services/data_access/status_macros.h"

namespace bonnie::records {
namespace {

using data_access::Bytes;
using data_access::Querier;
using data_access::Rows;
using data_access::Statement;

// The resource is not known before a create; CompleteRequest fills it in.
constexpr IndexedSql kClaim{
    {"request_log.claim",
     "INSERT INTO request_log (principal, method, request_id, payload_hmac, resource_id, row_version, expire_time) "
     "VALUES (?, ?, ?, ?, 0, 0, CURRENT_TIMESTAMP(6) + INTERVAL 24 HOUR)"},
    kNone};
constexpr IndexedSql kFind{{"request_log.find",
                            "SELECT payload_hmac, resource_id, row_version FROM request_log "
                            "WHERE principal = ? AND method = ? AND request_id = ?"},
                           kPrimary};
constexpr IndexedSql kComplete{{"request_log.complete",
                                "UPDATE request_log SET resource_id = ?, row_version = ? "
                                "WHERE principal = ? AND method = ? AND request_id = ?"},
                               kPrimary};
constexpr IndexedSql kSweep{
    {"request_log.sweep",
     "DELETE FROM request_log WHERE expire_time < CURRENT_TIMESTAMP(6) ORDER BY expire_time LIMIT ?"},
    "request_log_by_expiry"};

}  // namespace

absl::StatusOr<absl::optional<LoggedRequest>> ClaimRequest(Querier& db, const RequestKey& key,
                                                           const std::string& payload_hmac) {
  const absl::Status claimed =
      db.Execute(Statement(kClaim.sql, key.principal, key.method, key.request_id, Bytes{payload_hmac})).status();
  if (claimed.ok()) return absl::optional<LoggedRequest>();
  if (claimed.code() != absl::StatusCode::kAlreadyExists) return claimed;
  // A duplicate key undoes its statement only, and leaves a shared lock: the row cannot be swept before it is read.
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kFind.sql, key.principal, key.method, key.request_id)));
  if (!rows.Next()) {
    BONNIE_RETURN_IF_ERROR(rows.status());
    return absl::InternalError("a request that is logged cannot be read");
  }
  LoggedRequest logged{std::string(rows.Text(0)), rows.Int64(1), rows.Int64(2)};
  BONNIE_RETURN_IF_ERROR(rows.status());
  return absl::make_optional(std::move(logged));
}

absl::Status CompleteRequest(Querier& db, const RequestKey& key, std::int64_t resource_id, std::int64_t row_version) {
  return db.Execute(Statement(kComplete.sql, resource_id, row_version, key.principal, key.method, key.request_id))
      .status();
}

absl::StatusOr<std::int64_t> SweepRequests(Querier& db) { return db.Execute(Statement(kSweep.sql, kSweepBatch)); }

std::vector<IndexedSql> RequestLogStatements() { return {kClaim, kFind, kComplete, kSweep}; }

}  // namespace bonnie::records
