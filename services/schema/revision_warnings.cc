#include "services/schema/revision_warnings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

// "varchar(50)" as {"varchar", {50}}.
struct Type {
  std::string word;
  std::vector<std::string> arguments;  // numbers, or the values of an ENUM or SET
  bool is_unsigned = false;
};

Type Read(const Column& column) {
  Type type;
  for (const Token& token : Tokenize(column.type)) {
    if (token.kind == Token::Kind::kWord && type.word.empty()) type.word = token.text;
    if (token.kind == Token::Kind::kWord && token.text == "unsigned") type.is_unsigned = true;
    if (token.kind == Token::Kind::kNumber || token.kind == Token::Kind::kString) type.arguments.push_back(token.text);
  }
  return type;
}

int Number(const Type& type, size_t at, int otherwise) {
  int number = otherwise;
  return at < type.arguments.size() && absl::SimpleAtoi(type.arguments[at], &number) ? number : otherwise;
}

// Place in a family of types that each hold what the one before holds; {0, 0} for none.
std::pair<int, int> Rank(const std::string& word) {
  static constexpr const char* kFamilies[][5] = {{"tinyint", "smallint", "mediumint", "int", "bigint"},
                                                 {"tinytext", "text", "mediumtext", "longtext", ""},
                                                 {"tinyblob", "blob", "mediumblob", "longblob", ""},
                                                 {"float", "double", "", "", ""}};
  for (size_t family = 0; family < std::size(kFamilies); ++family) {
    for (int rank = 0; rank < 5; ++rank) {
      if (word == kFamilies[family][rank]) return {static_cast<int>(family) + 1, rank};
    }
  }
  return {0, 0};
}

// Whether some value of `before` may not fit into `after`.
bool Narrows(const Type& before, const Type& after) {
  if (before.is_unsigned != after.is_unsigned) return true;
  const auto [family, rank] = Rank(before.word);
  const auto [family_after, rank_after] = Rank(after.word);
  if (family > 0 && family == family_after) return rank_after < rank;
  if (before.word != after.word) {
    return !((before.word == "char" && after.word == "varchar") && Number(after, 0, 0) >= Number(before, 0, 1)) &&
           !((before.word == "char" || before.word == "varchar") && absl::EndsWith(after.word, "text"));
  }
  if (before.word == "decimal") {
    const int scale = Number(before, 1, 0), scale_after = Number(after, 1, 0);
    return scale_after < scale || Number(after, 0, 10) - scale_after < Number(before, 0, 10) - scale;
  }
  return Number(after, 0, 0) < Number(before, 0, 0);
}

bool IsEnumeration(const Type& type) { return type.word == "enum" || type.word == "set"; }

const char* FilledWith(const Type& type) {
  if (type.word == "enum") return "its first value";
  if (type.word == "date" || type.word == "datetime" || type.word == "timestamp" || type.word == "time") {
    return "zero, or the statement is refused where the server forbids zero dates";
  }
  if (type.word == "json") return "null";
  const bool number = Rank(type.word).first == 1 || type.word == "decimal" || type.word == "float" ||
                      type.word == "double" || type.word == "bit" || type.word == "year";
  return number ? "0" : "''";
}

class Warner {
 public:
  Warner(const Schema& from, const Schema& to, const Difference& difference) : from_(from), to_(to) {
    for (const Change& change : difference.changes) {
      if (change.kind == Change::Kind::kRenameTable) old_tables_[change.after] = change.before;
      if (change.kind == Change::Kind::kRenameColumn) old_columns_[{change.table, change.after}] = change.before;
    }
    for (const Change& change : difference.changes) Look(change);
  }

  std::vector<RevisionWarning> Take() { return std::move(warnings_); }

 private:
  void Warn(absl::string_view code, const Change& change, absl::string_view what) {
    warnings_.push_back(
        {std::string(code), absl::StrCat(change.table, change.object.empty() ? "" : ".", change.object, ": ", what)});
  }

  static const Column* Find(const Schema& schema, const std::string& table, const std::string& column) {
    const auto found = schema.tables.find(table);
    return found == schema.tables.end() ? nullptr : found->second.FindColumn(column);
  }
  const Column* Before(const Change& change) const {
    const auto table = old_tables_.find(change.table);
    const auto column = old_columns_.find({change.table, change.object});
    return Find(from_, table == old_tables_.end() ? change.table : table->second,
                column == old_columns_.end() ? change.object : column->second);
  }

  void Look(const Change& change) {
    using Kind = Change::Kind;
    switch (change.kind) {
      case Kind::kDropTable:
        return Warn("data-loss", change, "the table is dropped, and its rows with it");
      case Kind::kDropColumn:
        return Warn("data-loss", change, "the column is dropped, and its values with it");
      case Kind::kRenameTable:
        return Warn("rename", change,
                    "renaming a table wants the INSERT right on its new name, which an administrator grants");
      case Kind::kAddColumn:
        return LookAtNew(change);
      case Kind::kModifyColumn:
        return LookAtChanged(change);
      case Kind::kAddIndex:
      case Kind::kModifyIndex:
        return LookAtIndex(change);
      case Kind::kAddForeignKey:
      case Kind::kModifyForeignKey:
        return Warn("rows-checked", change, "rows that refer to nothing stop the statement; writes wait while it runs");
      case Kind::kDropForeignKey:
        return Warn("CD101", change, "the foreign key is dropped: nothing stops orphans any more");
      case Kind::kAddCheck:
      case Kind::kModifyCheck:
        return Warn("rows-checked", change, "rows that break the check stop the statement; writes wait while it runs");
      default:
        return;
    }
  }

  void LookAtNew(const Change& change) {
    const Column* column = Find(to_, change.table, change.object);
    if (column == nullptr || column->nullable || column->default_value.has_value() || column->auto_increment ||
        !column->generated.empty()) {
      return;
    }
    Warn("MY101", change,
         absl::StrCat("NOT NULL without a default: rows that are there get ", FilledWith(Read(*column)), " silently"));
  }

  void LookAtChanged(const Change& change) {
    const Column* before = Before(change);
    const Column* after = Find(to_, change.table, change.object);
    if (before == nullptr || after == nullptr || !after->generated.empty()) return;
    if (before->nullable && !after->nullable) {
      Warn("MF104", change, "NULL becomes NOT NULL: a row that holds NULL stops the statement");
    }
    const Type was = Read(*before), is = Read(*after);
    if (IsEnumeration(was) && was.word == is.word) {
      const bool grows = is.arguments.size() >= was.arguments.size() &&
                         std::equal(was.arguments.begin(), was.arguments.end(), is.arguments.begin());
      if (!grows)
        Warn("MY111", change, "values go or change places: a row that holds one that goes stops the statement");
    } else if (before->type != after->type && Narrows(was, is)) {
      Warn("narrowing", change,
           absl::StrCat(before->type, " becomes ", after->type, ": a value that does not fit stops the statement"));
    }
    if (before->charset != after->charset && !before->charset.empty() && !after->charset.empty()) {
      Warn("narrowing", change,
           absl::StrCat("character set ", before->charset, " becomes ", after->charset,
                        ": a character that it lacks stops the statement"));
    }
  }

  void LookAtIndex(const Change& change) {
    const auto table = to_.tables.find(change.table);
    const Index* index = table == to_.tables.end() ? nullptr : table->second.FindIndex(change.object);
    if (index == nullptr || (index->kind != Index::Kind::kUnique && index->kind != Index::Kind::kPrimary)) return;
    Warn("MF101", change, "a unique index on what is there: rows with the same key stop the statement");
  }

  const Schema& from_;
  const Schema& to_;
  std::map<std::string, std::string> old_tables_;
  std::map<std::pair<std::string, std::string>, std::string> old_columns_;
  std::vector<RevisionWarning> warnings_;
};

}  // namespace

std::vector<RevisionWarning> WarnOfRows(const Schema& from, const Schema& to, const Difference& difference) {
  return Warner(from, to, difference).Take();
}

}  // namespace bonnie::schema
