#include "services/schema/alter_clause.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

bool IsWord(const Token& token, absl::string_view word) {
  return token.kind == Token::Kind::kWord && token.text == word;
}

bool IsSign(const Token& token, absl::string_view sign) {
  return token.kind == Token::Kind::kSign && token.text == sign;
}

// Words of a statement from left to right.
class Words {
 public:
  explicit Words(absl::string_view sql)
      : sql_(sql), tokens_(std::make_shared<const std::vector<Token>>(Tokenize(sql))) {}

  bool AtEnd() const { return at_ >= tokens_->size(); }
  const Token& Peek(size_t ahead = 0) const {
    static const Token* const kEnd = new Token();
    return at_ + ahead < tokens_->size() ? (*tokens_)[at_ + ahead] : *kEnd;
  }
  bool At(absl::string_view word) const { return IsWord(Peek(), word); }
  bool At(std::initializer_list<absl::string_view> words) const {
    size_t ahead = 0;
    return absl::c_all_of(words, [&](absl::string_view word) { return IsWord(Peek(ahead++), word); });
  }
  void Skip() { ++at_; }
  Words After() const {
    Words after = *this;
    after.Skip();
    return after;
  }
  bool Take(absl::string_view word) {
    const bool there = At(word);
    if (there) Skip();
    return there;
  }
  // As it is written; empty when none is here.
  std::string TakeName() {
    std::string name = Peek().name;
    if (!name.empty()) Skip();
    return name;
  }
  size_t begin() const { return AtEnd() ? sql_.size() : Peek().begin; }
  size_t last_end() const { return at_ == 0 ? 0 : (*tokens_)[at_ - 1].end; }
  absl::string_view Between(size_t begin, size_t end) const {
    return absl::StripTrailingAsciiWhitespace(sql_.substr(begin, end - begin));
  }

 private:
  absl::string_view sql_;
  std::shared_ptr<const std::vector<Token>> tokens_;
  size_t at_ = 0;
};

PartitionWork WorkOf(const Words& words) {
  if (words.At({"partition", "by"}) || words.At({"remove", "partitioning"})) return PartitionWork::kAnew;
  if (words.At({"drop", "partition"})) return PartitionWork::kDrop;
  if (words.At({"coalesce", "partition"}) || words.At({"reorganize", "partition"}) ||
      words.At({"rebuild", "partition"})) {
    return PartitionWork::kSpread;
  }
  if (!words.At({"add", "partition"})) return PartitionWork::kNone;
  size_t ahead = 2;
  while (IsWord(words.Peek(ahead), "if") || IsWord(words.Peek(ahead), "not") || IsWord(words.Peek(ahead), "exists") ||
         IsWord(words.Peek(ahead), "no_write_to_binlog") || IsWord(words.Peek(ahead), "local")) {
    ++ahead;
  }
  return IsWord(words.Peek(ahead), "partitions") ? PartitionWork::kSpread : PartitionWork::kAdd;
}

// "ALGORITHM = INPLACE" or "LOCK NONE", as the statement's own wish.
void ReadWish(Words& words, AlterStatement* statement) {
  std::string& wish = words.At("algorithm") ? statement->own_algorithm : statement->own_lock;
  words.Skip();
  if (IsSign(words.Peek(), "=")) words.Skip();
  wish = absl::AsciiStrToUpper(words.Peek().text);
}

// Whether a clause begins here that is not the rest of a list, as in DROP PARTITION p0, p1.
bool AtVerb(const Words& words) {
  constexpr absl::string_view kVerbs[] = {"add",    "drop",  "modify", "change",    "alter",
                                          "rename", "force", "engine", "algorithm", "lock"};
  return absl::c_any_of(kVerbs, [&](absl::string_view verb) { return words.At(verb); });
}

// From the clauses on, to the end.
void ReadClauses(Words& words, AlterStatement* statement) {
  size_t begin = words.begin();
  int depth = 0;
  bool first = true;  // in its clause
  const auto finish = [&](size_t end) {
    if (end > begin) statement->clauses.push_back(std::string(words.Between(begin, end)));
  };
  for (; !words.AtEnd(); words.Skip()) {
    if (IsSign(words.Peek(), "(")) ++depth;
    if (IsSign(words.Peek(), ")")) --depth;
    if (depth > 0) continue;
    const PartitionWork work = WorkOf(words);
    if (work == PartitionWork::kAnew || (first && work != PartitionWork::kNone)) statement->partitions = work;
    if (work == PartitionWork::kAnew) return finish(words.begin());
    if (first && (words.At("algorithm") || words.At("lock"))) ReadWish(words, statement);
    first = false;
    const bool in_names = StandsAlone(statement->partitions) && !AtVerb(words.After());
    if (IsSign(words.Peek(), ",") && !in_names) {
      finish(words.begin());
      begin = words.Peek().end;
      while (begin < statement->sql.size() && absl::ascii_isspace(statement->sql[begin])) ++begin;
      first = true;
    }
  }
  finish(statement->sql.size());
}

// ALTER [ONLINE] [IGNORE] TABLE [IF EXISTS] name [WAIT n | NOWAIT].
absl::optional<AlterStatement> ReadAlterTable(absl::string_view sql) {
  AlterStatement statement{.sql = std::string(sql)};
  Words words(statement.sql);
  words.Skip();
  if (words.Take("online")) statement.own_lock = "NONE";
  words.Take("ignore");
  if (!words.Take("table")) return absl::nullopt;
  if (words.Take("if")) words.Take("exists");
  statement.table = words.TakeName();
  if (statement.table.empty()) return absl::nullopt;
  if (words.Take("wait")) {
    words.Skip();
  } else {
    words.Take("nowait");
  }
  if (words.AtEnd()) return absl::nullopt;
  statement.clauses_at = words.begin();
  ReadClauses(words, &statement);
  return statement;
}

bool HasWord(absl::string_view sql, std::initializer_list<absl::string_view> any_of) {
  const std::vector<Token> tokens = Tokenize(sql);
  return absl::c_any_of(tokens, [&](const Token& token) {
    return absl::c_any_of(any_of, [&](absl::string_view word) { return IsWord(token, word); });
  });
}

// CREATE [UNIQUE | …] INDEX [IF NOT EXISTS] name [USING t] ON table (…) …, and DROP INDEX [IF EXISTS] name ON table.
// What has an ALGORITHM, LOCK or WAIT of its own after that stays as it is.
absl::optional<AlterStatement> ReadIndexStatement(absl::string_view sql) {
  Words words(sql);
  const bool creates = words.At("create");
  words.Skip();
  if (words.At("or")) return absl::nullopt;  // CREATE OR REPLACE INDEX has no such form
  std::string kind;
  for (const char* word : {"unique", "fulltext", "spatial", "vector"}) {
    if (words.At(word)) kind = absl::StrCat(absl::AsciiStrToUpper(word), " ");
  }
  if (!kind.empty()) words.Skip();
  if (!words.Take("index")) return absl::nullopt;
  const size_t name_begin = words.begin();
  while (!words.AtEnd() && !words.At("on")) words.Skip();
  const std::string name(words.Between(name_begin, words.begin()));
  words.Skip();
  const size_t table_begin = words.begin();
  if (words.TakeName().empty()) return absl::nullopt;
  const std::string table(words.Between(table_begin, words.last_end()));
  const absl::string_view rest = sql.substr(words.begin());
  if (HasWord(rest, {"algorithm", "lock", "wait", "nowait"})) return absl::nullopt;
  return ReadAlterTable(creates ? absl::StrCat("ALTER TABLE ", table, " ADD ", kind, "INDEX ", name, " ", rest)
                                : absl::StrCat("ALTER TABLE ", table, " DROP INDEX ", name));
}

// The first words of a clause.
std::vector<Token> Beginning(absl::string_view clause) {
  std::vector<Token> tokens = Tokenize(clause);
  tokens.resize(std::max<size_t>(tokens.size(), 3));
  return tokens;
}

bool NamesKey(const Token& token) {
  constexpr absl::string_view kKeys[] = {"index",   "key",     "unique", "fulltext", "spatial",   "vector",
                                         "foreign", "primary", "check",  "period",   "constraint"};
  return token.kind == Token::Kind::kWord && absl::c_linear_search(kKeys, token.text);
}

}  // namespace

bool StandsAlone(PartitionWork work) { return work != PartitionWork::kNone && work != PartitionWork::kAnew; }

absl::optional<AlterStatement> ReadAlterStatement(absl::string_view sql) {
  const Words words(sql);
  if (words.At("alter")) return ReadAlterTable(sql);
  if (words.At("create") || words.At("drop")) return ReadIndexStatement(sql);
  return absl::nullopt;
}

std::string WithClause(const AlterStatement& statement, absl::string_view clause, data_access::Flavour flavour) {
  if (StandsAlone(statement.partitions) && flavour == data_access::Flavour::kMariaDb) return "";
  const bool before_partition_by = statement.partitions == PartitionWork::kAnew && statement.clauses.empty();
  return absl::StrCat(statement.sql.substr(0, statement.clauses_at), clause, before_partition_by ? " " : ", ",
                      statement.sql.substr(statement.clauses_at));
}

bool AddsOrDropsColumn(absl::string_view clause) {
  const std::vector<Token> tokens = Beginning(clause);
  if (!IsWord(tokens[0], "add") && !IsWord(tokens[0], "drop")) return false;
  return !NamesKey(tokens[1]) && !IsWord(tokens[1], "partition") && !IsWord(tokens[1], "system");
}

bool LeavesRowsAlone(absl::string_view clause) {
  const std::vector<Token> tokens = Beginning(clause);
  if (IsWord(tokens[0], "rename")) return true;
  if (IsWord(tokens[0], "alter")) return true;
  if (!IsWord(tokens[0], "add") && !IsWord(tokens[0], "drop")) return false;
  return NamesKey(tokens[1]) && !IsWord(tokens[1], "primary") && !IsWord(tokens[1], "fulltext") &&
         !IsWord(tokens[1], "constraint");
}

}  // namespace bonnie::schema
