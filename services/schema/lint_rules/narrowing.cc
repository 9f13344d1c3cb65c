#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"
#include "services/schema/lint_rules/value_change.h"

namespace bonnie::schema::lint {

namespace {

// Whether both are an ENUM, or both a SET: MY110 to MY123 report these changes.
bool IsSameEnumeration(const Column& before, const Column& after) {
  const ColumnType was = ReadType(before);
  return was.IsEnumeration() && was.word == ReadType(after).word;
}

void CheckNarrowing(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr || IsSameEnumeration(*before, *after)) return;
  const ValueChange values = ValueChangeOf(*before, *after, schemas.from().server_in_utc);
  if (values.fate == ValueFate::kKeptOrRefused) report.Add(change.table, change.object, values.what);
  if (values.fate == ValueFate::kLost) report.AddLoss(change.table, change.object, values.what);
}

}  // namespace

Rule Narrowing() {
  return {{"narrowing", Severity::kWarning, RuleSubject::kChange, "type or character set that holds less",
           "Values that do not fit make the migration fail, or lose digits, seconds or spaces without a word."},
          nullptr,
          nullptr,
          CheckNarrowing};
}

}  // namespace bonnie::schema::lint
