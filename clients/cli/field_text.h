#ifndef BONNIE_CLIENTS_CLI_FIELD_TEXT_H_
#define BONNIE_CLIENTS_CLI_FIELD_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bonnie/records/v1/resources.pb.h"
#include "bonnie/type/v1/date.pb.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf

namespace bonnie::cli {

// Values as people write and read them. Each is pure.

// kInvalidArgument: not YYYY-MM-DD, or no day of the calendar.
absl::StatusOr<type::v1::Date> ParseDate(absl::string_view text);
// The date of a year, month and day. kInvalidArgument: no day of the calendar.
absl::StatusOr<type::v1::Date> MakeDate(int year, int month, int day);
// kInvalidArgument: not one of female, male, other, unknown.
absl::StatusOr<records::v1::Gender> ParseGender(absl::string_view text);

std::string DateText(const type::v1::Date& date);                    // 1980-02-29
std::string GenderText(records::v1::Gender gender);                  // female; "" when unspecified
std::string TimeText(const google::protobuf::Timestamp& time);       // 2026-11-23T06:10:00Z, in UTC
std::string ElapsedText(const google::protobuf::Duration& elapsed);  // 0.12 s, 3 min, 5 h, 2 d: one unit, rounded down
std::string CountText(int64_t count);                                // 8,376

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_FIELD_TEXT_H_
