#include "services/schema/lost_defaults.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/sql_text.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;

bool IsUtf8(absl::string_view text) { return FirstBadByte(text) == absl::string_view::npos; }

// A quoted default that may not be what was meant: the server writes `?` for what it cannot say.
bool MayBeLost(const Column& column) {
  if (!column.default_value.has_value() || !absl::StartsWith(*column.default_value, "'")) return false;
  const std::string& text = *column.default_value;
  return absl::StrContains(text, "?") || absl::StrContains(text, "\\0") || !IsUtf8(text);
}

// The bytes of a quoted default that is no UTF-8: a binary column's, which the server writes as they are; in
// hexadecimal. Empty where characters may be lost besides.
std::string BytesAsWritten(absl::string_view quoted) {
  if (IsUtf8(quoted) || absl::StrContains(quoted, "?") || absl::StrContains(quoted, "\\0")) return "";
  const std::string bytes = absl::StrReplaceAll(
      quoted.substr(1, quoted.size() - 2), {{"''", "'"}, {"\\n", "\n"}, {"\\r", "\r"}, {"\\\\", "\\"}});
  return absl::AsciiStrToUpper(absl::BytesToHexString(bytes));
}

bool HasLostLabels(const Column& column) {
  return (absl::StartsWith(column.type, "enum(") || absl::StartsWith(column.type, "set(")) &&
         absl::StrContains(column.type, "?");
}

// Joined by its whole primary key to '', which every type takes, the table becomes a constant one, and DEFAULT()
// answers without its having any row. Without such a key it does for a column that may be NULL, and for others once
// there is a row. (Measured, MariaDB 10.11.)
std::string QuestionFor(const Table& table, const Column& column) {
  std::string by_key = "FALSE";
  if (const Index* const key = table.FindIndex("PRIMARY"); key != nullptr) {
    by_key = absl::StrJoin(key->parts, " AND ", [](std::string* out, const IndexPart& part) {
      absl::StrAppend(out, "t.", QuoteName(part.column), " = ''");
    });
  }
  const std::string bytes = absl::StrCat("SELECT HEX(DEFAULT(t.", QuoteName(column.name), "))");
  const std::string name = absl::StrCat(QuoteName(table.name), " t");
  return absl::StrCat("SELECT COALESCE((", bytes, " FROM (SELECT 1) z LEFT JOIN ", name, " ON ", by_key, "), (", bytes,
                      " FROM ", name, " LIMIT 1))");
}

// The account has no right to read the table (or the column).
bool IsRefused(const absl::Status& status) {
  const auto fault = data_access::FaultOf(status);
  return fault.has_value() && (fault->number == 1142 || fault->number == 1143);
}

// Writes 0x… where the default stood.
void Recover(const std::string& hex, Column* column) {
  const std::string text = absl::StrCat("0x", hex);
  const std::string before = absl::StrCat("DEFAULT ", *column->default_value);
  const size_t at = column->definition.rfind(before);
  if (hex.empty() || at == std::string::npos) return;
  column->definition.replace(at, before.size(), absl::StrCat("DEFAULT ", text));
  column->default_bytes = hex;
  column->default_value = text;
}

}  // namespace

absl::StatusOr<bool> RecoverLostText(data_access::Connection& connection, Schema* schema) {
  std::vector<std::string> questions;
  std::vector<std::pair<const Table*, Column*>> asked;
  const bool mariadb = schema->flavour == data_access::Flavour::kMariaDb;
  for (auto& [name, table] : schema->tables) {
    for (Column& column : table.columns) {
      if (HasLostLabels(column)) {
        schema->unsupported.push_back({name, absl::StrCat("column ", column.name, ": labels"),
                                       "the server shows ? for characters outside the Basic Multilingual Plane"});
      }
      if (!mariadb || !MayBeLost(column)) continue;  // MySQL writes such defaults as 0x… itself
      if (const std::string hex = BytesAsWritten(*column.default_value); !hex.empty()) {
        Recover(hex, &column);
        continue;
      }
      questions.push_back(QuestionFor(table, column));
      asked.emplace_back(&table, &column);
    }
  }
  if (questions.empty()) return false;
  std::vector<absl::StatusOr<Rows>> answers = connection.QueryTexts(questions);
  for (size_t i = 0; i < asked.size(); ++i) {
    auto& [table, column] = asked[i];
    const bool refused = IsRefused(answers[i].status());
    if (absl::IsUnavailable(answers[i].status()) || absl::IsDeadlineExceeded(answers[i].status())) {
      return answers[i].status();
    }
    if (answers[i].ok() && answers[i]->Next() && !answers[i]->IsNull(0)) {
      const std::string hex(answers[i]->Text(0));
      if (hex.find_first_not_of("0123456789ABCDEF") == std::string::npos) Recover(hex, column);
    }
    if (!column->default_bytes.empty()) continue;
    schema->unsupported.push_back(
        {table->name, absl::StrCat("column ", column->name, ": default"),
         !refused ? "its bytes can only be asked of a table with a primary key of whole columns, or a row"
                  : "the account may not ask for its bytes (SELECT on the table is wanted)"});
  }
  return true;
}

}  // namespace bonnie::schema
