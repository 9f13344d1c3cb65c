#include "services/schema/sql_gate/normal_sql.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;

// The newest releases that are known: comments beyond them are refused, because what a server does with them is not
// known. MySQL writes 9.7.4 as 90704, MariaDB 10.11.19 as 101119.
constexpr int kMySqlBeyond = 91000, kMariaDbBeyond = 130000;
// MariaDB skips `/*!` comments of these numbers, which are MySQL's: MariaDB Knowledge Base, "Comment Syntax".
constexpr int kMySqlOnlyFrom = 50700, kMySqlOnlyTo = 99999;

enum class Treatment { kOpen, kSkip, kUnknown };

// What a server of `flavour` does with a version comment. `digits`: its number, may be empty.
Treatment TreatmentOf(absl::string_view digits, bool for_mariadb, Flavour flavour) {
  if (flavour == Flavour::kMySql && for_mariadb) return Treatment::kSkip;
  if (digits.empty()) return Treatment::kOpen;
  int number = 0;
  if (digits.size() < 5 || digits.size() > 6 || !absl::SimpleAtoi(digits, &number)) return Treatment::kUnknown;
  if (flavour == Flavour::kMySql) {
    if (number >= 100000) return Treatment::kSkip;  // MariaDB's
    return number < kMySqlBeyond ? Treatment::kOpen : Treatment::kUnknown;
  }
  if (!for_mariadb && number >= kMySqlOnlyFrom && number <= kMySqlOnlyTo) return Treatment::kSkip;
  return number < kMariaDbBeyond ? Treatment::kOpen : Treatment::kUnknown;
}

class Normalizer {
 public:
  Normalizer(absl::string_view sql, Flavour flavour) : sql_(sql), flavour_(flavour) {}

  absl::StatusOr<std::string> Run() {
    while (at_ < sql_.size()) BONNIE_RETURN_IF_ERROR(Step());
    if (open_ > 0) return Bad("this version comment does not end");
    const absl::string_view trimmed = absl::StripAsciiWhitespace(text_);
    return std::string(trimmed);
  }

 private:
  absl::Status Step() {
    const absl::string_view rest = sql_.substr(at_);
    if (BeginsLineComment(sql_, at_)) {
      Drop(std::min(sql_.find('\n', at_), sql_.size()));
    } else if (absl::StartsWith(rest, "/*!") || absl::StartsWith(rest, "/*M!")) {
      return TakeVersionComment();
    } else if (absl::StartsWith(rest, "/*")) {
      const size_t end = sql_.find("*/", at_ + 2);
      if (end == absl::string_view::npos) return Bad("this comment does not end");
      Drop(end + 2);
    } else if (absl::StartsWith(rest, "*/")) {
      if (open_ == 0) return Bad("'*/' ends no comment");
      --open_;
      Drop(at_ + 2);
    } else if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
      const size_t end = EndOfQuoted(sql_, at_);
      if (end == absl::string_view::npos) return Bad("this string or quoted name does not end");
      Keep(end);
    } else {
      Keep(at_ + 1);
    }
    return absl::OkStatus();
  }

  absl::Status TakeVersionComment() {
    const bool for_mariadb = sql_[at_ + 2] == 'M';
    const size_t number = at_ + (for_mariadb ? 4 : 3);
    size_t begin = number;
    while (begin < sql_.size() && absl::ascii_isdigit(sql_[begin])) ++begin;
    switch (TreatmentOf(sql_.substr(number, begin - number), for_mariadb, flavour_)) {
      case Treatment::kOpen:
        ++open_;
        Drop(begin);
        return absl::OkStatus();
      case Treatment::kSkip:
        return SkipBlock();
      case Treatment::kUnknown:
        break;
    }
    return Bad(absl::StrCat("a version comment of number ", sql_.substr(number, begin - number),
                            " is of no supported release; write what it holds without it, or remove it"));
  }

  // Over a version comment that the server skips, and those in it.
  absl::Status SkipBlock() {
    int depth = 0;
    for (size_t end = at_; end + 1 < sql_.size(); ++end) {
      if (sql_[end] == '/' && sql_[end + 1] == '*') {
        ++depth;
        ++end;
      } else if (sql_[end] == '*' && sql_[end + 1] == '/') {
        ++end;
        if (--depth == 0) {
          Drop(end + 1);
          return absl::OkStatus();
        }
      }
    }
    return Bad("this version comment does not end");
  }

  void Keep(size_t end) {
    absl::StrAppend(&text_, sql_.substr(at_, end - at_));
    at_ = end;
  }
  void Drop(size_t end) {
    text_ += ' ';
    text_.append(absl::c_count(sql_.substr(at_, end - at_), '\n'), '\n');
    at_ = end;
  }
  absl::Status Bad(absl::string_view what) const { return absl::InvalidArgumentError(what); }

  const absl::string_view sql_;
  const Flavour flavour_;
  size_t at_ = 0;
  int open_ = 0;  // version comments that were opened and have not ended
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> NormalizeSql(absl::string_view sql, Flavour flavour) {
  return Normalizer(sql, flavour).Run();
}

}  // namespace bonnie::schema
