#ifndef BONNIE_SERVICES_SCHEMA_LOCK_WAITS_H_
#define BONNIE_SERVICES_SCHEMA_LOCK_WAITS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/session.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// Somebody who uses a table that a statement waits for.
struct Blocker {
  std::int64_t connection_id = 0;
  std::string user;
  absl::Duration elapsed;  // how long it has been doing what it does
  std::string activity;    // command and state, such as "Sleep"; never SQL, which may hold values
};

// Who uses tables that the statement of `connection_id` waits for, which touches `objects`. MySQL says by itself
// (SELECT on performance_schema), MariaDB when the plugin metadata_lock_info is loaded; empty where neither does.
// Blocks for one query. Errors of the connection.
absl::StatusOr<std::vector<Blocker>> ReadBlockers(data_access::Querier& querier, std::int64_t connection_id,
                                                  const std::vector<SchemaObject>& objects);

// Such as "connection 12 (bonnie_records, Sleep for 40 s), connection 13 (…)"; empty for nobody.
std::string BlockersText(const std::vector<Blocker>& blockers);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LOCK_WAITS_H_
