#include "services/schema/forecast_values.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/clause_reader.h"
#include "services/schema/diff.h"
#include "services/schema/lint_rules/value_change.h"
#include "services/schema/statement_renames.h"

namespace bonnie::schema {

namespace {

// Whether a clause may give values another type or character set.
bool ConvertsValues(const std::string& clause) {
  ClauseReader reader(clause);
  return reader.AtAnyWord({"modify", "change", "convert"});
}

// The column that DROP [COLUMN] names; empty for another clause. Decides as sql_gate/alter_grammar.cc does: a column
// may be called `period` or `system`.
std::string DroppedColumn(const std::string& clause) {
  ClauseReader reader(clause);
  if (!reader.TakeWord("drop") || reader.AtAnyWord({"index", "key", "constraint", "check", "partition"}) ||
      reader.TakeWords({"primary", "key"}) || reader.TakeWords({"foreign", "key"}) ||
      reader.TakeWords({"period", "for"}) || reader.TakeWords({"system", "versioning"})) {
    return "";
  }
  reader.TakeWord("column");
  if (reader.TakeWord("if")) reader.TakeWord("exists");
  const auto name = reader.TakeName();
  return name.ok() ? *name : "";
}

bool DropsHistory(const std::string& clause) {
  return ClauseReader(clause).TakeWords({"drop", "system", "versioning"});
}

// Each column that is in both, under its name before and after. One that is dropped and made anew is another one.
std::vector<std::pair<const Column*, const Column*>> ColumnPairs(const Table& before, const Table& after,
                                                                 const AlterStatement& statement) {
  RenameTrail trail;
  trail.Follow(statement.sql);
  const RenameHints hints = trail.hints();
  const auto renamed = hints.columns.begin();  // a statement alters one table, in whatever case it writes its name
  std::vector<std::string> dropped;
  for (const std::string& clause : statement.clauses) dropped.push_back(DroppedColumn(clause));
  std::vector<std::pair<const Column*, const Column*>> pairs;
  for (const Column& column : after.columns) {
    std::string old_name = column.name;
    if (renamed != hints.columns.end()) {
      for (const auto& [new_name, name] : renamed->second) {
        if (absl::EqualsIgnoreCase(new_name, column.name)) old_name = name;
      }
    }
    const Column* was = before.FindColumn(old_name);
    const auto is_it = [&](const std::string& name) { return absl::EqualsIgnoreCase(name, old_name); };
    if (was != nullptr && absl::c_none_of(dropped, is_it)) pairs.emplace_back(was, &column);
  }
  return pairs;
}

}  // namespace

std::vector<ValueLoss> ValueLosses(const Table& before, const Table& after, const AlterStatement& statement,
                                   bool in_utc) {
  std::vector<ValueLoss> losses;
  for (const auto& [was, is] : ColumnPairs(before, after, statement)) {
    if (was->generated.empty() && !is->generated.empty()) continue;  // the statement's text says so (StatementFacts)
    const ValueChange change = ValueChangeOf(*was, *is, in_utc);
    if (change.fate < ValueFate::kChanged) continue;
    losses.push_back({.is_lost = change.fate == ValueFate::kLost,
                      .description = absl::StrCat(after.name, ".", is->name, ": ", change.what)});
  }
  return losses;
}

std::vector<ValueLoss> UnknownValueLosses(const AlterStatement& statement) {
  if (!absl::c_any_of(statement.clauses, ConvertsValues)) return {};
  return {{.description = absl::StrCat(statement.table, ": what becomes of values is not known, because the statement "
                                                        "was not tried")}};
}

bool DropsComputedOnly(const Table& before, const Table& after, const AlterStatement& statement) {
  if (statement.partitions != PartitionWork::kNone) return false;
  for (const std::string& clause : statement.clauses) {
    if (DropsHistory(clause)) return false;
    const std::string name = DroppedColumn(clause);
    if (name.empty()) continue;
    const Column *was = before.FindColumn(name), *is = after.FindColumn(name);
    if (was == nullptr || was->generated.empty() || (is != nullptr && is->generated.empty())) return false;
  }
  return absl::c_none_of(ColumnPairs(before, after, statement), [](const auto& pair) {
    return pair.first->generated.empty() && !pair.second->generated.empty();
  });
}

}  // namespace bonnie::schema
