#include "services/schema/sql_gate/table_grammar.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_limits.h"

namespace bonnie::schema {

namespace {

using Words = std::initializer_list<absl::string_view>;

// Options of a table that are a word, then a value; `=` between them may be left out.
constexpr absl::string_view kTableOptions[] = {
    "auto_increment",  "autoextend_size",   "avg_row_length",   "charset",
    "checksum",        "collate",           "comment",          "compression",
    "delay_key_write", "encrypted",         "encryption",       "encryption_key_id",
    "itef_quotes",     "key_block_size",    "max_rows",         "min_rows",
    "pack_keys",       "page_checksum",     "page_compressed",  "page_compression_level",
    "row_format",      "stats_auto_recalc", "stats_persistent", "stats_sample_pages",
    "table_checksum",  "transactional"};
constexpr absl::string_view kPartitionOptions[] = {"comment", "max_rows", "min_rows"};
// Attributes of columns and indexes that are a word, `=` and a value.
constexpr absl::string_view kValuedAttributes[] = {"comment", "key_block_size", "ref_system_id"};
constexpr absl::string_view kEngineAttributes[] = {"engine_attribute", "secondary_engine_attribute", "storage"};

absl::Status NotAllowed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, " is not allowed in a model or a revision"));
}

// The words at the reader, for messages: at most three, never a value.
std::string WordsAt(const ClauseReader& reader) {
  std::string words;
  for (size_t ahead = 0; ahead < 3 && reader.Peek(ahead).kind == Token::Kind::kWord; ++ahead) {
    absl::StrAppend(&words, words.empty() ? "" : " ", absl::AsciiStrToUpper(reader.Peek(ahead).text));
  }
  return words.empty() ? absl::StrCat("'", reader.Peek().text.substr(0, 20), "'") : words;
}

absl::Status TakeEngine(ClauseReader& reader) {
  reader.TakeSign("=");
  const std::string engine = reader.Peek().text;
  if (!absl::EqualsIgnoreCase(engine, "innodb")) {
    return NotAllowed(absl::StrCat("ENGINE=", engine.substr(0, 32), ": an engine other than InnoDB"));
  }
  reader.Skip();
  return absl::OkStatus();
}

absl::Status TakeValue(ClauseReader& reader) {
  reader.TakeSign("=");
  if (reader.AtEnd() || reader.Peek().kind == Token::Kind::kSign) return reader.Expected("a value");
  reader.Skip();
  return absl::OkStatus();
}

// A word of `options` and its value. True: one was taken.
template <class Options>
absl::StatusOr<bool> TakeOption(ClauseReader& reader, const Options& options) {
  const bool quoted = reader.Peek().kind == Token::Kind::kQuotedName;
  const std::string name = absl::AsciiStrToLower(reader.Peek().name);
  if ((!quoted && reader.Peek().kind != Token::Kind::kWord) || !absl::c_linear_search(options, name)) return false;
  reader.Skip();
  BONNIE_RETURN_IF_ERROR(TakeValue(reader));
  return true;
}

// One option of a table, of CREATE TABLE or as a clause of ALTER TABLE.
absl::Status TakeTableOption(ClauseReader& reader) {
  if (reader.TakeWord("engine")) return TakeEngine(reader);
  if (reader.TakeWords({"with", "system", "versioning"})) return absl::OkStatus();
  if (reader.TakeWord("default") && !reader.AtAnyWord({"character", "charset", "char", "collate", "encryption"})) {
    return reader.Expected("CHARACTER SET or COLLATE after DEFAULT");
  }
  if (reader.TakeWords({"character", "set"}) || reader.TakeWords({"char", "set"})) return TakeValue(reader);
  const std::string words = WordsAt(reader);
  BONNIE_ASSIGN_OR_RETURN(const bool taken, TakeOption(reader, kTableOptions));
  return taken ? absl::OkStatus() : NotAllowed(absl::StrCat("the option ", words));
}

// Whether a point before `token` separates names; else it is a number's.
bool IsNameAfterPoint(const Token& token) {
  const bool word = token.kind == Token::Kind::kWord && !absl::ascii_isdigit(token.name[0]);
  return word || token.kind == Token::Kind::kQuotedName;
}

// What stands within the parentheses of a table, or after ADD and MODIFY: up to a comma or the end.
absl::Status TakeDefinition(ClauseReader& reader) {
  bool follows_name = false;  // the token before was a name or a word, with nothing between
  for (bool first = true; !reader.AtEnd() && !reader.AtSign(",") && !reader.AtSign(")"); first = false) {
    if (reader.AtSign("(")) {
      BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
      continue;
    }
    if (!first && (reader.AtWord("partition") || (reader.AtWord("remove") && reader.Peek(1).text == "partitioning"))) {
      return absl::OkStatus();  // a clause of its own, which needs no comma before it
    }
    if (reader.AtSign(".") && (IsNameAfterPoint(reader.Peek(1)) || follows_name)) {
      return NotAllowed(
          absl::StrCat("a name that says which schema it is in ('.", reader.Peek(1).name.substr(0, 64), "')"));
    }
    const std::string name = absl::AsciiStrToLower(reader.Peek().name);
    const bool valued = reader.Peek(1).kind == Token::Kind::kSign && reader.Peek(1).text == "=";
    const bool of_engine =
        !first && reader.Peek().kind == Token::Kind::kWord && absl::c_linear_search(kEngineAttributes, name);
    if (of_engine || (valued && !absl::c_linear_search(kValuedAttributes, name))) {
      return NotAllowed(absl::StrCat("the attribute '", name.substr(0, 32), "'"));
    }
    const bool is_name = reader.Peek().kind == Token::Kind::kWord || reader.Peek().kind == Token::Kind::kQuotedName;
    reader.Skip();
    follows_name = is_name && reader.last_end() == reader.next_begin();
  }
  return absl::OkStatus();
}

// One PARTITION or SUBPARTITION of a list, from after that word. `*count` grows by the partitions that it makes.
absl::Status TakePartition(ClauseReader& reader, size_t* count);

// "(PARTITION …, PARTITION …)". Returns how many.
absl::StatusOr<size_t> TakePartitionList(ClauseReader& reader) {
  size_t count = 0;
  if (!reader.TakeSign("(")) return reader.Expected("'('");
  do {
    if (!reader.TakeWord("partition") && !reader.TakeWord("subpartition")) return reader.Expected("PARTITION");
    BONNIE_RETURN_IF_ERROR(TakePartition(reader, &count));
  } while (reader.TakeSign(","));
  if (!reader.TakeSign(")")) return reader.Expected("')'");
  return count;
}

absl::Status TakePartition(ClauseReader& reader, size_t* count) {
  BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
  size_t within = 1;
  while (!reader.AtEnd() && !reader.AtSign(",") && !reader.AtSign(")")) {
    if (reader.TakeWord("values")) {
      if (reader.TakeWords({"less", "than"}) && reader.TakeWord("maxvalue")) continue;
      reader.TakeWord("in");
      BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
    } else if (reader.AtSign("(")) {
      BONNIE_ASSIGN_OR_RETURN(within, TakePartitionList(reader));
    } else if (reader.TakeWord("engine") || reader.TakeWords({"storage", "engine"})) {
      BONNIE_RETURN_IF_ERROR(TakeEngine(reader));
    } else if (reader.TakeAnyWord({"history", "current", "default"})) {  // MariaDB's, of SYSTEM_TIME and LIST
    } else {
      const std::string words = WordsAt(reader);
      BONNIE_ASSIGN_OR_RETURN(const bool taken, TakeOption(reader, kPartitionOptions));
      if (!taken) return NotAllowed(absl::StrCat("the option ", words, " of a partition"));
    }
  }
  *count += within;
  return absl::OkStatus();
}

absl::Status CheckPartitionCount(size_t count) {
  if (count <= kMaxTablePartitions) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the table would have ", count, " partitions; at most ", kMaxTablePartitions, " are allowed"));
}

// "n" after PARTITIONS or SUBPARTITIONS; more than the limit when it is no small number.
absl::StatusOr<size_t> TakeCount(ClauseReader& reader) {
  const absl::StatusOr<int> count = reader.TakeNumber();
  if (!count.ok() || *count < 1) return reader.Expected("how many partitions");
  return static_cast<size_t>(*count);
}

// From after PARTITION BY to the end. Returns how many partitions there will be.
absl::StatusOr<size_t> TakePartitioning(ClauseReader& reader) {
  size_t partitions = 1, subpartitions = 1;
  while (!reader.AtEnd()) {
    if (reader.TakeWord("partitions")) {
      BONNIE_ASSIGN_OR_RETURN(partitions, TakeCount(reader));
    } else if (reader.TakeWord("subpartitions")) {
      BONNIE_ASSIGN_OR_RETURN(subpartitions, TakeCount(reader));
    } else if (reader.AtSign("(") && reader.Peek(1).kind == Token::Kind::kWord && reader.Peek(1).text == "partition") {
      BONNIE_ASSIGN_OR_RETURN(partitions, TakePartitionList(reader));
    } else if (reader.AtSign("(")) {
      BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
    } else if (reader.AtAnyWord({"algorithm",    "auto",        "by",        "columns", "day",    "hash",
                                 "hour",         "interval",    "key",       "limit",   "linear", "list",
                                 "minute",       "month",       "quarter",   "range",   "second", "starts",
                                 "subpartition", "system_time", "timestamp", "week",    "year"}) ||
               reader.AtSign("=") || reader.Peek().kind == Token::Kind::kNumber ||
               reader.Peek().kind == Token::Kind::kString) {
      reader.Skip();
    } else {
      return NotAllowed(absl::StrCat(WordsAt(reader), " within PARTITION BY"));
    }
  }
  if (partitions > kMaxTablePartitions || subpartitions > kMaxTablePartitions) {
    return std::max(partitions, subpartitions);
  }
  return partitions * subpartitions;
}

// Whether a query begins `ahead` places after the next token.
bool AtQuery(const ClauseReader& reader, size_t ahead) {
  constexpr absl::string_view kBeginnings[] = {"select", "table", "values", "with"};
  return reader.Peek(ahead).kind == Token::Kind::kWord && absl::c_linear_search(kBeginnings, reader.Peek(ahead).text);
}

// The query whose rows a new table takes, to the end. The table has no partitions then.
absl::StatusOr<size_t> TakeQuery(ClauseReader& reader) {
  for (; !reader.AtEnd(); reader.Skip()) {
    if (reader.AtWord("into")) return NotAllowed("INTO within CREATE TABLE");
  }
  return size_t{0};
}

// ALTER TABLE …, one clause after the other.
class AlterGrammar {
 public:
  explicit AlterGrammar(ClauseReader& reader) : reader_(reader) {}

  absl::StatusOr<AlterEffects> Read() {
    if (reader_.TakeWord("wait")) {
      BONNIE_RETURN_IF_ERROR(reader_.TakeNumber().status());
    } else {
      reader_.TakeWord("nowait");
    }
    do {
      BONNIE_RETURN_IF_ERROR(ReadClause());
      while (!reader_.AtEnd() && !reader_.AtSign(",")) {  // options need no comma between them
        BONNIE_RETURN_IF_ERROR(ReadPartitioningOrOption());
      }
    } while (reader_.TakeSign(","));
    return std::move(effects_);
  }

 private:
  absl::Status ReadClause() {
    if (reader_.TakeWord("add")) return ReadAdd();
    if (reader_.TakeWord("drop")) return ReadDrop();
    if (reader_.AtAnyWord({"modify", "change"})) return ReadModify();
    if (reader_.TakeWord("alter")) return TakeDefinition(reader_);  // a column's default, an index's visibility
    if (reader_.TakeWord("rename")) return ReadRename();
    if (reader_.TakeWords({"convert", "to"})) return ReadCharset();
    if (reader_.TakeWord("force")) return absl::OkStatus();
    if (reader_.TakeWords({"order", "by"})) return TakeNameList();
    if (reader_.TakeWords({"reorganize", "partition"})) return ReadReorganize();
    if (reader_.TakeWords({"coalesce", "partition"})) return reader_.TakeNumber().status();
    if (reader_.TakeAnyWord({"rebuild", "optimize", "analyze", "check", "repair"})) return ReadPartitionNames();
    return ReadPartitioningOrOption();
  }

  // A column that becomes a generated one loses the values that it holds.
  absl::Status ReadModify() {
    reader_.Skip();
    reader_.TakeWord("column");
    TakeIfExists();
    const std::string name = reader_.Peek().name;
    const size_t begin = reader_.next_begin();
    BONNIE_RETURN_IF_ERROR(TakeDefinition(reader_));
    ClauseReader definition(reader_.Between(begin, reader_.last_end()));
    for (; !definition.AtEnd(); definition.Skip()) {
      if (definition.AtSign("(")) {
        BONNIE_RETURN_IF_ERROR(definition.TakeGroup().status());
      }
      if (!definition.AtWord("as")) continue;
      effects_.losses.push_back(absl::StrCat("the values of column ", name, ", which becomes a generated one,"));
      break;
    }
    return absl::OkStatus();
  }

  absl::Status ReadPartitioningOrOption() {
    if (reader_.TakeWords({"remove", "partitioning"})) return absl::OkStatus();
    if (reader_.TakeAnyWord({"algorithm", "lock"})) return TakeValue(reader_);
    if (reader_.TakeWords({"partition", "by"})) {
      BONNIE_ASSIGN_OR_RETURN(const size_t count, TakePartitioning(reader_));
      return CheckPartitionCount(count);
    }
    return TakeTableOption(reader_);
  }

  absl::Status ReadAdd() {
    if (reader_.TakeWord("partition")) return ReadAddPartition();
    if (reader_.TakeWords({"system", "versioning"})) return absl::OkStatus();
    reader_.TakeWord("column");
    if (reader_.TakeWord("if") && !reader_.TakeWords({"not", "exists"})) return reader_.Expected("NOT EXISTS");
    if (!reader_.TakeSign("(")) return TakeDefinition(reader_);
    do {
      BONNIE_RETURN_IF_ERROR(TakeDefinition(reader_));
    } while (reader_.TakeSign(","));
    return reader_.TakeSign(")") ? absl::OkStatus() : reader_.Expected("')'");
  }

  absl::Status ReadAddPartition() {
    if (reader_.TakeWord("if") && !reader_.TakeWords({"not", "exists"})) return reader_.Expected("NOT EXISTS");
    size_t count = 0;
    if (reader_.TakeWord("partitions")) {
      BONNIE_ASSIGN_OR_RETURN(count, TakeCount(reader_));
    } else {
      BONNIE_ASSIGN_OR_RETURN(count, TakePartitionList(reader_));
    }
    return CheckPartitionCount(count);
  }

  absl::Status ReadReorganize() {
    if (reader_.AtEnd()) return absl::OkStatus();
    BONNIE_RETURN_IF_ERROR(TakeNameList());
    if (!reader_.TakeWord("into")) return reader_.Expected("INTO");
    BONNIE_ASSIGN_OR_RETURN(const size_t count, TakePartitionList(reader_));
    return CheckPartitionCount(count);
  }

  absl::Status ReadPartitionNames() {
    if (!reader_.TakeWord("partition")) return reader_.Expected("PARTITION");
    return TakeNameList();
  }

  absl::Status ReadDrop() {
    if (reader_.TakeWord("partition")) {
      TakeIfExists();
      effects_.losses.push_back("a partition");
      return TakeNameList();
    }
    if (reader_.TakeWords({"system", "versioning"})) {
      effects_.losses.push_back("the history");
      return absl::OkStatus();
    }
    if (reader_.TakeWords({"primary", "key"}) || reader_.TakeWords({"period", "for"})) {
      TakeIfExists();
      if (!reader_.AtEnd() && !reader_.AtSign(",")) return reader_.TakeName().status();
      return absl::OkStatus();
    }
    const bool keeps_rows =
        reader_.TakeAnyWord({"index", "key", "constraint", "check"}) || reader_.TakeWords({"foreign", "key"});
    if (!keeps_rows) reader_.TakeWord("column");
    TakeIfExists();
    BONNIE_ASSIGN_OR_RETURN(const std::string name, reader_.TakeName());
    if (!keeps_rows) effects_.losses.push_back(absl::StrCat("column ", name));
    if (!reader_.TakeWord("restrict")) reader_.TakeWord("cascade");
    return absl::OkStatus();
  }

  absl::Status ReadRename() {
    if (reader_.AtAnyWord({"column", "index", "key"})) return TakeDefinition(reader_);
    if (!reader_.TakeWord("to") && !reader_.TakeWord("as")) reader_.TakeSign("=");
    BONNIE_ASSIGN_OR_RETURN(effects_.renamed_to, reader_.TakeName());
    return absl::OkStatus();
  }

  absl::Status ReadCharset() {
    if (!reader_.TakeWord("charset") && !reader_.TakeWords({"character", "set"})) {
      return reader_.Expected("CHARACTER SET");
    }
    BONNIE_RETURN_IF_ERROR(TakeValue(reader_));
    return reader_.TakeWord("collate") ? TakeValue(reader_) : absl::OkStatus();
  }

  // `a`, `b DESC`: the commas within belong to the clause as long as a name and nothing of a clause follows.
  absl::Status TakeNameList() {
    if (reader_.TakeWord("all")) return absl::OkStatus();
    do {
      BONNIE_RETURN_IF_ERROR(reader_.TakeName().status());
      if (!reader_.TakeWord("asc")) reader_.TakeWord("desc");
    } while (!reader_.AtEnd() && reader_.TakeSign(","));
    return absl::OkStatus();
  }

  void TakeIfExists() { reader_.TakeWords({"if", "exists"}); }

  ClauseReader& reader_;
  AlterEffects effects_;
};

}  // namespace

absl::StatusOr<size_t> CheckTableBody(ClauseReader& reader) {
  if (reader.TakeWord("like")) {
    BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
    return reader.AtEnd() ? absl::StatusOr<size_t>(0) : reader.Expected("the end after LIKE");
  }
  if (reader.AtSign("(") && !AtQuery(reader, 1)) {
    reader.Skip();
    do {
      BONNIE_RETURN_IF_ERROR(TakeDefinition(reader));
    } while (reader.TakeSign(","));
    if (!reader.TakeSign(")")) return reader.Expected("')'");
  }
  while (!reader.AtEnd()) {
    if (reader.TakeWord("as") || AtQuery(reader, reader.AtSign("(") ? 1 : 0)) return TakeQuery(reader);
    if (reader.TakeWords({"partition", "by"})) {
      BONNIE_ASSIGN_OR_RETURN(const size_t count, TakePartitioning(reader));
      BONNIE_RETURN_IF_ERROR(CheckPartitionCount(count));
      return count;
    }
    reader.TakeSign(",");
    BONNIE_RETURN_IF_ERROR(TakeTableOption(reader));
  }
  return size_t{0};
}

absl::StatusOr<AlterEffects> CheckAlterClauses(ClauseReader& reader) { return AlterGrammar(reader).Read(); }

absl::Status CheckIndexOptions(ClauseReader& reader) {
  while (!reader.AtEnd()) {
    if (reader.TakeAnyWord({"visible", "invisible", "ignored", "nowait"}) || reader.TakeWords({"not", "ignored"})) {
    } else if (reader.TakeAnyWord(
                   {"algorithm", "comment", "distance", "key_block_size", "lock", "m", "using", "wait"})) {
      BONNIE_RETURN_IF_ERROR(TakeValue(reader));
    } else if (reader.TakeWords({"with", "parser"})) {
      BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
    } else {
      return NotAllowed(absl::StrCat("the option ", WordsAt(reader), " of an index"));
    }
  }
  return absl::OkStatus();
}

size_t CountPartitions(absl::string_view create_table) {
  ClauseReader reader(create_table);
  while (!reader.AtEnd()) {
    if (reader.TakeWords({"partition", "by"})) return TakePartitioning(reader).value_or(kMaxTablePartitions + 1);
    reader.Skip();
  }
  return 0;
}

}  // namespace bonnie::schema
