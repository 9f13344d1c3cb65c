#include "services/schema/sql_gate/table_grammar.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_limits.h"
#include "services/schema/sql_gate/table_parts.h"

namespace bonnie::schema {

namespace {

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
