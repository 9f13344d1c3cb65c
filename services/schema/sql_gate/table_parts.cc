#include "services/schema/sql_gate/table_parts.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_limits.h"

namespace bonnie::schema {

namespace {

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

absl::Status TakeEngine(ClauseReader& reader) {
  reader.TakeSign("=");
  const std::string engine = reader.Peek().text;
  if (!absl::EqualsIgnoreCase(engine, "innodb")) {
    return NotAllowed(absl::StrCat("ENGINE=", engine.substr(0, 32), ": an engine other than InnoDB"));
  }
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

// Whether a point before `token` separates names; else it is a number's.
bool IsNameAfterPoint(const Token& token) {
  const bool word = token.kind == Token::Kind::kWord && !absl::ascii_isdigit(token.name[0]);
  return word || token.kind == Token::Kind::kQuotedName;
}

// One PARTITION or SUBPARTITION of a list, from after that word. `*count` grows by the partitions that it makes.
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

}  // namespace

absl::Status NotAllowed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, " is not allowed in a model or a revision"));
}

std::string WordsAt(const ClauseReader& reader) {
  std::string words;
  for (size_t ahead = 0; ahead < 3 && reader.Peek(ahead).kind == Token::Kind::kWord; ++ahead) {
    absl::StrAppend(&words, words.empty() ? "" : " ", absl::AsciiStrToUpper(reader.Peek(ahead).text));
  }
  return words.empty() ? absl::StrCat("'", reader.Peek().text.substr(0, 20), "'") : words;
}

absl::Status TakeValue(ClauseReader& reader) {
  reader.TakeSign("=");
  if (reader.AtEnd() || reader.Peek().kind == Token::Kind::kSign) return reader.Expected("a value");
  reader.Skip();
  return absl::OkStatus();
}

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

absl::Status CheckPartitionCount(size_t count) {
  if (count <= kMaxTablePartitions) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the table would have ", count, " partitions; at most ", kMaxTablePartitions, " are allowed"));
}

absl::StatusOr<size_t> TakeCount(ClauseReader& reader) {
  const absl::StatusOr<int> count = reader.TakeNumber();
  if (!count.ok() || *count < 1) return reader.Expected("how many partitions");
  return static_cast<size_t>(*count);
}

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

}  // namespace bonnie::schema
