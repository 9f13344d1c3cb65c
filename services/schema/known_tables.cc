#include "services/schema/known_tables.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/schema/no_default.h"
#include "services/schema/sql_splitter.h"
#include "services/schema/statement_facts.h"
#include "services/schema/table_difference.h"
#include "services/schema/unsayable.h"

namespace bonnie::schema {

namespace {

using Names = std::set<std::string>;

bool SameToken(const Token& a, const Token& b) {
  return a.kind == b.kind && (a.kind == Token::Kind::kQuotedName ? a.name == b.name : a.text == b.text);
}

bool IsWord(const Token& token, absl::string_view word) {
  return token.kind == Token::Kind::kWord && token.text == word;
}

bool HasWord(const std::vector<Token>& tokens, absl::string_view word) {
  return absl::c_any_of(tokens, [&](const Token& token) { return IsWord(token, word); });
}

// ALTER TABLE, DROP TABLE, CREATE [UNIQUE …] INDEX, DROP INDEX: what changes the tables it names and no others.
bool IsOfTables(const std::vector<Token>& tokens) {
  if (tokens.size() < 3) return false;
  const Token &first = tokens[0], &second = tokens[1];
  if (IsWord(first, "alter") || IsWord(first, "drop")) {
    return IsWord(second, "table") || (IsWord(first, "drop") && IsWord(second, "index"));
  }
  return IsWord(first, "create") && (IsWord(second, "index") || IsWord(tokens[2], "index"));
}

// Whether a RENAME is of a column or an index, which stay in their table.
bool RenamesTable(const std::vector<Token>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!IsWord(tokens[i], "rename")) continue;
    if (i + 1 == tokens.size()) return true;
    if (!IsWord(tokens[i + 1], "column") && !IsWord(tokens[i + 1], "index") && !IsWord(tokens[i + 1], "key"))
      return true;
  }
  return false;
}

absl::optional<MakingStatement> LookAtOther(const ScratchStatement& statement) {
  const absl::StatusOr<StatementFacts> facts = LookAt(statement.sql);
  const std::vector<Token> tokens = Tokenize(statement.sql);
  if (!facts.ok() || !facts->is_ddl || !IsOfTables(tokens) || RenamesTable(tokens)) return absl::nullopt;
  MakingStatement making{.statement = statement};
  for (const SchemaObject& object : facts->objects) {
    if (object.kind != SchemaObject::Kind::kTable) return absl::nullopt;
    making.tables.push_back(object.name);
  }
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (IsWord(tokens[i], "references")) making.references.push_back(tokens[i + 1].name);
  }
  return making;
}

Table WithoutCounter(Table table) {
  std::erase_if(table.options, [](const TableOption& option) { return option.name == "AUTO_INCREMENT"; });
  return table;
}

// Finds what has to run, in terms of table names as the server compares them.
class Finder {
 public:
  Finder(const std::vector<MakingStatement>& statements, const Schema& live, bool names_have_case, Children children,
         const Names& told)
      : statements_(statements), live_(live), names_have_case_(names_have_case), children_(children), told_(told) {
    for (const Unsupported& part : live.unsupported) doubtful_.insert(part.object);
    for (const Unsupported& part : FindUnsayable(live))
      doubtful_.insert(part.object);  // their text makes another table
  }

  ToMake Find() {
    FindKnown();
    const Names differing = Unknown();
    for (const MakingStatement& statement : statements_) {
      if (children_ == Children::kMade && Meets(statement.references, differing)) AddAll(statement.tables, &made_);
    }
    made_.insert(differing.begin(), differing.end());
    for (const MakingStatement& statement : statements_) {
      if (Meets(statement.tables, made_)) AddAll(statement.references, &given_);
    }
    ToMake result;
    for (const MakingStatement& statement : statements_) {
      const bool made = Meets(statement.tables, made_);
      if (!made && !Meets(statement.tables, given_)) continue;
      result.run.push_back(statement);
      if (made) continue;
      result.run.back().check_foreign_keys = false;
      result.given.insert(known_.at(Key(statement.creates))->name);
    }
    for (const auto& [key, table] : known_) {
      if (made_.count(key) == 0) result.known.emplace(table->name, WithoutCounter(*table));
    }
    return result;
  }

 private:
  std::string Key(const std::string& name) const { return names_have_case_ ? name : absl::AsciiStrToLower(name); }
  void AddAll(const std::vector<std::string>& names, Names* keys) const {
    for (const std::string& name : names) keys->insert(Key(name));
  }
  bool Meets(const std::vector<std::string>& names, const Names& keys) const {
    return absl::c_any_of(names, [&](const std::string& name) { return keys.count(Key(name)) > 0; });
  }

  void FindKnown() {
    std::map<std::string, int> statements_of;
    for (const MakingStatement& statement : statements_) {
      for (const std::string& table : statement.tables) ++statements_of[Key(table)];
    }
    Names made_before;
    for (const MakingStatement& statement : statements_) {
      // A parent that comes later, or never, is for the server to refuse.
      const bool has_parents =
          !statement.check_foreign_keys || absl::c_all_of(statement.references, [&](const std::string& parent) {
            return Key(parent) == Key(statement.creates) || made_before.count(Key(parent)) > 0;
          });
      AddAll(statement.tables, &made_before);
      if (!has_parents) continue;
      if (statement.creates.empty() || statements_of[Key(statement.creates)] != 1) continue;
      const auto table = live_.tables.find(statement.creates);
      if (table == live_.tables.end() || doubtful_.count(table->first) > 0) continue;
      const bool mysql = live_.flavour == data_access::Flavour::kMySql;  // elsewhere a mark means nothing
      if (mysql && statement.no_default != ColumnsWithoutDefault(table->second)) continue;
      if (told_.count(table->first) > 0 || IsFormattedText(statement.statement.sql, table->second)) {
        known_[Key(table->first)] = &table->second;
      }
    }
  }

  Names Unknown() const {
    Names unknown;
    for (const MakingStatement& statement : statements_) {
      for (const std::string& table : statement.tables) {
        if (known_.count(Key(table)) == 0) unknown.insert(Key(table));
      }
    }
    return unknown;
  }

  const std::vector<MakingStatement>& statements_;
  const Schema& live_;
  const bool names_have_case_;
  const Children children_;
  const Names& told_;
  Names doubtful_;                             // tables of which something cannot be told exactly
  std::map<std::string, const Table*> known_;  // by key
  Names made_, given_;                         // keys
};

// Whether a foreign key finds in `after` what it found in `before`.
bool BearsAsBefore(const ForeignKey& key, const Table& before, const Table& after) {
  if (before.option("ENGINE") != after.option("ENGINE") || before.partitioning != after.partitioning) return false;
  const bool columns_stay = absl::c_all_of(key.referenced_columns, [&](const std::string& name) {
    const Column *was = before.FindColumn(name), *is = after.FindColumn(name);
    return was != nullptr && is != nullptr && Same(*was, *is);
  });
  return columns_stay && absl::c_all_of(before.indexes, [&](const Index& was) {
           const Index* is = after.FindIndex(was.name);
           return is != nullptr && Same(was, *is);
         });
}

// The names of constraints that a schema may hold once each. MariaDB's checks are named per table.
bool NamesTwice(const Schema& schema) {
  Names names;
  for (const auto& [name, table] : schema.tables) {
    for (const ForeignKey& key : table.foreign_keys) {
      if (!names.insert("f " + absl::AsciiStrToLower(key.name)).second) return true;
    }
    if (schema.flavour != data_access::Flavour::kMySql) continue;
    for (const Check& check : table.checks) {
      if (!names.insert("c " + absl::AsciiStrToLower(check.name)).second) return true;
    }
  }
  return false;
}

}  // namespace

MakingStatement OfModelFile(const ModelFile& file) {
  MakingStatement making{.creates = file.table, .tables = {file.table}};
  making.statement = {file.sql, absl::StrCat("model/", file.file_name, ":", file.line)};
  making.no_default = file.no_default;
  for (const auto& [table, line] : file.references) making.references.push_back(table);
  return making;
}

absl::optional<std::vector<MakingStatement>> OfScript(const std::vector<ScratchStatement>& script) {
  std::vector<MakingStatement> statements;
  for (const ScratchStatement& statement : script) {
    const absl::StatusOr<ModelFile> create = ParseModelFile("script", statement.sql);
    if (create.ok()) {
      statements.push_back(OfModelFile(*create));
      statements.back().statement = statement;
      statements.back().no_default.clear();  // a mark is a model's
      continue;
    }
    absl::optional<MakingStatement> other = LookAtOther(statement);
    if (!other.has_value()) return absl::nullopt;
    statements.push_back(*std::move(other));
  }
  return statements;
}

bool IsFormattedText(absl::string_view sql, const Table& table) {
  const std::string formatted = FormatModelFile(table);
  const absl::string_view want = absl::StripSuffix(formatted, ";\n");  // its marks are comments
  if (sql == want) return true;
  // Whether the server looks into a version comment is its own affair. A MERGE table depends on others.
  if (absl::StrContains(sql, "/*!") || absl::StrContains(sql, "/*M!")) return false;
  const std::vector<Token> got = Tokenize(sql), wanted = Tokenize(want);
  return !HasWord(got, "union") && absl::c_equal(got, wanted, SameToken);
}

ToMake FindToMake(const std::vector<MakingStatement>& statements, const Schema& live, bool names_have_case,
                  Children children, const std::set<std::string>& told) {
  return Finder(statements, live, names_have_case, children, told).Find();
}

bool ChildrenStay(const ToMake& to_make, const Schema& live, const Schema& made) {
  for (const auto& [name, child] : to_make.known) {
    for (const ForeignKey& key : child.foreign_keys) {
      const auto before = live.tables.find(key.referenced_table), after = made.tables.find(key.referenced_table);
      const bool is_known = to_make.known.count(key.referenced_table) > 0 && after == made.tables.end();
      if (is_known || to_make.given.count(key.referenced_table) > 0) continue;
      if (before == live.tables.end() || after == made.tables.end()) return false;
      if (!BearsAsBefore(key, before->second, after->second)) return false;
    }
  }
  return true;
}

bool AddKnown(const ToMake& to_make, Schema* made) {
  for (const std::string& name : to_make.given) made->tables.erase(name);
  std::erase_if(made->unsupported, [&](const Unsupported& part) { return to_make.given.count(part.object) > 0; });
  made->tables.insert(to_make.known.begin(), to_make.known.end());
  return !NamesTwice(*made);
}

}  // namespace bonnie::schema
