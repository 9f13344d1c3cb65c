#include "services/schema/statement_renames.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "services/schema/alter_clause.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

bool IsWord(const std::vector<Token>& tokens, size_t at, absl::string_view word) {
  return at < tokens.size() && tokens[at].kind == Token::Kind::kWord && tokens[at].text == word;
}

std::string NameAt(const std::vector<Token>& tokens, size_t at) { return at < tokens.size() ? tokens[at].name : ""; }

constexpr char kNothing[] = "";  // the old name of what was not there

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
  // A column that is dropped or new: what has its name later is another one.
  void Forget(const std::string& column) { forgotten_.push_back(column); }

  void Follow(std::map<std::string, std::string>* names) const {
    const std::map<std::string, std::string> known = *names;
    for (const auto& [before, after] : renames_) names->erase(before);
    for (const std::string& column : forgotten_) (*names)[column] = kNothing;
    for (const auto& [before, after] : renames_) {
      const auto origin = known.find(before);
      const std::string& was = origin == known.end() ? before : origin->second;
      if (was != after) (*names)[after] = was;
    }
  }
  bool empty() const { return renames_.empty() && forgotten_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> renames_;
  std::vector<std::string> forgotten_;
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

// The column that a clause ADD [COLUMN] or DROP [COLUMN] is about; empty where it is about another thing.
std::string ColumnOf(const std::vector<Token>& clause) {
  constexpr absl::string_view kOthers[] = {"index",     "key",     "unique",  "fulltext",   "spatial",
                                           "vector",    "primary", "foreign", "constraint", "check",
                                           "partition", "period",  "system"};
  const size_t name = IsWord(clause, 1, "column") ? 2 : 1;
  if (name == 1 && absl::c_any_of(kOthers, [&](absl::string_view other) { return IsWord(clause, 1, other); }))
    return "";
  return NameAt(clause, IsWord(clause, name, "if") ? (IsWord(clause, name + 1, "not") ? name + 3 : name + 2) : name);
}

void FollowAlter(const AlterStatement& statement, RenameHints* hints) {
  std::string new_name;
  ColumnRenames columns;
  for (const std::string& text : statement.clauses) {
    const std::vector<Token> clause = Tokenize(text);
    if (IsWord(clause, 0, "add") || IsWord(clause, 0, "drop")) {
      if (const std::string column = ColumnOf(clause); !column.empty()) columns.Forget(column);
      continue;
    }
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

void RenameTrail::Follow(absl::string_view sql) {
  if (const auto alter = ReadAlterStatement(sql); alter.has_value()) return FollowAlter(*alter, &names_);
  const std::vector<Token> tokens = Tokenize(sql);
  if ((IsWord(tokens, 0, "create") || IsWord(tokens, 0, "drop")) && IsWord(tokens, 1, "table")) {
    const size_t name = !IsWord(tokens, 2, "if") ? 2 : IsWord(tokens, 3, "not") ? 5 : 4;
    names_.tables[NameAt(tokens, name)] = kNothing;
    names_.columns.erase(NameAt(tokens, name));
    return;
  }
  if (!IsWord(tokens, 0, "rename") || !(IsWord(tokens, 1, "table") || IsWord(tokens, 1, "tables"))) return;
  size_t to = 2;
  while (to < tokens.size() && !IsWord(tokens, to, "to")) ++to;  // past IF EXISTS, WAIT and the old name
  const size_t old_name = IsWord(tokens, 2, "if") ? 4 : 2;
  FollowTable(NameAt(tokens, old_name), NameAt(tokens, to + 1), &names_);
}

RenameHints RenameTrail::hints() const {
  RenameHints hints = names_;
  const auto is_new = [](const auto& name) { return name.second == kNothing; };
  std::erase_if(hints.tables, is_new);
  for (auto& [table, columns] : hints.columns) std::erase_if(columns, is_new);
  std::erase_if(hints.columns, [](const auto& table) { return table.second.empty(); });
  return hints;
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
  const auto follow = [&](const std::set<std::string>& of, const std::set<std::string>& without, RenameTrail trail) {
    for (const std::string& id : folder.graph().order()) {
      if (of.count(id) == 0 || without.count(id) > 0) continue;
      for (const RevisionStatement& statement : folder.at(id).up) trail.Follow(statement.sql);
    }
    return trail.hints();
  };
  const RenameHints undone = follow(before, after, RenameTrail());
  return follow(after, before, RenameTrail(Reversed(undone)));
}

}  // namespace bonnie::schema
