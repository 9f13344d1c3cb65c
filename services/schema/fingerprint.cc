#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/create_table.h"
#include "services/schema/inspect.h"
#include "services/schema/plan.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

// With its length, so that no two lists of parts make the same text.
void Append(absl::string_view part, std::string* text) { absl::StrAppend(text, part.size(), ":", part); }

std::string WithoutCounter(Table table) {
  std::erase_if(table.options, [](const TableOption& option) { return option.name == "AUTO_INCREMENT"; });
  return WriteCreateTable(table, /*with_foreign_keys=*/true);
}

// An expression as both flavours could have written it: no spaces, parentheses, quotes of names or charset introducers.
// Text within quotes stays.
std::string Plain(absl::string_view expression) {
  std::string plain;
  for (size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    if (c == '\'') {
      const size_t end = std::min(EndOfQuoted(expression, at), expression.size());
      absl::StrAppend(&plain, expression.substr(at, end - at));
      at = end;
    } else if (absl::StartsWith(expression.substr(at), "_utf8mb4'")) {
      at += sizeof("_utf8mb4") - 1;
    } else {
      if (!absl::ascii_isspace(c) && c != '(' && c != ')' && c != '`') plain += absl::ascii_tolower(c);
      ++at;
    }
  }
  return plain;
}

bool IsJson(const Column& column) {
  return column.type == "json" || (column.type == "longtext" && absl::StartsWith(column.check, "json_valid("));
}

std::string PlainType(const Column& column) {
  if (IsJson(column)) return "json";
  const absl::string_view type = column.type;
  const size_t open = type.find('('), close = type.find(')');
  const bool has_width = open != type.npos && close != type.npos && !absl::StrContains(type, "zerofill") &&
                         type != "tinyint(1)" && (absl::EndsWith(type.substr(0, open), "int") || type == "year(4)");
  return has_width ? absl::StrCat(type.substr(0, open), type.substr(close + 1)) : std::string(type);
}

std::string PlainDefault(const Column& column) {
  const std::string value = column.default_value.value_or("NULL");
  const bool text = !column.charset.empty() || IsJson(column);
  absl::string_view plain = value;
  // MySQL writes numbers between quotes.
  if (!text && plain.size() >= 2 && plain.front() == '\'') plain = plain.substr(1, plain.size() - 2);
  return Plain(plain);
}

std::string PlainColumn(const Column& column) {
  return absl::StrJoin(
      {column.name, PlainType(column), std::string(column.nullable ? "NULL" : "NOT NULL"), PlainDefault(column),
       Plain(column.on_update), Plain(column.generated), std::string(column.stored ? "STORED" : ""),
       std::string(column.auto_increment ? "AUTO_INCREMENT" : ""), std::string(column.invisible ? "INVISIBLE" : ""),
       IsJson(column) ? std::string() : column.charset, IsJson(column) ? std::string() : column.collation,
       IsJson(column) ? std::string() : Plain(column.check), column.comment},
      "\n");
}

std::string PlainIndex(const Index& index) {
  std::string text = absl::StrCat(static_cast<int>(index.kind), " ", index.name, " ", index.invisible, " ", index.parser, " ",
                                  index.comment);
  for (const IndexPart& part : index.parts) {
    absl::StrAppend(&text, "\n", part.column, "|", Plain(part.expression), "|", part.prefix, "|", part.descending);
  }
  return text;
}

std::string PlainAction(const std::string& action) {
  return action.empty() || action == "NO ACTION" ? "RESTRICT" : action;
}

std::string PlainForeignKey(const ForeignKey& key) {
  return absl::StrJoin({key.name, absl::StrJoin(key.columns, ","), key.referenced_schema, key.referenced_table,
                        absl::StrJoin(key.referenced_columns, ","), PlainAction(key.on_delete), PlainAction(key.on_update)},
                       "\n");
}

// Constraints and indexes in any order are the same.
template <class Part, class Write>
void AppendSorted(const std::vector<Part>& parts, Write write, std::string* text) {
  std::vector<std::string> texts;
  for (const Part& part : parts) texts.push_back(write(part));
  std::sort(texts.begin(), texts.end());
  for (const std::string& one : texts) Append(one, text);
}

std::string PlainTable(const Table& table) {
  std::string text;
  Append(table.name, &text);
  for (const Column& column : table.columns) Append(PlainColumn(column), &text);
  AppendSorted(table.indexes, PlainIndex, &text);
  AppendSorted(table.foreign_keys, PlainForeignKey, &text);
  AppendSorted(table.checks, [](const Check& c) { return absl::StrCat(c.name, "\n", Plain(c.expression), "\n", c.enforced); },
               &text);
  for (const char* option : {"ENGINE", "DEFAULT CHARSET", "COLLATE", "COMMENT"}) Append(table.option(option), &text);
  Append(Plain(table.partitioning), &text);
  return text;
}

}  // namespace

std::string ServerFingerprint(const Schema& schema) {
  std::string text;
  for (const auto& [name, table] : schema.tables) Append(WithoutCounter(table), &text);
  for (const StoredObject& object : schema.objects) {
    Append(absl::StrCat(static_cast<int>(object.object.kind), object.object.name), &text);
    Append(object.create_statement, &text);
  }
  return Sha256Hex(text);
}

std::string PortableFingerprint(const Schema& schema) {
  std::string text;
  for (const auto& [name, table] : schema.tables) Append(PlainTable(table), &text);
  for (const StoredObject& object : schema.objects) {
    Append(absl::StrCat(static_cast<int>(object.object.kind), object.object.name, object.table), &text);
  }
  return Sha256Hex(text);
}

}  // namespace bonnie::schema
