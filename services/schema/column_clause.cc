#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/data_access/status_macros.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table_parts.h"

namespace bonnie::schema {

namespace {

// Reads what comes after a column's name: its type, then attributes in any order.
class ColumnReader {
 public:
  ColumnReader(absl::string_view definition, Column* column) : reader_(definition), column_(*column) {}

  absl::Status Read() {
    BONNIE_RETURN_IF_ERROR(ReadType());
    while (!reader_.AtEnd()) BONNIE_RETURN_IF_ERROR(ReadAttribute());
    return absl::OkStatus();
  }

 private:
  absl::Status ReadType() {
    if (reader_.Peek().name.empty()) return reader_.Expected("a type");
    const size_t begin = reader_.next_begin();
    reader_.Skip();
    if (reader_.TakeSign(".")) {  // MariaDB: mariadb_schema.date
      BONNIE_RETURN_IF_ERROR(reader_.TakeName().status());
    }
    if (reader_.AtSign("(")) BONNIE_RETURN_IF_ERROR(reader_.TakeGroup().status());
    while (reader_.TakeWord("unsigned") || reader_.TakeWord("zerofill") || reader_.TakeWord("precision")) {
    }
    column_.type = std::string(reader_.Between(begin, reader_.last_end()));
    return absl::OkStatus();
  }

  absl::Status ReadAttribute() {
    if (reader_.TakeWords({"not", "null"})) {
      column_.nullable = false;
    } else if (reader_.TakeWord("null") || reader_.TakeWords({"not", "secondary"}) ||
               reader_.TakeWords({"without", "system", "versioning"}) ||
               reader_.TakeWords({"with", "system", "versioning"})) {
      // nothing that the struct keeps; `definition` has it
    } else if (reader_.TakeWord("auto_increment")) {
      column_.auto_increment = true;
    } else if (reader_.TakeWord("invisible")) {
      column_.invisible = true;
    } else if (reader_.TakeWords({"character", "set"}) || reader_.TakeWord("charset")) {
      BONNIE_ASSIGN_OR_RETURN(column_.charset, reader_.TakeName());
    } else if (reader_.TakeWord("collate")) {
      BONNIE_ASSIGN_OR_RETURN(column_.collation, reader_.TakeName());
    } else if (reader_.TakeWords({"generated", "always", "as"}) || reader_.TakeWord("as")) {
      return ReadGenerated();
    } else if (reader_.TakeWord("default")) {
      return ReadDefault();
    } else if (reader_.TakeWords({"on", "update"})) {
      BONNIE_ASSIGN_OR_RETURN(column_.on_update, TakeExpression());
    } else if (reader_.TakeWord("comment")) {
      BONNIE_ASSIGN_OR_RETURN(column_.comment, reader_.TakeString());
    } else if (reader_.TakeWord("check")) {
      BONNIE_ASSIGN_OR_RETURN(const absl::string_view check, reader_.TakeGroup());
      column_.check = std::string(check);
    } else {
      return ReadOption();
    }
    return absl::OkStatus();
  }

  absl::Status ReadGenerated() {
    if (reader_.TakeWords({"row", "start"})) {  // MariaDB: system versioning fills it
      column_.generated = "ROW START";
    } else if (reader_.TakeWords({"row", "end"})) {
      column_.generated = "ROW END";
    } else {
      BONNIE_ASSIGN_OR_RETURN(const absl::string_view expression, reader_.TakeGroup());
      column_.generated = std::string(expression);
      column_.stored = reader_.TakeWord("stored") || reader_.TakeWord("persistent");
      if (!column_.stored && !reader_.TakeWord("virtual")) return reader_.Expected("VIRTUAL or STORED");
    }
    return absl::OkStatus();
  }

  absl::Status ReadDefault() {
    if (reader_.TakeWord("null")) {
      column_.default_value = "NULL";
      return absl::OkStatus();
    }
    BONNIE_ASSIGN_OR_RETURN(column_.default_value, TakeExpression());
    return absl::OkStatus();
  }

  // A literal, a call, a column or an expression between parentheses: it ends where an attribute begins. The first
  // token is of the value even if it spells an attribute, such as a column named `comment`.
  absl::StatusOr<std::string> TakeExpression() {
    if (reader_.AtEnd()) return reader_.Expected("a value");
    const size_t begin = reader_.next_begin();
    do {
      if (reader_.AtSign("(")) {
        BONNIE_RETURN_IF_ERROR(reader_.TakeGroup().status());
      } else {
        reader_.Skip();
      }
    } while (!reader_.AtEnd() && !AtAttribute());
    return std::string(reader_.Between(begin, reader_.last_end()));
  }

  bool AtAttribute() const {
    return reader_.Peek().kind == Token::Kind::kQuotedName ||
           reader_.AtAnyWord({"as", "auto_increment", "check", "collate", "column_format", "comment",
                              "engine_attribute", "generated", "invisible", "not", "null", "on", "ref_system_id",
                              "secondary_engine_attribute", "srid", "storage", "with", "without"});
  }

  // Attributes with a value that only `definition` keeps; MariaDB's engines have such under quoted names.
  absl::Status ReadOption() {
    const bool known =
        reader_.Peek().kind == Token::Kind::kQuotedName ||
        reader_.AtAnyWord({"column_format", "compressed", "engine_attribute", "ref_system_id",
                           "secondary_engine_attribute", "srid", "storage"});
    if (!known) return reader_.Expected("a column's attribute");
    const bool has_value = !reader_.AtWord("compressed");
    reader_.Skip();
    if (!reader_.TakeSign("=") && !has_value) return absl::OkStatus();
    if (reader_.AtEnd() || reader_.Peek().kind == Token::Kind::kSign) return reader_.Expected("a value");
    reader_.Skip();
    return absl::OkStatus();
  }

  ClauseReader reader_;
  Column& column_;
};

}  // namespace

absl::StatusOr<Column> ParseColumn(absl::string_view clause) {
  ClauseReader reader(clause);
  Column column;
  BONNIE_ASSIGN_OR_RETURN(column.name, reader.TakeName());
  column.definition = std::string(absl::StripAsciiWhitespace(clause.substr(reader.last_end())));
  BONNIE_RETURN_IF_ERROR(ColumnReader(column.definition, &column).Read());
  return column;
}

}  // namespace bonnie::schema
