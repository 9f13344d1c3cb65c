#include "services/data_access/statement_text.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bonnie::data_access {
namespace {

struct Literal {
  std::string operator()(std::monostate) const { return "NULL"; }
  std::string operator()(std::int64_t value) const { return absl::StrCat(value); }
  // NaN and infinity have no literal, and no column takes them: 1e999 is refused (1367) as they are when bound (1264).
  std::string operator()(double value) const {
    return std::isfinite(value) ? absl::StrFormat("%.17e", value) : "1e999";
  }
  std::string operator()(const std::string& value) const {
    return absl::StrCat("_utf8mb4 X'", absl::BytesToHexString(value), "'");
  }
  std::string operator()(const Bytes& value) const {
    return absl::StrCat("X'", absl::BytesToHexString(value.data), "'");
  }
};

}  // namespace

std::string AsText(const Statement& statement) {
  std::string text;
  size_t next = 0;
  char quote = 0;  // the one we are within
  for (const char c : statement.text()) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '?' && next < statement.parameters().size()) {
      text += std::visit(Literal(), statement.parameters()[next++]);
      continue;
    }
    text += c;
  }
  return text;
}

}  // namespace bonnie::data_access
