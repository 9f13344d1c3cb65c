#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// The width of an integer says nothing, and MariaDB writes it while MySQL does not.
bool SameType(const Column& a, const Column& b) {
  const ColumnType one = ReadType(a), other = ReadType(b);
  if (one.IsInteger() && other.IsInteger()) return one.word == other.word && one.is_unsigned == other.is_unsigned;
  return a.type == b.type && a.charset == b.charset && a.collation == b.collation;
}

void CheckTypePedantic(const Table& table, const Schema& schema, Report& report) {
  for (const ForeignKey& key : table.foreign_keys) {
    const auto parent = schema.tables.find(key.referenced_table);
    if (!key.referenced_schema.empty() || parent == schema.tables.end()) continue;
    for (size_t i = 0; i < key.columns.size() && i < key.referenced_columns.size(); ++i) {
      const Column* child = table.FindColumn(key.columns[i]);
      const Column* referenced = parent->second.FindColumn(key.referenced_columns[i]);
      if (child == nullptr || referenced == nullptr || SameType(*child, *referenced)) continue;
      report.Add(table.name, child->name,
                 absl::StrCat(child->type, " refers to ", parent->first, ".", referenced->name, ", which is ",
                              referenced->type));
    }
  }
}

}  // namespace

Rule TypePedantic() {
  return {{"type-pedantic", Severity::kWarning, RuleSubject::kSchema, "foreign key between unlike types",
           "A parent's value that the child's type cannot hold cannot be referred to."},
          CheckTypePedantic};
}

}  // namespace bonnie::schema::lint
