#include "clients/cli/field_text.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace bonnie::cli {

using records::v1::Gender;

absl::StatusOr<type::v1::Date> MakeDate(int year, int month, int day) {
  const absl::CivilDay civil(year, month, day);  // which makes March 2 of February 30
  if (year < 1 || year > 9999 || civil.month() != month || civil.day() != day) {
    return absl::InvalidArgumentError("no day of the calendar");
  }
  type::v1::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

absl::StatusOr<type::v1::Date> ParseDate(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 ||
      text.find_first_not_of("0123456789-") != absl::string_view::npos || !absl::SimpleAtoi(parts[0], &year) ||
      !absl::SimpleAtoi(parts[1], &month) || !absl::SimpleAtoi(parts[2], &day)) {
    return absl::InvalidArgumentError("want YYYY-MM-DD");
  }
  return MakeDate(year, month, day);
}

absl::StatusOr<Gender> ParseGender(absl::string_view text) {
  for (const Gender gender :
       {records::v1::GENDER_FEMALE, records::v1::GENDER_MALE, records::v1::GENDER_OTHER, records::v1::GENDER_UNKNOWN}) {
    if (text == GenderText(gender)) return gender;
  }
  return absl::InvalidArgumentError("want female, male, other or unknown");
}

std::string DateText(const type::v1::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string GenderText(Gender gender) {
  constexpr absl::string_view kPrefix = "GENDER_";
  const std::string name = records::v1::Gender_Name(gender);
  if (gender == records::v1::GENDER_UNSPECIFIED || name.size() <= kPrefix.size()) return "";
  return absl::AsciiStrToLower(name.substr(kPrefix.size()));
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string ElapsedText(const google::protobuf::Duration& elapsed) {
  const int64_t seconds = elapsed.seconds();
  if (seconds < 10) return absl::StrFormat("%.2f s", static_cast<double>(seconds) + elapsed.nanos() * 1e-9);
  if (seconds < 120) return absl::StrCat(seconds, " s");
  if (seconds < 2 * 3600) return absl::StrCat(seconds / 60, " min");
  if (seconds < 48 * 3600) return absl::StrCat(seconds / 3600, " h");
  return absl::StrCat(seconds / 86400, " d");
}

std::string CountText(int64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace bonnie::cli
