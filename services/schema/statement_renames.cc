#include "services/schema/statement_renames.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/schema/alter_clause.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

bool IsWord(const std::vector<Token>& tokens, size_t at, absl::string_view word) {
  return at < tokens.size() && tokens[at].kind == Token::Kind::kWord && tokens[at].text == word;
}

std::string NameAt(const std::vector<Token>& tokens, size_t at) { return at < tokens.size() ? tokens[at].name : ""; }

// Makes `after` stand for what `before` stood for.
void Follow(const std::string& before, const std::string& after, std::map<std::string, std::string>* names) {
  if (before.empty() || after.empty() || before == after) return;
  const auto known = names->find(before);
  std::string origin = known == names->end() ? before : known->second;
  if (known != names->end()) names->erase(known);
  if (origin != after) names->emplace(after, std::move(origin));
}

void FollowTable(const std::string& before, const std::string& after, RenameHints* hints) {
  Follow(before, after, &hints->tables);
  auto columns = hints->columns.extract(before);
  if (columns.empty()) return;
  columns.key() = after;
  hints->columns.insert(std::move(columns));
}

// Of one ALTER TABLE's columns: they change names all at once.
class ColumnRenames {
 public:
  void Add(const std::string& before, const std::string& after) { renames_.emplace_back(before, after); }

  void Follow(std::map<std::string, std::string>* names) const {
    const std::map<std::string, std::string> known = *names;
    for (const auto& [before, after] : renames_) names->erase(before);
    for (const auto& [before, after] : renames_) {
      const auto origin = known.find(before);
      const std::string& was = origin == known.end() ? before : origin->second;
      if (was != after) (*names)[after] = was;
    }
  }
  bool empty() const { return renames_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> renames_;
};

// RENAME [TO | AS | =] name: of the table.
std::string NewTableName(const std::vector<Token>& clause) {
  for (const absl::string_view other : {"column", "index", "key", "constraint"}) {
    if (IsWord(clause, 1, other) && clause.size() > 3) return "";
  }
  const bool has_word =
      IsWord(clause, 1, "to") || IsWord(clause, 1, "as") || (clause.size() > 2 && clause[1].kind == Token::Kind::kSign);
  return NameAt(clause, has_word ? 2 : 1);
}

void FollowAlter(const AlterStatement& statement, RenameHints* hints) {
  std::string new_name;
  ColumnRenames columns;
  for (const std::string& text : statement.clauses) {
    const std::vector<Token> clause = Tokenize(text);
    if (IsWord(clause, 0, "change")) {
      const size_t name = IsWord(clause, 1, "column") ? 2 : 1;
      const size_t old_name = IsWord(clause, name, "if") ? name + 2 : name;  // IF EXISTS
      columns.Add(NameAt(clause, old_name), NameAt(clause, old_name + 1));
    } else if (IsWord(clause, 0, "rename") && IsWord(clause, 1, "column") && clause.size() > 4) {
      const size_t old_name = IsWord(clause, 2, "if") ? 4 : 2;
      columns.Add(NameAt(clause, old_name), NameAt(clause, old_name + 2));
    } else if (IsWord(clause, 0, "rename")) {
      new_name = NewTableName(clause);
    }
  }
  if (!columns.empty()) columns.Follow(&hints->columns[statement.table]);
  if (!new_name.empty()) FollowTable(statement.table, new_name, hints);
}

}  // namespace

void FollowRenames(absl::string_view sql, RenameHints* hints) {
  if (const auto alter = ReadAlterStatement(sql); alter.has_value()) return FollowAlter(*alter, hints);
  const std::vector<Token> tokens = Tokenize(sql);
  if (!IsWord(tokens, 0, "rename") || !(IsWord(tokens, 1, "table") || IsWord(tokens, 1, "tables"))) return;
  size_t to = 2;
  while (to < tokens.size() && !IsWord(tokens, to, "to")) ++to;  // past IF EXISTS, WAIT and the old name
  const size_t old_name = IsWord(tokens, 2, "if") ? 4 : 2;
  FollowTable(NameAt(tokens, old_name), NameAt(tokens, to + 1), hints);
}

RenameHints Reversed(const RenameHints& hints) {
  RenameHints reversed;
  for (const auto& [after, before] : hints.tables) reversed.tables[before] = after;
  for (const auto& [table, columns] : hints.columns) {
    const auto renamed = hints.tables.find(table);
    for (const auto& [after, before] : columns) {
      reversed.columns[renamed == hints.tables.end() ? table : renamed->second][before] = after;
    }
  }
  return reversed;
}

RenameHints RenamesBetween(const MigrationFolder& folder, const std::set<std::string>& before,
                           const std::set<std::string>& after) {
  RenameHints hints, undone;
  for (const std::string& id : folder.graph().order()) {
    if (before.count(id) == after.count(id)) continue;
    RenameHints* of_way = after.count(id) > 0 ? &hints : &undone;
    for (const RevisionStatement& statement : folder.at(id).up) FollowRenames(statement.sql, of_way);
  }
  const RenameHints down = Reversed(undone);
  hints.tables.insert(down.tables.begin(), down.tables.end());
  for (const auto& [table, columns] : down.columns) hints.columns[table].insert(columns.begin(), columns.end());
  return hints;
}

}  // namespace bonnie::schema
