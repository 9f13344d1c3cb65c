#include "services/schema/no_default.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {

namespace {

// TEXT and BLOB of all sizes: SHOW CREATE writes no DEFAULT NULL of them either way.
bool ShowsNullDefault(absl::string_view type) {
  const absl::string_view word = type.substr(0, type.find_first_of(" ("));
  return !absl::EndsWith(word, "text") && !absl::EndsWith(word, "blob");
}

}  // namespace

bool LacksDefault(const Column& column) {
  return column.nullable && !column.default_value.has_value() && column.generated.empty() && !column.auto_increment &&
         ShowsNullDefault(column.type);
}

std::set<std::string> ColumnsWithoutDefault(const Table& table) {
  std::set<std::string> columns;
  for (const Column& column : table.columns) {
    if (LacksDefault(column)) columns.insert(column.name);
  }
  return columns;
}

std::string DropDefaults(const std::string& table, const std::set<std::string>& columns) {
  std::vector<std::string> clauses;
  for (const std::string& column : columns) {
    clauses.push_back(absl::StrCat("ALTER COLUMN ", QuoteName(column), " DROP DEFAULT"));
  }
  return absl::StrCat("ALTER TABLE ", QuoteName(table), " ", absl::StrJoin(clauses, ", "));
}

}  // namespace bonnie::schema
