#include "absl/algorithm/container.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckInvisibleIndexBeforeDrop(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kDropIndex) return;
  const Index* before = schemas.IndexBefore(change);
  const Table* after = schemas.TableAfter(change);
  if (before == nullptr || after == nullptr || before->invisible || before->kind == Index::Kind::kPrimary) return;
  const bool replaced = absl::c_any_of(after->indexes, [before](const Index& index) { return Covers(index, *before); });
  if (replaced) return;
  report.Add(change.table, change.object, "a visible index is dropped; make it invisible first, and see who misses it");
}

}  // namespace

Rule InvisibleIndexBeforeDrop() {
  return {{"invisible-index-before-drop", Severity::kNotice, RuleSubject::kChange, "index dropped while in use",
           "Readers who needed it read whole tables from then on, and making it again takes as long as it takes."},
          nullptr,
          nullptr,
          CheckInvisibleIndexBeforeDrop};
}

}  // namespace bonnie::schema::lint
