#include "absl/algorithm/container.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// A column that comes with the index and holds something else in every row that is there.
bool IsNewAndDistinct(const Change& change, const ChangedSchema& schemas, const std::string& name) {
  if (!schemas.Has(Change::Kind::kAddColumn, change.table, name)) return false;
  const Table* table = schemas.TableAfter(change);
  const Column* column = table == nullptr ? nullptr : table->FindColumn(name);
  if (column == nullptr || !column->generated.empty()) return false;
  return column->auto_increment ||
         (column->nullable && (!column->default_value.has_value() || *column->default_value == "NULL"));
}

void CheckAdded(const Change& change, const ChangedSchema& schemas, Report& report) {
  const bool added = change.kind == Change::Kind::kAddIndex;
  if (!added && change.kind != Change::Kind::kModifyIndex) return;
  const Index *before = schemas.IndexBefore(change), *after = schemas.IndexAfter(change);
  if (after == nullptr || !IsUnique(*after)) return;
  if (!added && before != nullptr) {
    if (!IsUnique(*before)) return;  // the other rule's
    const bool as_strict = before->parts.size() <= after->parts.size() && Covers(*after, *before);
    if (as_strict) return;
  }
  if (absl::c_any_of(after->parts,
                     [&](const IndexPart& part) { return IsNewAndDistinct(change, schemas, part.column); })) {
    return;
  }
  report.Add(change.table, change.object, "a unique index on what is there: rows with the same key stop the statement");
}

void CheckMade(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyIndex) return;
  const Index *before = schemas.IndexBefore(change), *after = schemas.IndexAfter(change);
  if (before == nullptr || after == nullptr || IsUnique(*before) || !IsUnique(*after)) return;
  report.Add(change.table, change.object, "the index becomes unique: rows with the same key stop the statement");
}

}  // namespace

Rule UniqueIndexAdded() {
  return {{"MF101", Severity::kWarning, RuleSubject::kChange, "unique index on existing columns",
           "Rows that have the same key make the migration fail, on the site that has them."},
          nullptr,
          nullptr,
          CheckAdded};
}

Rule IndexMadeUnique() {
  return {{"MF102", Severity::kWarning, RuleSubject::kChange, "index made unique",
           "Rows that have the same key make the migration fail, on the site that has them."},
          nullptr,
          nullptr,
          CheckMade};
}

}  // namespace bonnie::schema::lint
