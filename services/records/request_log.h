#ifndef BONNIE_SERVICES_RECORDS_REQUEST_LOG_H_
#define BONNIE_SERVICES_RECORDS_REQUEST_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "services/data_access/session.h"
#include "services/records/indexed_sql.h"

// All SQL of table `request_log`. Every function blocks for its statements and fails as Querier does (error_table.h).
namespace bonnie::records {

// What makes a write one and the same write: who asked for what under which id.
struct RequestKey {
  std::string principal;
  std::string method;      // such as CreatePatient
  std::string request_id;  // a UUID in lower case
};

// A write that was done before.
struct LoggedRequest {
  std::string payload_hmac;  // 32 bytes
  std::int64_t resource_id = 0;
  std::int64_t row_version = 0;
};

// Claims the key for the open transaction, for 24 hours: nullopt, and the caller does the write and then calls
// CompleteRequest; or what was logged when another transaction did it before. While another transaction that holds the
// claim is open, this waits for its end (kAborted: for longer than the lock timeout).
absl::StatusOr<absl::optional<LoggedRequest>> ClaimRequest(data_access::Querier& db, const RequestKey& key,
                                                           const std::string& payload_hmac);

// Says what came of a claimed request; in the same transaction.
absl::Status CompleteRequest(data_access::Querier& db, const RequestKey& key, std::int64_t resource_id,
                             std::int64_t row_version);

// The most rows that SweepRequests takes at once: its locks are short.
inline constexpr int kSweepBatch = 1000;

// Deletes up to kSweepBatch expired rows, the oldest first, and answers how many.
absl::StatusOr<std::int64_t> SweepRequests(data_access::Querier& db);

// Every statement above, for the test that asks EXPLAIN.
std::vector<IndexedSql> RequestLogStatements();

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_REQUEST_LOG_H_
