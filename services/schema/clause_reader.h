#ifndef BONNIE_SERVICES_SCHEMA_CLAUSE_READER_H_
#define BONNIE_SERVICES_SCHEMA_CLAUSE_READER_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

// Reads a clause of a statement from left to right, a token or a pair of parentheses at a time. Version comments are
// looked into and plain comments passed over. The text outlives the reader, and what it answers points into the text.
// Every kInvalidArgument names what is wanted and what is there.
class ClauseReader {
 public:
  explicit ClauseReader(absl::string_view text) : text_(text), tokens_(Tokenize(text)) {}

  bool AtEnd() const { return at_ >= tokens_.size(); }
  // The token `ahead` places after the next one; an empty sign beyond the end.
  const Token& Peek(size_t ahead = 0) const;
  // Whether `word`, in lower case, comes next as a word of the language: `@do` is a variable and `t.do`
  // a column.
  bool AtWord(absl::string_view word) const;
  bool AtAnyWord(std::initializer_list<absl::string_view> words) const;
  bool AtSign(absl::string_view sign) const;
  void Skip() { ++at_; }
  bool TakeWord(absl::string_view word);
  bool TakeAnyWord(std::initializer_list<absl::string_view> words);
  // All of them one after the other, or none.
  bool TakeWords(std::initializer_list<absl::string_view> words);
  bool TakeSign(absl::string_view sign);

  // A name, quoted or not.
  absl::StatusOr<std::string> TakeName();
  absl::StatusOr<std::string> TakeString();
  absl::StatusOr<int> TakeNumber();
  // What is between the parenthesis that comes next and its partner.
  absl::StatusOr<absl::string_view> TakeGroup();
  // "(`a`, `b`)".
  absl::StatusOr<std::vector<std::string>> TakeNames();

  // Where the next token begins and the last one taken ended, as places in the text.
  size_t next_begin() const { return AtEnd() ? text_.size() : tokens_[at_].begin; }
  size_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].end; }
  absl::string_view Between(size_t begin, size_t end) const { return text_.substr(begin, end - begin); }

  absl::Status Expected(absl::string_view what) const;

 private:
  const absl::string_view text_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CLAUSE_READER_H_
