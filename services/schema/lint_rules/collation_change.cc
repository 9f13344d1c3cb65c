#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// The unique index that `column` is in; null for none.
const Index* UniqueIndexOn(const Table& table, const std::string& column) {
  for (const Index& index : table.indexes) {
    const bool has =
        absl::c_any_of(index.parts, [&](const IndexPart& part) { return absl::EqualsIgnoreCase(part.column, column); });
    if (has && IsUnique(index)) return &index;
  }
  return nullptr;
}

void CheckCharsetChange(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr || before->charset.empty() || after->charset.empty()) return;
  if (before->charset == after->charset) return;
  report.Add(change.table, change.object,
             absl::StrCat("character set ", before->charset, " becomes ", after->charset,
                          ": the table is copied, and joins with columns of the old one stop using indexes"));
}

void CheckCollationChange(const Change& change, const ChangedSchema& schemas, Report& report) {
  if (change.kind != Change::Kind::kModifyColumn) return;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  const Table* table = schemas.TableAfter(change);
  if (before == nullptr || after == nullptr || before->collation == after->collation) return;
  if (before->collation.empty() || after->collation.empty() || absl::EndsWith(after->collation, "_bin")) return;
  const Index* index = UniqueIndexOn(*table, after->name);
  if (index == nullptr) return;
  report.Add(change.table, change.object,
             absl::StrCat("collation ", before->collation, " becomes ", after->collation, " in unique index ",
                          index->name, ": keys that become equal stop the statement"));
}

}  // namespace

Rule CharsetChange() {
  return {{"charset-change", Severity::kNotice, RuleSubject::kChange, "column gets another character set",
           "Writers wait while the table is copied; joins with columns of the old character set become slow."},
          nullptr,
          nullptr,
          CheckCharsetChange};
}

Rule CollationChange() {
  return {{"collation-change", Severity::kWarning, RuleSubject::kChange, "another collation in a unique index",
           "Keys that were different become equal: the migration fails, or writers are refused what they could write."},
          nullptr,
          nullptr,
          CheckCollationChange};
}

}  // namespace bonnie::schema::lint
