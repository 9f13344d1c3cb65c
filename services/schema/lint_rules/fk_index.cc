#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckForeignKeyIndex(const Table& table, const Schema&, Report& report) {
  for (const ForeignKey& key : table.foreign_keys) {
    const bool indexed =
        absl::c_any_of(table.indexes, [&](const Index& index) { return BeginsWith(index, key.columns); });
    if (indexed) continue;
    report.Add(table.name, key.name, absl::StrCat("no index begins with (", absl::StrJoin(key.columns, ", "), ")"));
  }
}

}  // namespace

Rule ForeignKeyIndex() {
  return {{"fk-index", Severity::kWarning, RuleSubject::kSchema, "foreign key without an index of its own",
           "Every change of a parent reads the whole child table, and another server refuses to make the table so."},
          CheckForeignKeyIndex};
}

}  // namespace bonnie::schema::lint
