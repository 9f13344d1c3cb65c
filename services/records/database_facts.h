#ifndef BONNIE_SERVICES_RECORDS_DATABASE_FACTS_H_
#define BONNIE_SERVICES_RECORDS_DATABASE_FACTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/session.h"
#include "services/records/indexed_sql.h"

// What the records service asks of its database besides its own rows. Every function blocks for its statement and fails
// as Querier does (error_table.h).
namespace bonnie::records {

// The lowest schema revision that this binary works with.
inline constexpr char kWantedRevision[] = "0005";

// The heads of the applied revisions, normally one.
absl::StatusOr<std::vector<std::string>> ReadSchemaHeads(data_access::Querier& db);

absl::StatusOr<bool> IsReadOnly(data_access::Querier& db);

// Whether the columns hold what validation lets in. kFailedPrecondition `SCHEMA_MISMATCH`: one is missing or narrower;
// the message names it and both widths.
absl::Status CheckColumnWidths(data_access::Querier& db);

// Every statement above, for the database `schema`, for the test that asks EXPLAIN.
std::vector<IndexedSql> DatabaseFactsStatements(absl::string_view schema);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_DATABASE_FACTS_H_
