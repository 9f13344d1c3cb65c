#include "services/schema/forecast_rows.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/create_table.h"
#include "services/schema/quoted_names.h"

namespace bonnie::schema {

namespace {

using Kind = Index::Kind;

bool HasColumns(const Table& table, const std::vector<std::string>& names) {
  return absl::c_all_of(names, [&](const std::string& name) { return table.FindColumn(name) != nullptr; });
}

void AskForNulls(const Table& before, const Table& after, std::vector<RowQuestion>* questions) {
  for (const Column& column : after.columns) {
    const Column* was = before.FindColumn(column.name);
    if (was == nullptr || !was->nullable || column.nullable) continue;
    questions->push_back(
        {absl::StrCat("column ", column.name, " holds NULL"),
         absl::StrCat("FROM ", QuoteName(before.name), " WHERE ", QuoteName(column.name), " IS NULL")});
  }
}

void AskForDuplicates(const Table& before, const Table& after, std::vector<RowQuestion>* questions) {
  for (const Index& index : after.indexes) {
    if (index.kind != Kind::kUnique && index.kind != Kind::kPrimary) continue;
    if (absl::c_any_of(before.indexes, [&](const Index& i) { return i.definition == index.definition; })) continue;
    std::vector<std::string> values, filled;
    for (const IndexPart& part : index.parts) {
      if (before.FindColumn(part.column) == nullptr) break;
      const std::string name = QuoteName(part.column);
      values.push_back(part.prefix > 0 ? absl::StrCat("LEFT(", name, ", ", part.prefix, ")") : name);
      filled.push_back(absl::StrCat(name, " IS NOT NULL"));
    }
    if (values.size() != index.parts.size()) continue;
    questions->push_back({absl::StrCat("rows are equal in what ", index.name, " wants unique"),
                          absl::StrCat("FROM ", QuoteName(before.name), " WHERE ", absl::StrJoin(filled, " AND "),
                                       " GROUP BY ", absl::StrJoin(values, ", "), " HAVING COUNT(*) > 1")});
  }
}

void AskForOrphans(const Table& before, const Table& after, std::vector<RowQuestion>* questions) {
  for (const ForeignKey& key : after.foreign_keys) {
    const bool known =
        absl::c_any_of(before.foreign_keys, [&](const ForeignKey& k) { return k.definition == key.definition; });
    if (known || !key.referenced_schema.empty() || !HasColumns(before, key.columns)) continue;
    std::vector<std::string> join, filled;
    for (size_t i = 0; i < key.columns.size() && i < key.referenced_columns.size(); ++i) {
      join.push_back(absl::StrCat("p.", QuoteName(key.referenced_columns[i]), " = c.", QuoteName(key.columns[i])));
      filled.push_back(absl::StrCat("c.", QuoteName(key.columns[i]), " IS NOT NULL"));
    }
    questions->push_back(
        {absl::StrCat("rows refer by ", absl::StrJoin(key.columns, ", "), " to rows that ", key.referenced_table,
                      " has not"),
         absl::StrCat("FROM ", QuoteName(before.name), " c LEFT JOIN ", QuoteName(key.referenced_table), " p ON ",
                      absl::StrJoin(join, " AND "), " WHERE ", absl::StrJoin(filled, " AND "), " AND p.",
                      QuoteName(key.referenced_columns[0]), " IS NULL")});
  }
}

void AskForBrokenChecks(const Table& before, const Table& after, std::vector<RowQuestion>* questions) {
  for (const Check& check : after.checks) {
    const bool known = absl::c_any_of(before.checks, [&](const Check& c) {
      return c.expression == check.expression && c.enforced == check.enforced;
    });
    if (known || !check.enforced || !HasColumns(before, NamesIn(check.expression))) continue;
    questions->push_back({absl::StrCat("rows break the check ", check.name),
                          absl::StrCat("FROM ", QuoteName(before.name), " WHERE NOT (", check.expression, ")")});
  }
}

}  // namespace

std::vector<RowQuestion> RowQuestions(const Table& before, const Table& after) {
  std::vector<RowQuestion> questions;
  AskForNulls(before, after, &questions);
  AskForDuplicates(before, after, &questions);
  AskForOrphans(before, after, &questions);
  AskForBrokenChecks(before, after, &questions);
  return questions;
}

absl::StatusOr<std::vector<std::string>> CheckRows(LiveSchema& live, const Table& before, const Table& after) {
  std::vector<std::string> notes;
  for (const RowQuestion& question : RowQuestions(before, after)) {
    const absl::StatusOr<bool> found = live.FindsRow(question.query);
    if (absl::IsUnavailable(found.status())) return found.status();
    if (absl::IsPermissionDenied(found.status())) {
      notes.push_back(absl::StrCat("rows not checked: the schema account may not read ", before.name,
                                   "; the statement fails if ", question.what));
    } else if (!found.ok()) {
      notes.push_back(absl::StrCat("rows not checked within a second; the statement fails if ", question.what));
    } else if (*found) {
      notes.push_back(absl::StrCat(question.what, " now: while that is so, the statement fails"));
    }
  }
  return notes;
}

}  // namespace bonnie::schema
