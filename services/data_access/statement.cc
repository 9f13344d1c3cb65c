#include "services/data_access/statement.h"

#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bonnie::data_access {
namespace {

// Reads exactly `digits` digits at the front.
bool ConsumeNumber(absl::string_view* text, size_t digits, int* number) {
  if (text->size() < digits || !absl::SimpleAtoi(text->substr(0, digits), number)) return false;
  text->remove_prefix(digits);
  return true;
}

bool ConsumeChar(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

bool ConsumeDay(absl::string_view* text, absl::CivilDay* day) {
  int year = 0, month = 0, day_of_month = 0;
  if (!ConsumeNumber(text, 4, &year) || !ConsumeChar(text, '-') || !ConsumeNumber(text, 2, &month) ||
      !ConsumeChar(text, '-') || !ConsumeNumber(text, 2, &day_of_month)) {
    return false;
  }
  *day = absl::CivilDay(year, month, day_of_month);
  return day->month() == month && day->day() == day_of_month;  // CivilDay carries 02-30 over into March
}

// YYYY-MM-DD hh:mm:ss with up to six more digits, as both servers write it.
bool ParseTime(absl::string_view text, absl::Time* time) {
  absl::CivilDay day;
  int hour = 0, minute = 0, second = 0, micros = 0;
  if (!ConsumeDay(&text, &day) || !ConsumeChar(&text, ' ') || !ConsumeNumber(&text, 2, &hour) ||
      !ConsumeChar(&text, ':') || !ConsumeNumber(&text, 2, &minute) || !ConsumeChar(&text, ':') ||
      !ConsumeNumber(&text, 2, &second)) {
    return false;
  }
  if (ConsumeChar(&text, '.')) {
    const size_t digits = text.size();
    if (digits > 6 || !ConsumeNumber(&text, digits, &micros)) return false;
    for (size_t i = digits; i < 6; ++i) micros *= 10;
  }
  if (!text.empty() || hour > 23 || minute > 59 || second > 59) return false;
  const absl::CivilSecond civil(day.year(), day.month(), day.day(), hour, minute, second);
  *time = absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
  return true;
}

}  // namespace

Value ToValue(bool value) { return Value(std::int64_t{value}); }
Value ToValue(int value) { return Value(std::int64_t{value}); }
Value ToValue(std::int64_t value) { return Value(value); }
Value ToValue(double value) { return Value(value); }
Value ToValue(absl::string_view value) { return Value(std::string(value)); }
Value ToValue(const char* value) { return Value(std::string(value)); }
Value ToValue(const std::string& value) { return Value(value); }
Value ToValue(std::string&& value) { return Value(std::move(value)); }
Value ToValue(Bytes value) { return Value(std::move(value)); }

Value ToValue(absl::CivilDay value) {
  return Value(absl::StrFormat("%04d-%02d-%02d", value.year(), value.month(), value.day()));
}

Value ToValue(absl::Time value) { return Value(absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S", value, absl::UTCTimeZone())); }

bool Rows::Next() {
  if (!status_.ok() || row_ + 1 >= size()) return false;
  ++row_;
  return true;
}

const Rows::Cell& Rows::At(int column) const {
  static constexpr Cell kNothing;
  if (row_ < 0 || row_ >= size() || column < 0 || column >= columns_) return kNothing;
  return cells_[static_cast<size_t>(row_) * columns_ + column];
}

void Rows::Fail(int column, absl::string_view want) {
  if (!status_.ok()) return;
  const absl::string_view found = IsNull(column) ? "NULL" : "another type or range";
  status_ = absl::InternalError(absl::StrCat("column ", column, " of a database row: ", found, ", want ", want));
}

bool Rows::IsNull(int column) const { return At(column).kind == Cell::Kind::kNull; }

std::int64_t Rows::Int64(int column) {
  const Cell& cell = At(column);
  const bool fits = cell.kind == Cell::Kind::kInteger || (cell.kind == Cell::Kind::kUnsigned && cell.integer >= 0);
  if (fits) return cell.integer;
  Fail(column, "an integer");
  return 0;
}

double Rows::Double(int column) {
  const Cell& cell = At(column);
  switch (cell.kind) {
    case Cell::Kind::kReal:
      return cell.real;
    case Cell::Kind::kInteger:
      return static_cast<double>(cell.integer);
    case Cell::Kind::kUnsigned:
      return static_cast<double>(static_cast<std::uint64_t>(cell.integer));
    case Cell::Kind::kText: {  // DECIMAL
      double value = 0;
      if (absl::SimpleAtod(Text(column), &value)) return value;
      break;
    }
    case Cell::Kind::kNull:
      break;
  }
  Fail(column, "a number");
  return 0;
}

absl::string_view Rows::Text(int column) {
  const Cell& cell = At(column);
  if (cell.kind == Cell::Kind::kText) return absl::string_view(buffer_).substr(cell.offset, cell.length);
  Fail(column, "text");
  return "";
}

absl::CivilDay Rows::Date(int column) {
  absl::string_view text = Text(column);
  absl::CivilDay day;
  if (ConsumeDay(&text, &day) && text.empty()) return day;
  Fail(column, "a date");
  return absl::CivilDay();
}

absl::Time Rows::Time(int column) {
  absl::Time time;
  if (ParseTime(Text(column), &time)) return time;
  Fail(column, "a time");
  return absl::UnixEpoch();
}

absl::optional<std::string> Rows::OptionalText(int column) {
  if (IsNull(column)) return absl::nullopt;
  return std::string(Text(column));
}

absl::optional<absl::CivilDay> Rows::OptionalDate(int column) {
  if (IsNull(column)) return absl::nullopt;
  return Date(column);
}

absl::optional<absl::Time> Rows::OptionalTime(int column) {
  if (IsNull(column)) return absl::nullopt;
  return Time(column);
}

void Rows::AddNull() { cells_.push_back(Cell()); }

void Rows::AddInteger(std::int64_t value) {
  Cell& cell = cells_.emplace_back();
  cell.kind = Cell::Kind::kInteger;
  cell.integer = value;
}

void Rows::AddUnsigned(std::uint64_t value) {
  Cell& cell = cells_.emplace_back();
  cell.kind = Cell::Kind::kUnsigned;
  cell.integer = static_cast<std::int64_t>(value);
}

void Rows::AddReal(double value) {
  Cell& cell = cells_.emplace_back();
  cell.kind = Cell::Kind::kReal;
  cell.real = value;
}

void Rows::AddText(absl::string_view value) {
  // Offsets are 32 bits wide: an answer of 4 GiB is a query without LIMIT.
  if (buffer_.size() + value.size() > std::numeric_limits<std::uint32_t>::max()) {
    status_ = absl::InternalError("an answer of the database is larger than 4 GiB");
    return AddNull();
  }
  Cell& cell = cells_.emplace_back();
  cell.kind = Cell::Kind::kText;
  cell.offset = static_cast<std::uint32_t>(buffer_.size());
  cell.length = static_cast<std::uint32_t>(value.size());
  buffer_.append(value.data(), value.size());
}

}  // namespace bonnie::data_access
