#include "services/schema/sql_splitter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

constexpr size_t kNone = absl::string_view::npos;

bool IsQuote(char c) { return c == '\'' || c == '"' || c == '`'; }

// A `--` begins a comment only before a space, a control character or the end: `5--3` is arithmetic.
bool IsDashComment(absl::string_view text, size_t at) {
  return absl::StartsWith(text.substr(at), "--") &&
         (at + 2 == text.size() || absl::ascii_isspace(text[at + 2]) || absl::ascii_iscntrl(text[at + 2]));
}

bool IsExecutableComment(absl::string_view text, size_t at) {
  return absl::StartsWith(text.substr(at), "/*!") || absl::StartsWith(text.substr(at), "/*M!");
}

size_t EndOfLine(absl::string_view text, size_t at) { return std::min(text.find('\n', at), text.size()); }

// Just after the comment that begins at `at`; npos when it does not end.
size_t EndOfBlock(absl::string_view text, size_t at) {
  const size_t end = text.find("*/", at + 2);
  return end == kNone ? kNone : end + 2;
}

// Walks over a text once, collecting statements.
class Splitter {
 public:
  Splitter(absl::string_view text, int first_line) : text_(text), first_line_(first_line) {}

  absl::StatusOr<std::vector<SplitStatement>> Run() {
    while (at_ < text_.size()) BONNIE_RETURN_IF_ERROR(Step());
    EndStatement(text_.size());
    return std::move(statements_);
  }

 private:
  absl::Status Step() {
    const bool between = begin_ == kNone;
    if (between && TakeDelimiterLine()) return absl::OkStatus();
    if (absl::StartsWith(text_.substr(at_), delimiter_)) {
      EndStatement(at_);
      at_ += delimiter_.size();
      return absl::OkStatus();
    }
    if (absl::ascii_isspace(text_[at_])) {
      ++at_;
      return absl::OkStatus();
    }
    if (BeginsLineComment(text_, at_)) {
      const size_t end = EndOfLine(text_, at_);
      if (between && text_[at_] == '-') {
        comments_.push_back(std::string(absl::StripAsciiWhitespace(text_.substr(at_ + 2, end - at_ - 2))));
      }
      at_ = end;
      return absl::OkStatus();
    }
    if (absl::StartsWith(text_.substr(at_), "/*")) {
      if (between && IsExecutableComment(text_, at_)) begin_ = at_;
      return SkipTo(EndOfBlock(text_, at_), "comment");
    }
    if (between) begin_ = at_;
    if (IsQuote(text_[at_])) return SkipTo(EndOfQuoted(text_, at_), text_[at_] == '`' ? "quoted name" : "string");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status SkipTo(size_t end, absl::string_view what) {
    if (end == kNone) {
      return absl::InvalidArgumentError(absl::StrCat(LineOf(at_), ": this ", what, " does not end"));
    }
    at_ = end;
    return absl::OkStatus();
  }

  // A command of the client's, not of the server's: at the beginning of a line, between statements.
  bool TakeDelimiterLine() {
    if (at_ > 0 && text_[at_ - 1] != '\n') return false;
    const absl::string_view line = text_.substr(at_, EndOfLine(text_, at_) - at_);
    if (!absl::StartsWithIgnoreCase(line, "delimiter ")) return false;
    const absl::string_view word = absl::StripLeadingAsciiWhitespace(line.substr(sizeof("delimiter ") - 1));
    if (word.empty()) return false;
    delimiter_ = std::string(word.substr(0, word.find_first_of(" \t\v\f\r")));
    at_ += line.size();
    return true;
  }

  void EndStatement(size_t end) {
    if (begin_ != kNone) {
      SplitStatement statement;
      statement.sql = std::string(absl::StripTrailingAsciiWhitespace(text_.substr(begin_, end - begin_)));
      statement.line = LineOf(begin_);
      statement.begin = begin_;
      statement.comments = std::move(comments_);
      statements_.push_back(std::move(statement));
    }
    begin_ = kNone;
    comments_.clear();
  }

  int LineOf(size_t at) const {
    return first_line_ + static_cast<int>(std::count(text_.begin(), text_.begin() + at, '\n'));
  }

  const absl::string_view text_;
  const int first_line_;
  size_t at_ = 0;
  size_t begin_ = kNone;  // of the statement we are in
  std::string delimiter_ = ";";
  std::vector<std::string> comments_;
  std::vector<SplitStatement> statements_;
};

// What a backslash and `c` stand for in a string.
void AppendEscaped(char c, std::string* text) {
  constexpr absl::string_view kEscapes = "0bnrtZ";
  constexpr absl::string_view kMeanings("\0\b\n\r\t\x1a", 6);
  if (const size_t known = kEscapes.find(c); known != kNone) {
    *text += kMeanings[known];
  } else {
    if (c == '%' || c == '_') *text += '\\';  // escapes of LIKE: they stay as they are
    *text += c;
  }
}

std::string Unquote(absl::string_view quoted) {
  const char quote = quoted[0];
  std::string text;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    const bool more = i + 2 < quoted.size();
    if (quoted[i] == '\\' && quote != '`' && more) {
      AppendEscaped(quoted[++i], &text);
    } else {
      if (quoted[i] == quote && more) ++i;  // doubled
      text += quoted[i];
    }
  }
  return text;
}

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool BeginsLineComment(absl::string_view text, size_t at) { return text[at] == '#' || IsDashComment(text, at); }

size_t EndOfQuoted(absl::string_view text, size_t begin) {
  const char quote = text[begin];
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote != '`') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] == quote) {
        ++i;  // doubled: one of the content
      } else {
        return i + 1;
      }
    }
  }
  return kNone;
}

absl::StatusOr<std::vector<SplitStatement>> SplitStatements(absl::string_view text, int first_line) {
  return Splitter(text, first_line).Run();
}

std::vector<Token> Tokenize(absl::string_view sql) {
  std::vector<Token> tokens;
  size_t at = 0;
  int executable = 0;  // comments that have begun and not ended
  while (at < sql.size()) {
    const char c = sql[at];
    size_t end = at + 1;
    if (absl::ascii_isspace(c)) {
    } else if (BeginsLineComment(sql, at)) {
      end = EndOfLine(sql, at);
    } else if (IsExecutableComment(sql, at)) {
      end = sql.find('!', at) + 1;  // its text is statement; the version number before it is not
      while (end < sql.size() && absl::ascii_isdigit(sql[end])) ++end;
      ++executable;
    } else if (executable > 0 && absl::StartsWith(sql.substr(at), "*/")) {
      end = at + 2;
      --executable;
    } else if (absl::StartsWith(sql.substr(at), "/*")) {
      end = std::min(EndOfBlock(sql, at), sql.size());
    } else if (IsQuote(c)) {
      end = std::min(EndOfQuoted(sql, at), sql.size());
      const std::string text = Unquote(sql.substr(at, end - at));
      tokens.push_back(
          {c == '`' ? Token::Kind::kQuotedName : Token::Kind::kString, text, c == '`' ? text : "", at, end});
    } else if (IsWordCharacter(c)) {
      while (end < sql.size() && IsWordCharacter(sql[end])) ++end;
      const absl::string_view text = sql.substr(at, end - at);
      const bool number = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
      tokens.push_back({number ? Token::Kind::kNumber : Token::Kind::kWord, absl::AsciiStrToLower(text),
                        std::string(text), at, end});
    } else {
      tokens.push_back({Token::Kind::kSign, std::string(1, c), "", at, end});
    }
    at = end;
  }
  return tokens;
}

}  // namespace bonnie::schema
