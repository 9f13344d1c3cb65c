#include "services/records/database_facts.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/statement.h"
#include "services/data_access/status_macros.h"
#include "services/records/validate.h"
#include "services/server/error.h"
#include "services/server/ledger.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Statement;

constexpr IndexedSql kHeads{
    {"bonnie_revisions.heads", "SELECT revision FROM ledger.bonnie_revisions ORDER BY revision"}, kPrimary};
constexpr IndexedSql kReadOnly{{"server.read_only", "SELECT @@global.read_only"}, kNone};
// MariaDB and MySQL give the counted widths as different types; this makes them one.
constexpr IndexedSql kWidths{
    {"columns.widths",
     "SELECT TABLE_NAME, COLUMN_NAME, CAST(CHARACTER_MAXIMUM_LENGTH AS SIGNED) FROM INFORMATION_SCHEMA.COLUMNS "
     "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('patients', 'medical_records', 'request_log') "
     "AND CHARACTER_MAXIMUM_LENGTH IS NOT NULL"},
    kNone};

absl::Status TooNarrow(const ColumnLimit& limit, absl::string_view found) {
  const std::string column = absl::StrCat(limit.table, ".", limit.column);
  server::ErrorDetails details;
  details.reason = "SCHEMA_MISMATCH";
  details.preconditions.push_back({"SCHEMA_MISMATCH", column, "apply the revisions that this release comes with"});
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("column ", column, " ", found, ", want ", limit.characters, " characters"),
                       std::move(details));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadSchemaHeads(Querier& db) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(server::InLedger(kHeads.sql, db.schema()))));
  std::vector<std::string> heads;
  while (rows.Next()) heads.emplace_back(rows.Text(0));
  BONNIE_RETURN_IF_ERROR(rows.status());
  return heads;
}

absl::StatusOr<bool> IsReadOnly(Querier& db) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kReadOnly.sql)));
  const bool read_only = rows.Next() && rows.Int64(0) != 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return read_only;
}

absl::Status CheckColumnWidths(Querier& db) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kWidths.sql)));
  std::map<std::pair<std::string, std::string>, std::int64_t> widths;
  while (rows.Next()) widths[{std::string(rows.Text(0)), std::string(rows.Text(1))}] = rows.Int64(2);
  BONNIE_RETURN_IF_ERROR(rows.status());
  for (const ColumnLimit& limit : ColumnLimits()) {
    const auto width = widths.find({limit.table, limit.column});
    if (width == widths.end()) return TooNarrow(limit, "is missing");
    if (width->second < limit.characters) return TooNarrow(limit, absl::StrCat("holds ", width->second));
  }
  return absl::OkStatus();
}

std::vector<IndexedSql> DatabaseFactsStatements(absl::string_view schema) {
  return {{server::InLedger(kHeads.sql, schema), kHeads.index}, kReadOnly, kWidths};
}

}  // namespace bonnie::records
