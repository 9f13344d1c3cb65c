#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckTable(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind != Change::Kind::kRenameTable) return;
  report.Add(change.table, "", absl::StrCat("was ", change.before, ": programs that still use that name get an error"));
}

void CheckColumn(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind != Change::Kind::kRenameColumn) return;
  report.Add(change.table, change.object,
             absl::StrCat("was ", change.before, ": programs that still use that name get an error"));
}

void CheckRight(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind != Change::Kind::kRenameTable) return;
  report.Add(change.table, "",
             "renaming a table wants the INSERT right on its new name, which an administrator grants");
}

}  // namespace

Rule TableRenamed() {
  return {{"BC101", Severity::kWarning, RuleSubject::kChange, "table renamed",
           "Programs of the version before get an error from the moment it is renamed."},
          nullptr,
          nullptr,
          CheckTable};
}

Rule ColumnRenamed() {
  return {{"BC102", Severity::kWarning, RuleSubject::kChange, "column renamed",
           "Programs of the version before get an error from the moment it is renamed."},
          nullptr,
          nullptr,
          CheckColumn};
}

Rule RenameRight() {
  return {{"rename", Severity::kWarning, RuleSubject::kChange, "rename wants another right",
           "The migration stops at a right that the schema account lacks on the new name."},
          nullptr,
          nullptr,
          CheckRight};
}

}  // namespace bonnie::schema::lint
