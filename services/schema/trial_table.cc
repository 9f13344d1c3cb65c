#include "services/schema/trial_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table.h"
#include "services/schema/diff.h"

namespace bonnie::schema {

namespace {

// Words of clauses that a temporary table cannot have, or that speak of other tables.
bool HasUntellable(absl::string_view create) {
  static const auto* const kWords =
      new std::set<std::string>{"directory", "fulltext", "partition", "period", "tablespace", "union", "versioning"};
  if (absl::StrContains(create, "/*!") || absl::StrContains(create, "/*M!")) return true;
  const std::vector<Token> tokens = Tokenize(create);
  return absl::c_any_of(
      tokens, [](const Token& token) { return token.kind == Token::Kind::kWord && kWords->count(token.text) > 0; });
}

// The definitions between the parentheses, each from its first token to its last.
std::vector<absl::string_view> Definitions(absl::string_view body) {
  std::vector<absl::string_view> definitions;
  int depth = 0;
  size_t begin = absl::string_view::npos, end = 0;
  const auto close = [&] {
    if (begin != absl::string_view::npos) definitions.push_back(body.substr(begin, end - begin));
    begin = absl::string_view::npos;
  };
  for (const Token& token : Tokenize(body)) {
    const bool sign = token.kind == Token::Kind::kSign;
    if (sign && token.text == "(") ++depth;
    if (sign && token.text == ")") --depth;
    if (sign && token.text == "," && depth == 0) {
      close();
      continue;
    }
    if (begin == absl::string_view::npos) begin = token.begin;
    end = token.end;
  }
  close();
  return definitions;
}

// CASCADE or SET NULL; other words of ON DELETE are shown differently by the two servers.
absl::optional<std::string> TakeAction(ClauseReader& reader) {
  if (reader.TakeWord("cascade")) return "CASCADE";
  if (reader.TakeWords({"set", "null"})) return "SET NULL";
  return absl::nullopt;
}

// After [CONSTRAINT [name]] FOREIGN KEY.
absl::optional<ForeignKey> ReadForeignKey(ClauseReader& reader, std::string name) {
  ForeignKey key;
  key.name = std::move(name);
  const auto columns = reader.TakeNames();
  if (!columns.ok() || !reader.TakeWord("references")) return absl::nullopt;
  const auto table = reader.TakeName();
  const auto referenced = reader.TakeNames();
  if (!table.ok() || !referenced.ok()) return absl::nullopt;
  key.columns = *columns;
  key.referenced_table = *table;
  key.referenced_columns = *referenced;
  while (!reader.AtEnd()) {
    std::string* action = reader.TakeWords({"on", "delete"})   ? &key.on_delete
                          : reader.TakeWords({"on", "update"}) ? &key.on_update
                                                               : nullptr;
    if (action == nullptr || !action->empty()) return absl::nullopt;
    const absl::optional<std::string> taken = TakeAction(reader);
    if (!taken.has_value()) return absl::nullopt;
    *action = *taken;
  }
  return key;
}

bool HasReferences(absl::string_view definition) {
  return absl::c_any_of(Tokenize(definition), [](const Token& token) {
    return token.kind == Token::Kind::kWord && token.text == "references";
  });
}

// Puts a definition where it belongs. False: it cannot be told what it would make.
bool TakeDefinition(absl::string_view definition, std::vector<std::string>* kept, TrialTable* trial) {
  ClauseReader reader(definition);
  std::string name;
  if (reader.TakeWord("constraint") && !reader.AtWord("foreign")) {
    const auto taken = reader.TakeName();
    if (!taken.ok()) return false;
    name = *taken;
  }
  if (!reader.TakeWords({"foreign", "key"})) {
    kept->push_back(std::string(definition));
    return !HasReferences(definition);
  }
  absl::optional<ForeignKey> key = ReadForeignKey(reader, std::move(name));
  if (!key.has_value()) return false;
  trial->foreign_keys.push_back(*std::move(key));
  return true;
}

bool SameKey(const ForeignKey& a, const ForeignKey& b) {
  return a.name == b.name && a.columns == b.columns && b.referenced_schema.empty() &&
         a.referenced_table == b.referenced_table && a.referenced_columns == b.referenced_columns &&
         a.on_delete == b.on_delete && a.on_update == b.on_update;
}

// t_ibfk_1, t_ibfk_2, … for those without a name; nullopt where written names are of that form too.
absl::optional<std::vector<ForeignKey>> WithNames(const TrialTable& trial) {
  std::vector<ForeignKey> keys = trial.foreign_keys;
  int unnamed = 0;
  for (ForeignKey& key : keys) {
    if (absl::StrContains(absl::AsciiStrToLower(key.name), "_ibfk_")) return absl::nullopt;
    if (key.name.empty()) key.name = absl::StrCat(trial.table, "_ibfk_", ++unnamed);
  }
  return keys;
}

// Whether an index begins with these columns, so that the server makes none for a foreign key on them. nullopt:
// perhaps.
absl::optional<bool> IsCovered(const std::vector<std::string>& columns, const std::vector<Index>& indexes) {
  for (const Index& index : indexes) {
    if (index.parts.size() < columns.size()) continue;
    bool begins = true, plain = index.kind == Index::Kind::kPrimary || index.kind == Index::Kind::kUnique ||
                                index.kind == Index::Kind::kPlain;
    for (size_t i = 0; i < columns.size(); ++i) {
      begins = begins && absl::EqualsIgnoreCase(index.parts[i].column, columns[i]);
      plain = plain && index.parts[i].prefix == 0 && !index.parts[i].descending;
    }
    if (begins && plain && !index.invisible) return true;
    if (begins) return absl::nullopt;
  }
  return false;
}

// Adds the indexes that the server would make for the foreign keys. False: it cannot be told which.
bool AddImpliedIndexes(const TrialTable& trial, Table* made) {
  std::vector<Index> implied;
  for (const ForeignKey& key : trial.foreign_keys) {
    const absl::optional<bool> covered = IsCovered(key.columns, made->indexes);
    if (!covered.has_value()) return false;
    if (*covered) continue;
    Index index;
    index.name = key.name.empty() ? key.columns[0] : key.name;
    for (const std::string& column : key.columns) {
      const Column* found = made->FindColumn(column);
      if (found == nullptr) return false;
      index.parts.push_back({.column = found->name});
    }
    index.definition = absl::StrCat(
        "KEY ", QuoteName(index.name), " (",
        absl::StrJoin(index.parts, ",",
                      [](std::string* out, const IndexPart& part) { absl::StrAppend(out, QuoteName(part.column)); }),
        ")");
    for (const Index& other : implied) {  // which of two stays is the server's affair
      if (absl::EqualsIgnoreCase(other.parts[0].column, index.parts[0].column)) return false;
    }
    implied.push_back(std::move(index));
  }
  for (Index& index : implied) {
    if (made->FindIndex(index.name) != nullptr) return false;
    made->indexes.push_back(std::move(index));
  }
  return true;
}

// Whether what the text says of charsets is in force, and no default was found out that it does not show.
bool SaysAll(const Table& shown, const Table& live) {
  if (shown.columns.size() != live.columns.size()) return false;
  for (size_t i = 0; i < live.columns.size(); ++i) {
    if (!live.columns[i].default_bytes.empty() || shown.columns[i].charset != live.columns[i].charset ||
        shown.columns[i].collation != live.columns[i].collation) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::optional<TrialTable> ToTrial(absl::string_view create) {
  if (HasUntellable(create)) return absl::nullopt;
  ClauseReader reader(create);
  if (!reader.TakeWords({"create", "table"})) return absl::nullopt;
  reader.TakeWords({"if", "not", "exists"});
  TrialTable trial;
  const auto name = reader.TakeName();
  if (!name.ok()) return absl::nullopt;
  trial.table = *name;
  const auto body = reader.TakeGroup();
  if (!body.ok()) return absl::nullopt;
  std::vector<std::string> kept;
  for (const absl::string_view definition : Definitions(*body)) {
    if (!TakeDefinition(definition, &kept, &trial)) return absl::nullopt;
  }
  trial.sql = absl::StrCat("CREATE TEMPORARY TABLE ", QuoteName(trial.table), " (", absl::StrJoin(kept, ",\n"), "\n)",
                           create.substr(reader.last_end()));
  return trial;
}

bool MakesTable(const TrialTable& trial, absl::string_view shown, const Table& live) {
  if (!absl::ConsumePrefix(&shown, "CREATE TEMPORARY TABLE ")) return false;
  absl::StatusOr<Table> made = ParseCreateTable(absl::StrCat("CREATE TABLE ", shown));
  const absl::StatusOr<Table> want = ParseCreateTable(live.create_statement);
  if (!made.ok() || !want.ok() || made->name != want->name || !SaysAll(*want, live)) return false;
  const auto keys = WithNames(trial);
  if (!keys.has_value() || keys->size() != want->foreign_keys.size()) return false;
  for (const ForeignKey& key : *keys) {
    if (!absl::c_any_of(want->foreign_keys, [&](const ForeignKey& one) { return SameKey(key, one); })) return false;
  }
  if (!AddImpliedIndexes(trial, &*made)) return false;
  made->foreign_keys = want->foreign_keys;
  Schema from, to;
  to.flavour = data_access::Flavour::kMariaDb;  // where the order of checks counts; elsewhere both go by name
  from.tables.emplace(made->name, *std::move(made));
  to.tables.emplace(want->name, *want);
  return Diff(from, to).empty();
}

}  // namespace bonnie::schema
