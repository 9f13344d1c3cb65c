#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckHasTimestamp(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    if (ReadType(column).word == "timestamp") {
      report.Add(table.name, column.name, "timestamp ends on 2038-01-19; datetime does not");
    }
  }
}

}  // namespace

Rule HasTimestamp() {
  return {{"has-timestamp-2038", Severity::kNotice, RuleSubject::kSchema, "TIMESTAMP column",
           "From 2038-01-19 on, writers of the present time get an error, as writers of dates ahead do today."},
          CheckHasTimestamp};
}

}  // namespace bonnie::schema::lint
