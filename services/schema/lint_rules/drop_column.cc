#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckDropColumn(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kDropColumn) return;
  const Column* before = schemas.ColumnBefore(change);
  if (before != nullptr && !before->generated.empty() && !before->stored) return;  // it held nothing
  report.Add(change.table, change.object, "the column is dropped, and its values with it");
}

}  // namespace

Rule DropColumn() {
  return {{"DS103", Severity::kError, RuleSubject::kChange, "column dropped",
           "Its values are gone, and programs that still use it get an error.", /*drops_data=*/true},
          nullptr,
          nullptr,
          CheckDropColumn};
}

}  // namespace bonnie::schema::lint
