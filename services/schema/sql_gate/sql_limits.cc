#include "services/schema/sql_gate/sql_limits.h"

#include "absl/strings/str_cat.h"

namespace bonnie::schema {

absl::Status CheckSqlLimits(const std::vector<Token>& tokens) {
  std::vector<size_t> levels = {0};  // tokens since the last comma, for each parenthesis that is open
  size_t sum = 0;                    // of `levels`
  for (const Token& token : tokens) {
    const bool sign = token.kind == Token::Kind::kSign;
    if (sign && (token.text == "," || token.text == ";")) {
      sum -= levels.back();
      levels.back() = 0;
      continue;
    }
    ++levels.back();
    ++sum;
    if (sign && token.text == "(") levels.push_back(0);
    if (sign && token.text == ")" && levels.size() > 1) {
      sum -= levels.back();
      levels.pop_back();
    }
    if (levels.size() > kMaxSqlNesting + 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("parentheses are nested deeper than the ", kMaxSqlNesting, " levels that are allowed"));
    }
    if (sum > kMaxExpressionTokens) {
      return absl::InvalidArgumentError(
          absl::StrCat("an expression has more than the ", kMaxExpressionTokens, " words and signs that are allowed"));
    }
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
