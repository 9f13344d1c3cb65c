#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckDropTable(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind == Change::Kind::kDropTable) {
    report.Add(change.table, "", "the table is dropped, and its rows with it");
  }
}

}  // namespace

Rule DropTable() {
  return {{"DS102", Severity::kError, RuleSubject::kChange, "table dropped",
           "Its rows are gone, and programs that still use it get an error.", /*drops_data=*/true},
          nullptr,
          nullptr,
          CheckDropTable};
}

}  // namespace bonnie::schema::lint
