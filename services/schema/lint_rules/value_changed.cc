#include "services/schema/lint_rules/rules.h"
#include "services/schema/lint_rules/value_change.h"

namespace bonnie::schema::lint {

namespace {

void CheckValueChanged(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr) return;
  const ValueChange values = ValueChangeOf(*before, *after, schemas.from().server_in_utc);
  if (values.fate == ValueFate::kChanged) report.Add(change.table, change.object, values.what);
}

}  // namespace

Rule ValueChanged() {
  return {{kValueChangeCode, Severity::kError, RuleSubject::kChange, "values change silently",
           "Existing values change without an error, and a downgrade does not restore them."},
          nullptr,
          nullptr,
          CheckValueChanged};
}

}  // namespace bonnie::schema::lint
