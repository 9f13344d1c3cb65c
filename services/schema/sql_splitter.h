#ifndef BONNIE_SERVICES_SCHEMA_SQL_SPLITTER_H_
#define BONNIE_SERVICES_SCHEMA_SQL_SPLITTER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::schema {

// One statement of an SQL text, and the comments right before it.
struct SplitStatement {
  std::string sql;                    // without leading comments and without its delimiter
  int line = 0;                       // where `sql` begins
  size_t begin = 0;                   // the same as a place in the text
  std::vector<std::string> comments;  // the `-- ` lines since the statement before, without the dashes
};

// Splits `text` at its delimiters as the mysql command does: not within strings, quoted names and comments; `/*! … */`
// and
// `/*M! … */` belong to their statement; a line `DELIMITER x` changes the delimiter. Pure.
// `first_line`: the number of the text's first line, for `line` and errors.
// kInvalidArgument: a string, quoted name or comment does not end; the message begins with the line's number and a
// colon.
absl::StatusOr<std::vector<SplitStatement>> SplitStatements(absl::string_view text, int first_line);

// A word, number, string, quoted name or sign of a statement.
struct Token {
  enum class Kind { kWord, kQuotedName, kString, kNumber, kSign } kind = Kind::kSign;
  std::string text;           // words in lower case; names and strings unquoted
  std::string name;           // of a word or quoted name: as it is written, unquoted
  size_t begin = 0, end = 0;  // its place in the statement, quotes included
};

// Takes a statement apart, leaving comments out and looking into `/*! … */`. Pure; never fails (what does not end is
// taken to the end). Strings are unquoted as in the default sql_mode: backslashes are escapes.
std::vector<Token> Tokenize(absl::string_view sql);

// Whether a comment up to the end of its line begins at `at`, as `# …` and `-- …` do. Pure.
bool BeginsLineComment(absl::string_view text, size_t at);

// Just after the string or quoted name whose quote is at `begin`; npos when it does not end.
size_t EndOfQuoted(absl::string_view text, size_t begin);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_SPLITTER_H_
