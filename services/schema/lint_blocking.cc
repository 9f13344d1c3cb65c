// What in a statement keeps writers waiting, told from its text.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "services/schema/clause_reader.h"
#include "services/schema/lint.h"

namespace bonnie::schema {

namespace {

// What comes first explains most: a copy before a rebuild, a rebuild before an index.
constexpr absl::string_view kByWeight[] = {"MY130", "MY136", "MY133", "MY131", "MY132", "MY134", "MY135"};

// The clause of a column without what it says of character sets.
std::string WithoutCharset(absl::string_view clause) {
  ClauseReader reader(clause);
  std::string rest;
  while (!reader.AtEnd()) {
    if (reader.TakeWords({"character", "set"}) || reader.TakeWord("charset") || reader.TakeWord("collate")) {
      reader.Skip();
      continue;
    }
    const size_t begin = reader.next_begin();
    reader.Skip();
    rest += std::string(reader.Between(begin, reader.last_end())) + " ";
  }
  return rest;
}

// "varchar(50)" of "varchar(50) NOT NULL DEFAULT 'x'": the first word, its parentheses and its sign.
std::string TypeOf(absl::string_view clause) {
  ClauseReader reader(clause);
  reader.Skip();
  if (reader.AtSign("(") && !reader.TakeGroup().ok()) return std::string(clause);
  while (reader.AtAnyWord({"unsigned", "zerofill", "precision", "varying"})) reader.Skip();
  return std::string(reader.Between(0, reader.last_end()));
}

class BlockingReader {
 public:
  BlockingReader(absl::string_view sql, const std::vector<Change>& changes) : reader_(sql), changes_(changes) {}

  absl::string_view Read() {
    if (reader_.TakeWord("create")) return ReadCreate();
    if (!reader_.TakeWord("alter")) return kBlocksWritesCode;
    while (reader_.AtAnyWord({"online", "ignore"})) reader_.Skip();
    if (!reader_.TakeWord("table")) return kBlocksWritesCode;
    SkipIfExists();
    table_ = reader_.Peek().name;
    reader_.Skip();
    while (!reader_.AtEnd()) {
      ReadClause();
      SkipClause();
    }
    for (const absl::string_view code : kByWeight) {
      if (absl::c_linear_search(codes_, code)) return code;
    }
    return kBlocksWritesCode;
  }

 private:
  absl::string_view ReadCreate() {
    if (reader_.AtWord("fulltext")) return "MY134";
    if (reader_.AtWord("spatial")) return "MY135";
    return kBlocksWritesCode;
  }

  void SkipIfExists() {
    while (reader_.AtAnyWord({"if", "not", "exists"})) reader_.Skip();
  }

  // To the next clause: just after the comma.
  void SkipClause() {
    while (!reader_.AtEnd()) {
      if (reader_.TakeSign(",")) return;
      if (reader_.AtSign("(")) {
        if (!reader_.TakeGroup().ok()) reader_.Skip();
      } else {
        reader_.Skip();
      }
    }
  }

  void ReadClause() {
    if (reader_.TakeWord("add")) return ReadAdd();
    if (reader_.TakeWords({"drop", "primary"})) {
      codes_.push_back("MY133");
    } else if (reader_.TakeWord("modify")) {
      ReadColumn(/*renames=*/false);
    } else if (reader_.TakeWord("change")) {
      ReadColumn(/*renames=*/true);
    } else if (reader_.TakeWords({"convert", "to"})) {
      codes_.push_back("MY136");
    }
  }

  void ReadAdd() {
    if (reader_.TakeWord("constraint")) {
      if (!reader_.AtAnyWord({"primary", "foreign", "unique", "check"})) reader_.Skip();
    }
    if (reader_.AtWord("primary")) {
      // DROP and ADD in one statement is the change of a key, which is rebuilt and not copied.
      codes_.erase(std::remove(codes_.begin(), codes_.end(), "MY133"), codes_.end());
      codes_.push_back("MY132");
    } else if (reader_.AtWord("foreign")) {
      codes_.push_back("MY131");
    } else if (reader_.AtWord("fulltext")) {
      codes_.push_back("MY134");
    } else if (reader_.AtWord("spatial")) {
      codes_.push_back("MY135");
    } else if (!reader_.AtAnyWord({"unique", "index", "key", "check", "partition", "period", "system", "vector"})) {
      ReadNewColumn();
    }
  }

  // MySQL 9 and MariaDB make a foreign key of a column's REFERENCES.
  void ReadNewColumn() {
    while (!reader_.AtEnd() && !reader_.AtSign(",")) {
      if (reader_.AtWord("references")) codes_.push_back("MY131");
      if (reader_.AtSign("(")) {
        if (!reader_.TakeGroup().ok()) reader_.Skip();
      } else {
        reader_.Skip();
      }
    }
  }

  void ReadColumn(bool renames) {
    reader_.TakeWord("column");
    SkipIfExists();
    if (renames) reader_.Skip();
    const std::string column = reader_.Peek().name;
    const auto change = absl::c_find_if(changes_, [&](const Change& one) {
      return one.kind == Change::Kind::kModifyColumn && absl::EqualsIgnoreCase(one.table, table_) &&
             absl::EqualsIgnoreCase(one.object, column);
    });
    if (change == changes_.end()) {
      if (changes_.empty()) codes_.push_back("MY130");  // what it was is not known
    } else if (TypeOf(change->before) != TypeOf(change->after)) {
      codes_.push_back("MY130");
    } else if (change->before != change->after && WithoutCharset(change->before) == WithoutCharset(change->after)) {
      codes_.push_back("MY136");
    }
  }

  ClauseReader reader_;
  const std::vector<Change>& changes_;
  std::string table_;
  std::vector<absl::string_view> codes_;
};

}  // namespace

absl::string_view BlockingCode(absl::string_view sql, const std::vector<Change>& changes) {
  return BlockingReader(sql, changes).Read();
}

}  // namespace bonnie::schema
