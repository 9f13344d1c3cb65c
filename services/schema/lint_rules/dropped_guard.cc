#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckForeignKey(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind != Change::Kind::kDropForeignKey) return;
  report.Add(change.table, change.object, "the foreign key is dropped: nothing stops orphans any more");
}

void CheckCheck(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind == Change::Kind::kDropCheck) {
    return report.Add(change.table, change.object, "the check is dropped: rows that it refused are taken");
  }
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before != nullptr && after != nullptr && !before->check.empty() && after->check.empty()) {
    report.Add(change.table, change.object, "the column's check is dropped: rows that it refused are taken");
  }
}

void CheckPrimary(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kDropIndex) return;
  const Index* before = schemas.IndexBefore(change);
  if (before == nullptr || before->kind != Index::Kind::kPrimary) return;
  report.Add(change.table, change.object, "the primary key is dropped: rows can no longer be told apart");
}

}  // namespace

Rule ForeignKeyDropped() {
  return {{"CD101", Severity::kWarning, RuleSubject::kChange, "foreign key dropped",
           "Writers can leave rows that refer to nothing, and it cannot come back while there are some."},
          nullptr,
          nullptr,
          CheckForeignKey};
}

Rule CheckDropped() {
  return {{"CD102", Severity::kWarning, RuleSubject::kChange, "check dropped",
           "Readers meet values that the check kept out, and it cannot come back while there are some."},
          nullptr,
          nullptr,
          CheckCheck};
}

Rule PrimaryKeyDropped() {
  return {{"CD103", Severity::kWarning, RuleSubject::kChange, "primary key dropped",
           "Rows can be there twice, and replication reads the whole table for each change."},
          nullptr,
          nullptr,
          CheckPrimary};
}

}  // namespace bonnie::schema::lint
