#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/types/optional.h"
#include "services/data_access/status_macros.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table_parts.h"

namespace bonnie::schema {

namespace {

absl::StatusOr<IndexPart> TakePart(ClauseReader& reader) {
  IndexPart part;
  if (reader.AtSign("(")) {
    BONNIE_ASSIGN_OR_RETURN(const absl::string_view expression, reader.TakeGroup());
    part.expression = std::string(expression);
  } else {
    BONNIE_ASSIGN_OR_RETURN(part.column, reader.TakeName());
    if (reader.TakeSign("(")) {
      BONNIE_ASSIGN_OR_RETURN(part.prefix, reader.TakeNumber());
      if (!reader.TakeSign(")")) return reader.Expected("')'");
    }
    reader.TakeWords({"without", "overlaps"});
  }
  part.descending = reader.TakeWord("desc");
  if (!part.descending) reader.TakeWord("asc");
  return part;
}

absl::Status TakeIndexOption(ClauseReader& reader, Index* index) {
  if (reader.TakeWord("comment")) {
    BONNIE_ASSIGN_OR_RETURN(index->comment, reader.TakeString());
  } else if (reader.TakeWord("invisible") || reader.TakeWord("ignored")) {
    index->invisible = true;
  } else if (reader.TakeWords({"with", "parser"})) {
    BONNIE_ASSIGN_OR_RETURN(index->parser, reader.TakeName());
  } else if (reader.TakeWord("using") || reader.Peek().kind == Token::Kind::kQuotedName ||
             reader.AtAnyWord({"clustering", "distance", "engine_attribute", "key_block_size", "m",
                               "secondary_engine_attribute"})) {
    if (!reader.AtAnyWord({"btree", "hash", "rtree"})) {
      reader.Skip();
      reader.TakeSign("=");
    }
    if (reader.AtEnd() || reader.Peek().kind == Token::Kind::kSign) return reader.Expected("a value");
    reader.Skip();
  } else {
    return reader.Expected("an index option");
  }
  return absl::OkStatus();
}

// The words before an index's name; none when it is no index.
absl::optional<Index::Kind> TakeKind(ClauseReader& reader) {
  if (reader.TakeWords({"primary", "key"})) return Index::Kind::kPrimary;
  if (reader.TakeWords({"unique", "key"})) return Index::Kind::kUnique;
  if (reader.TakeWords({"fulltext", "key"})) return Index::Kind::kFulltext;
  if (reader.TakeWords({"spatial", "key"})) return Index::Kind::kSpatial;
  if (reader.TakeWords({"vector", "key"})) return Index::Kind::kVector;
  if (reader.TakeWord("key")) return Index::Kind::kPlain;
  return absl::nullopt;
}

absl::StatusOr<Index> TakeIndex(ClauseReader& reader, Index::Kind kind) {
  Index index;
  index.kind = kind;
  if (kind == Index::Kind::kPrimary) {
    index.name = "PRIMARY";
  } else {
    BONNIE_ASSIGN_OR_RETURN(index.name, reader.TakeName());
  }
  if (!reader.TakeSign("(")) return reader.Expected("'('");
  do {
    BONNIE_ASSIGN_OR_RETURN(index.parts.emplace_back(), TakePart(reader));
  } while (reader.TakeSign(","));
  if (!reader.TakeSign(")")) return reader.Expected("')'");
  while (!reader.AtEnd()) BONNIE_RETURN_IF_ERROR(TakeIndexOption(reader, &index));
  return index;
}

absl::StatusOr<std::string> TakeAction(ClauseReader& reader) {
  if (reader.TakeWord("cascade")) return std::string("CASCADE");
  if (reader.TakeWord("restrict")) return std::string("RESTRICT");
  if (reader.TakeWords({"set", "null"})) return std::string("SET NULL");
  if (reader.TakeWords({"set", "default"})) return std::string("SET DEFAULT");
  if (reader.TakeWords({"no", "action"})) return std::string("NO ACTION");
  return reader.Expected("an action of a foreign key");
}

absl::StatusOr<ForeignKey> TakeForeignKey(ClauseReader& reader) {
  ForeignKey key;
  BONNIE_ASSIGN_OR_RETURN(key.columns, reader.TakeNames());
  if (!reader.TakeWord("references")) return reader.Expected("REFERENCES");
  BONNIE_ASSIGN_OR_RETURN(key.referenced_table, reader.TakeName());
  if (reader.TakeSign(".")) {
    key.referenced_schema = std::move(key.referenced_table);
    BONNIE_ASSIGN_OR_RETURN(key.referenced_table, reader.TakeName());
  }
  BONNIE_ASSIGN_OR_RETURN(key.referenced_columns, reader.TakeNames());
  while (!reader.AtEnd()) {
    if (reader.TakeWords({"on", "delete"})) {
      BONNIE_ASSIGN_OR_RETURN(key.on_delete, TakeAction(reader));
    } else if (reader.TakeWords({"on", "update"})) {
      BONNIE_ASSIGN_OR_RETURN(key.on_update, TakeAction(reader));
    } else {
      return reader.Expected("ON DELETE or ON UPDATE");
    }
  }
  return key;
}

absl::StatusOr<Check> TakeCheck(ClauseReader& reader) {
  Check check;
  BONNIE_ASSIGN_OR_RETURN(const absl::string_view expression, reader.TakeGroup());
  check.expression = std::string(expression);
  check.enforced = !reader.TakeWords({"not", "enforced"});
  return check;
}

absl::Status TakeConstraint(ClauseReader& reader, absl::string_view clause, Table* table) {
  BONNIE_ASSIGN_OR_RETURN(std::string name, reader.TakeName());
  if (reader.TakeWords({"foreign", "key"})) {
    BONNIE_ASSIGN_OR_RETURN(ForeignKey key, TakeForeignKey(reader));
    key.name = std::move(name);
    key.definition = std::string(clause);
    table->foreign_keys.push_back(std::move(key));
  } else if (reader.TakeWord("check")) {
    BONNIE_ASSIGN_OR_RETURN(Check check, TakeCheck(reader));
    check.name = std::move(name);
    check.definition = std::string(clause);
    table->checks.push_back(std::move(check));
  } else {
    return reader.Expected("FOREIGN KEY or CHECK");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseKey(absl::string_view clause, Table* table) {
  clause = absl::StripAsciiWhitespace(clause);
  ClauseReader reader(clause);
  if (const absl::optional<Index::Kind> kind = TakeKind(reader); kind.has_value()) {
    BONNIE_ASSIGN_OR_RETURN(Index index, TakeIndex(reader, *kind));
    index.definition = std::string(clause);
    table->indexes.push_back(std::move(index));
  } else if (reader.TakeWord("constraint")) {
    BONNIE_RETURN_IF_ERROR(TakeConstraint(reader, clause, table));
  } else if (reader.TakeWords({"period", "for"})) {
    BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
    BONNIE_RETURN_IF_ERROR(reader.TakeNames().status());
    table->periods.push_back(std::string(clause));
  } else {
    return reader.Expected("a column, KEY, CONSTRAINT or PERIOD");
  }
  return reader.AtEnd() ? absl::OkStatus() : reader.Expected("the end of the clause");
}

}  // namespace bonnie::schema
