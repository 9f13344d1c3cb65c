#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckForeignKeyParent(const Table& table, const Schema& schema, Report& report) {
  for (const ForeignKey& key : table.foreign_keys) {
    if (!key.referenced_schema.empty()) continue;
    const auto parent = schema.tables.find(key.referenced_table);
    if (parent == schema.tables.end()) {
      report.Add(table.name, key.name, absl::StrCat("refers to ", key.referenced_table, ", which is not there"));
      continue;
    }
    const bool unique = absl::c_any_of(parent->second.indexes, [&](const Index& index) {
      return IsUnique(index) && index.parts.size() == key.referenced_columns.size() &&
             BeginsWith(index, key.referenced_columns);
    });
    if (unique) continue;
    report.Add(table.name, key.name,
               absl::StrCat("refers to ", key.referenced_table, " (", absl::StrJoin(key.referenced_columns, ", "),
                            "), which no unique index is on"));
  }
}

}  // namespace

Rule ForeignKeyParent() {
  return {{"fk-parent", Severity::kWarning, RuleSubject::kSchema, "foreign key to what is not unique",
           "One child belongs to several parents, cascades do more than meant, and MySQL 8.4 and later refuse it."},
          CheckForeignKeyParent};
}

}  // namespace bonnie::schema::lint
