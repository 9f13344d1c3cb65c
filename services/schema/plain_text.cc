#include "services/schema/plain_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/expression_tree.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

// Of `_utf8mb4'x'`: the introducer's length, 0 for none. `_binary` says more than how the bytes came.
size_t IntroducerAt(absl::string_view text) {
  if (text.empty() || text[0] != '_') return 0;
  size_t end = 1;
  while (end < text.size() && absl::ascii_isalnum(text[end])) ++end;
  const bool is_one = end > 1 && end < text.size() && text[end] == '\'' && text.substr(0, end) != "_binary";
  return is_one ? end : 0;
}

bool IsNamePart(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '$'; }

// The bytes between quotes, with the escapes that SHOW CREATE writes undone.
std::string Unquoted(absl::string_view quoted) {
  std::string bytes;
  for (size_t at = 1; at + 1 < quoted.size(); ++at) {
    char c = quoted[at];
    if (c == '\\' && at + 2 < quoted.size()) {
      c = quoted[++at];
      if (c == '0') c = '\0';
      if (c == 'n') c = '\n';
      if (c == 'r') c = '\r';
      if (c == 'Z') c = '\x1a';
    } else if (c == '\'' && at + 2 < quoted.size() && quoted[at + 1] == '\'') {
      ++at;
    }
    bytes += c;
  }
  return bytes;
}

bool IsQuoted(absl::string_view text) { return text.size() >= 2 && text.front() == '\'' && text.back() == '\''; }

// 0x… or '…' as hexadecimal; anything else as it is.
std::string PlainBytes(absl::string_view text) {
  if (absl::StartsWith(text, "0x")) return absl::AsciiStrToLower(text.substr(2));
  return IsQuoted(text) ? absl::BytesToHexString(Unquoted(text)) : PlainExpression(text);
}

// Of what is no expression that is understood: no spaces, parentheses, quotes of names or introducers, in lower case.
// Text within quotes stays.
std::string Flat(absl::string_view expression) {
  std::string plain;
  for (size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    const bool begins_word = at == 0 || !IsNamePart(expression[at - 1]);
    if (c == '\'') {
      const size_t end = std::min(EndOfQuoted(expression, at), expression.size());
      absl::StrAppend(&plain, expression.substr(at, end - at));
      at = end;
    } else if (const size_t introducer = begins_word ? IntroducerAt(expression.substr(at)) : 0; introducer > 0) {
      at += introducer;
    } else {
      if (!absl::ascii_isspace(c) && c != '(' && c != ')' && c != '`') plain += absl::ascii_tolower(c);
      ++at;
    }
  }
  return plain;
}

}  // namespace

std::string PlainExpression(absl::string_view expression) {
  if (expression.empty()) return "";
  absl::optional<std::string> tree = ExpressionTree(expression);
  return tree.has_value() ? *std::move(tree) : Flat(expression);
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
  absl::string_view value = column.default_value.has_value() ? absl::string_view(*column.default_value) : "NULL";
  const bool is_binary = absl::StrContains(column.type, "binary") || absl::StrContains(column.type, "blob");
  if (is_binary || absl::StartsWith(value, "0x")) return PlainBytes(value);
  const bool is_text = !column.charset.empty() || IsJson(column);
  if (!is_text && IsQuoted(value)) return std::string(value.substr(1, value.size() - 2));  // MySQL quotes numbers
  // The two escape differently.
  return IsQuoted(value) ? absl::StrCat("'", Unquoted(value)) : PlainExpression(value);
}

std::string PlainCharset(absl::string_view name) {
  if (name == "utf8" || absl::StartsWith(name, "utf8_")) return absl::StrCat("utf8mb3", name.substr(4));
  return std::string(name);
}

std::string PlainCollation(const Table& table) {
  const std::string collation = table.option("COLLATE"), charset = table.option("DEFAULT CHARSET");
  if (!collation.empty() || charset.empty()) return PlainCharset(collation);
  if (charset == "binary") return charset;
  if (charset == "latin1") return "latin1_swedish_ci";
  return absl::StrCat(PlainCharset(charset), charset == "utf8mb4" ? "_0900_ai_ci" : "_general_ci");
}

std::string PlainAction(const std::string& action) {
  return action.empty() || action == "NO ACTION" ? "RESTRICT" : action;
}

}  // namespace bonnie::schema
