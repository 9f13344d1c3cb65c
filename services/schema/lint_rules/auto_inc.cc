#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckAutoIncrementType(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    if (!column.auto_increment) continue;
    const ColumnType type = ReadType(column);
    if (type.word == "int" || type.word == "bigint") continue;
    report.Add(table.name, column.name, absl::StrCat("AUTO_INCREMENT on ", column.type, "; want int or bigint"));
  }
}

}  // namespace

Rule AutoIncrementType() {
  return {{"auto-inc", Severity::kWarning, RuleSubject::kSchema, "small or inexact AUTO_INCREMENT column",
           "Writers get duplicate key errors once the few values of the type are used up, or two rows round to one."},
          CheckAutoIncrementType};
}

}  // namespace bonnie::schema::lint
