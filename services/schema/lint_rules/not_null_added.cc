#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// The type of a new column that says NOT NULL and not with what; empty for any other change.
absl::optional<ColumnType> Unfilled(const Change& change, const ChangedSchema& schemas) {
  if (change.kind != Change::Kind::kAddColumn) return absl::nullopt;
  const Column* column = schemas.ColumnAfter(change);
  if (column == nullptr || column->nullable || column->default_value.has_value() || column->auto_increment ||
      !column->generated.empty()) {
    return absl::nullopt;
  }
  return ReadType(*column);
}

void CheckRefused(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto type = Unfilled(change, schemas);
  if (!type.has_value() || !FilledWith(*type, schemas.to().flavour).empty()) return;
  report.Add(change.table, change.object,
             absl::StrCat("NOT NULL without a default, and ", type->word,
                          " has none of its own: any row stops the "
                          "statement"));
}

void CheckFilled(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto type = Unfilled(change, schemas);
  if (!type.has_value()) return;
  const std::string value = FilledWith(*type, schemas.to().flavour);
  if (value.empty()) return;
  report.Add(change.table, change.object,
             absl::StrCat("NOT NULL without a default: rows that are there get ", value, " silently"));
}

}  // namespace

Rule NotNullColumnAdded() {
  return {{"MF103", Severity::kWarning, RuleSubject::kChange, "NOT NULL column added",
           "The migration fails on every site whose table has a row."},
          nullptr,
          nullptr,
          CheckRefused};
}

Rule ImplicitValue() {
  return {{"MY101", Severity::kWarning, RuleSubject::kChange, "NOT NULL column without default fills rows",
           "Readers find a value in old rows that nobody wrote, and cannot tell it from a true one."},
          nullptr,
          nullptr,
          CheckFilled};
}

}  // namespace bonnie::schema::lint
