#include "services/schema/clause_reader.h"

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

const Token& ClauseReader::Peek(size_t ahead) const {
  static const Token* const kEnd = new Token();
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : *kEnd;
}

bool ClauseReader::AtWord(absl::string_view word) const {
  if (Peek().kind != Token::Kind::kWord || Peek().text != word) return false;
  const auto is_sign = [&](size_t back, absl::string_view sign) {
    return at_ >= back && tokens_[at_ - back].kind == Token::Kind::kSign && tokens_[at_ - back].text == sign;
  };
  const bool follows_number = at_ >= 2 && tokens_[at_ - 2].kind == Token::Kind::kNumber;  // `1.` is one
  return !is_sign(1, "@") && (!is_sign(1, ".") || follows_number);
}

bool ClauseReader::AtAnyWord(std::initializer_list<absl::string_view> words) const {
  return absl::c_any_of(words, [this](absl::string_view word) { return AtWord(word); });
}

bool ClauseReader::AtSign(absl::string_view sign) const {
  return Peek().kind == Token::Kind::kSign && Peek().text == sign;
}

bool ClauseReader::TakeWord(absl::string_view word) {
  if (!AtWord(word)) return false;
  ++at_;
  return true;
}

bool ClauseReader::TakeAnyWord(std::initializer_list<absl::string_view> words) {
  return absl::c_any_of(words, [this](absl::string_view word) { return TakeWord(word); });
}

bool ClauseReader::TakeWords(std::initializer_list<absl::string_view> words) {
  const size_t before = at_;
  for (const absl::string_view word : words) {
    if (TakeWord(word)) continue;
    at_ = before;
    return false;
  }
  return true;
}

bool ClauseReader::TakeSign(absl::string_view sign) {
  if (!AtSign(sign)) return false;
  ++at_;
  return true;
}

absl::StatusOr<std::string> ClauseReader::TakeName() {
  if (Peek().name.empty()) return Expected("a name");
  return tokens_[at_++].name;
}

absl::StatusOr<std::string> ClauseReader::TakeString() {
  if (Peek().kind != Token::Kind::kString) return Expected("a string");
  return tokens_[at_++].text;
}

absl::StatusOr<int> ClauseReader::TakeNumber() {
  int number = 0;
  if (Peek().kind != Token::Kind::kNumber || !absl::SimpleAtoi(Peek().text, &number)) return Expected("a number");
  ++at_;
  return number;
}

absl::StatusOr<absl::string_view> ClauseReader::TakeGroup() {
  if (!AtSign("(")) return Expected("'('");
  const size_t begin = tokens_[at_].end;
  int depth = 0;
  for (size_t i = at_; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != Token::Kind::kSign) continue;
    if (tokens_[i].text == "(") ++depth;
    if (tokens_[i].text == ")" && --depth == 0) {
      at_ = i + 1;
      return text_.substr(begin, tokens_[i].begin - begin);
    }
  }
  return Expected("')'");
}

absl::StatusOr<std::vector<std::string>> ClauseReader::TakeNames() {
  if (!TakeSign("(")) return Expected("'('");
  std::vector<std::string> names;
  do {
    BONNIE_ASSIGN_OR_RETURN(names.emplace_back(), TakeName());
  } while (TakeSign(","));
  if (!TakeSign(")")) return Expected("')'");
  return names;
}

absl::Status ClauseReader::Expected(absl::string_view what) const {
  constexpr size_t kExcerpt = 40;
  return absl::InvalidArgumentError(
      absl::StrCat("want ", what, " at '", AtEnd() ? "the end" : text_.substr(tokens_[at_].begin, kExcerpt), "'"));
}

}  // namespace bonnie::schema
