#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckNullable(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    if (column.nullable && column.generated.empty()) report.Add(table.name, column.name, "may be NULL");
  }
}

}  // namespace

Rule Nullable() {
  return {{"nullable", Severity::kIgnore, RuleSubject::kSchema, "column that may be NULL",
           "Readers who forget about NULL lose rows in comparisons and sums."},
          CheckNullable};
}

}  // namespace bonnie::schema::lint
