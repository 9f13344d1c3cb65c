#ifndef BONNIE_SERVICES_SCHEMA_PROGRESS_H_
#define BONNIE_SERVICES_SCHEMA_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/session.h"

namespace bonnie::schema {

// How far a statement is, as its server tells another connection.
struct StatementProgress {
  std::string stage;                // in the server's words, such as "copy to tmp table"; empty when nothing runs
  std::int64_t work_done = 0;       // in units of the server's own
  std::int64_t work_estimated = 0;  // 0: the server does not say
  absl::Duration elapsed;           // since it began, by our clock

  // Whether it does nothing but wait for a table.
  bool waits_for_table() const;
};

// Asks how far the statement of `connection_id` is. MySQL counts work where its stage events are collected
// (performance_schema, to be read by this account), MariaDB when it copies a table; else the stage alone is told.
// Blocks for a query or two. `elapsed` is not filled in. Errors of the connection.
absl::StatusOr<StatementProgress> ReadProgress(data_access::Querier& querier, std::int64_t connection_id);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PROGRESS_H_
