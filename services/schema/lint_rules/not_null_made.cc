#include "services/schema/lint_rules/rules.h"
#include "services/schema/lint_rules/value_change.h"

namespace bonnie::schema::lint {

namespace {

void CheckNullForbidden(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr || !after->generated.empty()) return;
  if (ReplacesNulls(*before, *after)) return;  // they do not stop the statement; value-change reports them
  if (before->nullable && !after->nullable) {
    report.Add(change.table, change.object, "NULL becomes NOT NULL: a row that holds NULL stops the statement");
  }
}

}  // namespace

Rule NullForbidden() {
  return {{"MF104", Severity::kWarning, RuleSubject::kChange, "NULL becomes NOT NULL",
           "Rows that hold NULL make the migration fail, and programs that write none get an error afterwards."},
          nullptr,
          nullptr,
          CheckNullForbidden};
}

}  // namespace bonnie::schema::lint
