#include "services/schema/create_table.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table_parts.h"

namespace bonnie::schema {

namespace {

// `body` at its commas, not those within parentheses. Plain comments stay with the clause that they follow.
absl::StatusOr<std::vector<absl::string_view>> SplitClauses(absl::string_view body) {
  std::vector<absl::string_view> clauses;
  ClauseReader reader(body);
  size_t begin = 0;
  while (!reader.AtEnd()) {
    if (reader.AtSign("(")) {
      BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
    } else if (reader.AtSign(",")) {
      clauses.push_back(absl::StripAsciiWhitespace(reader.Between(begin, reader.next_begin())));
      reader.Skip();
      begin = reader.last_end();
    } else {
      reader.Skip();
    }
  }
  clauses.push_back(absl::StripAsciiWhitespace(body.substr(begin)));
  return clauses;
}

absl::Status ParseClause(absl::string_view clause, Table* table) {
  if (!absl::StartsWith(clause, "`")) return ParseKey(clause, table);
  BONNIE_ASSIGN_OR_RETURN(table->columns.emplace_back(), ParseColumn(clause));
  return absl::OkStatus();
}

bool HasCharset(const Column& column) {
  const absl::string_view type = column.type;
  const absl::string_view word = type.substr(0, type.find_first_of("( "));
  constexpr absl::string_view kTypes[] = {"char",       "varchar",  "tinytext", "text",
                                          "mediumtext", "longtext", "enum",     "set"};
  return absl::c_linear_search(kTypes, word);
}

// Fills in what a column's clause leaves to the table or to the collation's name.
void InheritCharset(const Table& table, Column* column) {
  if (!HasCharset(*column) || !column->charset.empty()) return;
  if (column->collation.empty()) {
    column->charset = table.option("DEFAULT CHARSET");
    column->collation = table.option("COLLATE");
  } else {
    column->charset = column->collation.substr(0, column->collation.find('_'));
  }
}

// The text without white space outside of quotes and without the signs around version comments: what must be equal
// for two texts to hold the same clauses.
std::string Squeeze(absl::string_view text) {
  std::string squeezed;
  size_t at = 0;
  auto keep = [&](size_t end) {
    for (; at < end; ++at) {
      if (!absl::ascii_isspace(text[at])) squeezed += text[at];
    }
  };
  while (at < text.size()) {
    const absl::string_view rest = text.substr(at);
    const char c = text[at];
    if (c == '\'' || c == '"' || c == '`') {
      const size_t end = EndOfQuoted(text, at);
      absl::StrAppend(&squeezed, rest.substr(0, end - at));
      at = std::min(end, text.size());
    } else if (absl::StartsWith(rest, "/*!") || absl::StartsWith(rest, "/*M!")) {
      at += rest.find('!') + 1;
      while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
    } else if (absl::StartsWith(rest, "*/")) {
      at += std::strlen("*/");
    } else {
      keep(at + 1);
    }
  }
  return squeezed;
}

// A column's clause for a new table. MySQL shows the collation that a column has from its table, but a column that is
// made with it shows the charset too from then on: it is left to the table again.
std::string ClauseFor(const Table& table, const Column& column) {
  std::string clause = absl::StrCat(QuoteName(column.name), " ", column.definition);
  const std::string collation = table.option("COLLATE");
  const std::string inherited = absl::StrCat(" COLLATE ", collation);
  const std::string shown = absl::StrCat(QuoteName(column.name), " ", column.type, inherited);
  if (!collation.empty() && absl::StartsWith(clause, shown) &&
      (clause.size() == shown.size() || clause[shown.size()] == ' ')) {
    clause.erase(shown.size() - inherited.size(), inherited.size());
  }
  return clause;
}

// MariaDB writes this period after the keys, others before them.
bool IsSystemTime(const std::string& period) { return absl::StartsWith(period, "PERIOD FOR SYSTEM_TIME "); }

// The statement with these clauses of columns.
std::string Assemble(const Table& table, std::vector<std::string> clauses, bool with_foreign_keys) {
  for (const std::string& period : table.periods) {
    if (!IsSystemTime(period)) clauses.push_back(period);
  }
  for (const Index& index : table.indexes) clauses.push_back(index.definition);
  absl::c_copy_if(table.periods, std::back_inserter(clauses), IsSystemTime);
  if (with_foreign_keys) {
    for (const ForeignKey& key : table.foreign_keys) clauses.push_back(key.definition);
  }
  for (const Check& check : table.checks) clauses.push_back(check.definition);
  std::string text =
      absl::StrCat("CREATE TABLE ", QuoteName(table.name), " (\n  ", absl::StrJoin(clauses, ",\n  "), "\n)");
  for (const TableOption& option : table.options) absl::StrAppend(&text, " ", WriteOption(option));
  if (!table.partitioning.empty()) absl::StrAppend(&text, "\n", table.partitioning);
  return text;
}

// As SHOW CREATE wrote it.
std::string AsShown(const Table& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    columns.push_back(absl::StrCat(QuoteName(column.name), " ", column.definition));
  }
  return Assemble(table, std::move(columns), /*with_foreign_keys=*/true);
}

absl::StatusOr<Table> Parse(absl::string_view text) {
  ClauseReader reader(text);
  Table table;
  if (!reader.TakeWords({"create", "table"})) return reader.Expected("CREATE TABLE");
  BONNIE_ASSIGN_OR_RETURN(table.name, reader.TakeName());
  BONNIE_ASSIGN_OR_RETURN(const absl::string_view body, reader.TakeGroup());
  BONNIE_ASSIGN_OR_RETURN(const std::vector<absl::string_view> clauses, SplitClauses(body));
  for (const absl::string_view clause : clauses) {
    BONNIE_RETURN_IF_ERROR(ParseClause(clause, &table));
  }
  BONNIE_RETURN_IF_ERROR(ParseOptions(text.substr(reader.last_end()), &table));
  for (Column& column : table.columns) InheritCharset(table, &column);
  table.create_statement = std::string(text);
  if (Squeeze(AsShown(table)) != Squeeze(text)) {
    return absl::InvalidArgumentError("its clauses put together again are not the statement");
  }
  return table;
}

}  // namespace

absl::StatusOr<Table> ParseCreateTable(absl::string_view text) {
  absl::StatusOr<Table> table = Parse(text);
  if (table.ok()) return table;
  ClauseReader reader(text);
  reader.TakeWords({"create", "table"});
  const absl::string_view name = reader.Peek().name;
  return absl::Status(table.status().code(), absl::StrCat("table '", name, "': ", table.status().message()));
}

std::string WriteCreateTable(const Table& table, bool with_foreign_keys) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) columns.push_back(ClauseFor(table, column));
  return Assemble(table, std::move(columns), with_foreign_keys);
}

std::string QuoteName(absl::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted += '`';
}

std::string QuoteText(absl::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    switch (c) {
      case '\0': quoted += "\\0"; break;
      case '\n': quoted += "\\n"; break;
      case '\r': quoted += "\\r"; break;
      case '\x1a': quoted += "\\Z"; break;
      case '\\': quoted += "\\\\"; break;
      case '\'': quoted += "''"; break;
      default: quoted += c;
    }
  }
  return quoted += '\'';
}

}  // namespace bonnie::schema
