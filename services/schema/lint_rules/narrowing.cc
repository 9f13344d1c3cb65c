#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckType(const Change& change, const Column& before, const Column& after, Report& report) {
  const std::string types = absl::StrCat(before.type, " becomes ", after.type);
  const ColumnType was = ReadType(before), is = ReadType(after);
  if (before.type == after.type || (was.IsEnumeration() && was.word == is.word)) return;  // other rules say more
  switch (FitOf(before, after)) {
    case Fit::kFits:
      return;
    case Fit::kStops:
      return report.Add(change.table, change.object,
                        absl::StrCat(types, ": a value that does not fit stops the statement"));
    case Fit::kLoses:
      return report.AddLoss(change.table, change.object,
                            absl::StrCat(types, ": values that do not fit are rounded, cut or padded silently"));
  }
}

void CheckNarrowing(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr || !after->generated.empty()) return;
  CheckType(change, *before, *after, report);
  if (before->charset.empty() || after->charset.empty() || Holds(after->charset, before->charset)) return;
  report.Add(change.table, change.object,
             absl::StrCat("character set ", before->charset, " becomes ", after->charset,
                          ": a character that it lacks stops the statement"));
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
