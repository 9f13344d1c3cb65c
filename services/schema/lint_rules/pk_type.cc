#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckPrimaryKeyType(const Table& table, const Schema&, Report& report) {
  const Index* primary = table.FindIndex("PRIMARY");
  if (primary == nullptr) return;
  for (const IndexPart& part : primary->parts) {
    const Column* column = table.FindColumn(part.column);
    if (column == nullptr) continue;
    const ColumnType type = ReadType(*column);
    if (type.word == "int" || type.word == "bigint" || report.Allows(type.word)) continue;
    report.Add(table.name, column->name, absl::StrCat(column->type, " in the primary key; want int or bigint"));
  }
}

}  // namespace

Rule PrimaryKeyType() {
  return {{"pk-type", Severity::kIgnore, RuleSubject::kSchema, "primary key that is no integer",
           "Every secondary index holds a copy of it, and rows that come in no order split pages."},
          CheckPrimaryKeyType};
}

}  // namespace bonnie::schema::lint
