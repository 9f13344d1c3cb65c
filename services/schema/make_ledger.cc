#include "services/schema/make_ledger.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using data_access::Sql;
using data_access::Statement;
using Unless = LedgerChange::Unless;

// The servers have no ADD COLUMN IF NOT EXISTS in common, so the catalogue is asked first.
constexpr Sql kParts{"ledger.parts", R"sql(
  SELECT TABLE_NAME, COLUMN_NAME, IF(IS_NULLABLE = 'YES', 'nullable', 'column') FROM information_schema.COLUMNS
   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('bonnie_revisions', 'bonnie_plans', 'bonnie_journal', 'bonnie_lease')
  UNION ALL
  SELECT TABLE_NAME, INDEX_NAME, 'key' FROM information_schema.STATISTICS
   WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1
     AND TABLE_NAME IN ('bonnie_revisions', 'bonnie_plans', 'bonnie_journal', 'bonnie_lease'))sql"};

using Part = std::tuple<std::string, std::string, std::string>;  // table, name, what

bool IsMade(const std::set<Part>& parts, const LedgerChange& change) {
  const auto has = [&](const char* what) { return parts.count({change.table, change.name, what}) > 0; };
  switch (change.unless) {
    case Unless::kColumnIsThere:
      return has("column") || has("nullable");
    case Unless::kColumnIsNullable:
      return has("nullable");
    case Unless::kKeyIsThere:
      return has("key");
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<LedgerChange>> MissingLedgerChanges(data_access::Querier& querier) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(kParts)));
  std::set<Part> parts;
  while (rows.Next()) parts.emplace(rows.Text(0), rows.Text(1), rows.Text(2));
  BONNIE_RETURN_IF_ERROR(rows.status());
  std::vector<LedgerChange> missing;
  for (const LedgerChange& change : LedgerChanges()) {
    if (!IsMade(parts, change)) missing.push_back(change);
  }
  return missing;
}

absl::Status MakeLedger(DdlSession& ddl) {
  for (const std::string& statement : LedgerStatements()) BONNIE_RETURN_IF_ERROR(ddl.Run(statement));
  BONNIE_ASSIGN_OR_RETURN(std::vector<LedgerChange> missing, MissingLedgerChanges(ddl.session()));
  std::map<std::string, std::vector<std::string>> clauses;  // by table: one ALTER each
  for (const LedgerChange& change : missing) clauses[change.table].push_back(change.clause);
  for (const auto& [table, of_table] : clauses) {
    BONNIE_RETURN_IF_ERROR(ddl.Run(absl::StrCat("ALTER TABLE ", table, " ", absl::StrJoin(of_table, ", "))));
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
