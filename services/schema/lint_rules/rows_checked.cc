#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckRowsChecked(const Change& change, const ChangedSchema&, Report& report) {
  using Kind = Change::Kind;
  if (change.kind == Kind::kAddForeignKey || change.kind == Kind::kModifyForeignKey) {
    report.Add(change.table, change.object, "rows that refer to nothing stop the statement; writes wait while it runs");
  }
  if (change.kind == Kind::kAddCheck || change.kind == Kind::kModifyCheck) {
    report.Add(change.table, change.object, "rows that break the check stop the statement; writes wait while it runs");
  }
}

}  // namespace

Rule RowsChecked() {
  return {{"rows-checked", Severity::kWarning, RuleSubject::kChange, "foreign key or check that rows must obey",
           "Rows that break it make the migration fail, and writers wait while all are looked at."},
          nullptr,
          nullptr,
          CheckRowsChecked};
}

}  // namespace bonnie::schema::lint
