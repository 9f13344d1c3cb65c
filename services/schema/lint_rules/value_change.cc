#include "services/schema/lint_rules/value_change.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/schema/lint_rules/column_type.h"

namespace bonnie::schema {

namespace {

using lint::ColumnType;

enum class Family {
  kInteger,
  kDecimal,
  kFloat,
  kDouble,
  kBit,
  kYear,
  kDate,
  kDateTime,
  kTimestamp,
  kTime,
  kText,   // CHAR, VARCHAR, TINYTEXT … LONGTEXT
  kBytes,  // BINARY, VARBINARY, TINYBLOB … LONGBLOB
  kEnum,
  kSet,
  kJson,
  kSpatial,
  kOther,
};

// A column's type before or after the change.
struct Side {
  explicit Side(const Column& column) : type(lint::ReadType(column)), charset(column.charset) {}

  Family family() const;
  int number(size_t at, int otherwise) const { return type.Number(at, otherwise); }
  bool is(absl::string_view word) const { return type.word == word; }

  ColumnType type;
  std::string charset;
};

Family Side::family() const {
  if (type.IsInteger()) return Family::kInteger;
  if (type.IsText() || is("char") || is("varchar")) return Family::kText;
  if (is("binary") || is("varbinary") || lint::BlobBytes(type) > 0) return Family::kBytes;
  if (type.IsSpatial()) return Family::kSpatial;
  static constexpr std::pair<absl::string_view, Family> kWords[] = {
      {"decimal", Family::kDecimal}, {"float", Family::kFloat},       {"double", Family::kDouble},
      {"bit", Family::kBit},         {"year", Family::kYear},         {"date", Family::kDate},
      {"time", Family::kTime},       {"datetime", Family::kDateTime}, {"timestamp", Family::kTimestamp},
      {"enum", Family::kEnum},       {"set", Family::kSet},           {"json", Family::kJson}};
  for (const auto& [word, family] : kWords) {
    if (is(word)) return family;
  }
  return Family::kOther;
}

ValueFate RefusedUnless(bool fits) { return fits ? ValueFate::kKept : ValueFate::kKeptOrRefused; }
ValueFate LostUnless(bool fits) { return fits ? ValueFate::kKept : ValueFate::kLost; }

// --- conversions -----------------------------------------------------------------------------------------------------

bool SignFits(const Side& was, const Side& is) { return was.type.is_unsigned || !is.type.is_unsigned; }

// Digits before the point that every value of the type has room for.
int WholeDigits(const Side& side) {
  if (side.is("decimal")) return side.number(0, 10) - side.number(1, 0);
  return static_cast<int>(std::floor(std::log10(lint::MaxInteger(side.type))));
}
int Scale(const Side& side) { return side.is("decimal") ? side.number(1, 0) : 0; }
int FractionDigits(const Side& side) { return side.number(0, 0); }

ValueFate Kept(const Side&, const Side&) { return ValueFate::kKept; }
ValueFate Lost(const Side&, const Side&) { return ValueFate::kLost; }
ValueFate KeptOrRefused(const Side&, const Side&) { return ValueFate::kKeptOrRefused; }

ValueFate Integers(const Side& was, const Side& is) {
  return RefusedUnless(SignFits(was, is) && lint::MaxInteger(is.type) >= lint::MaxInteger(was.type));
}
ValueFate IntegerToDecimal(const Side& was, const Side& is) {
  return RefusedUnless(SignFits(was, is) && WholeDigits(is) > WholeDigits(was));
}
// Integers below these are kept and shown in full by a FLOAT and by a DOUBLE.
constexpr double kFloatMost = 1e6, kDoubleMost = 1e15;
ValueFate IntegerToFloat(const Side& was, const Side& is) {
  return LostUnless(SignFits(was, is) && is.type.arguments.empty() && lint::MaxInteger(was.type) < kFloatMost);
}
ValueFate IntegerToDouble(const Side& was, const Side& is) {
  return LostUnless(SignFits(was, is) && is.type.arguments.empty() && lint::MaxInteger(was.type) < kDoubleMost);
}
// Digits behind the point that have no room are rounded; a number that is too large stops the statement.
ValueFate FromDecimal(const Side& was, const Side& is) {
  if (Scale(is) < Scale(was)) return ValueFate::kLost;
  return RefusedUnless(SignFits(was, is) && WholeDigits(is) >= WholeDigits(was));
}
ValueFate SameArguments(const Side& was, const Side& is) {
  return LostUnless(was.type.arguments == is.type.arguments && SignFits(was, is));
}
ValueFate SameLength(const Side& was, const Side& is) { return RefusedUnless(is.number(0, 1) >= was.number(0, 1)); }
ValueFate YearToInteger(const Side&, const Side& is) { return RefusedUnless(lint::MaxInteger(is.type) >= 2155); }
ValueFate Fractions(const Side& was, const Side& is) { return LostUnless(FractionDigits(is) >= FractionDigits(was)); }
// The range of a TIMESTAMP is smaller.
ValueFate ToTimestamp(const Side& was, const Side& is) {
  return FractionDigits(is) < FractionDigits(was) && !was.is("date") ? ValueFate::kLost : ValueFate::kKeptOrRefused;
}

// Characters of the longest value as text; 0 where that is not known.
int TextWidth(const Side& side) {
  const auto fraction = [&] { return FractionDigits(side) == 0 ? 0 : FractionDigits(side) + 1; };
  switch (side.family()) {
    case Family::kInteger:
      return std::max(WholeDigits(side) + 1 + (side.type.is_unsigned ? 0 : 1),
                      side.type.zerofill ? side.number(0, 0) : 0);
    case Family::kDecimal:
      return side.number(0, 10) + 2 + (WholeDigits(side) == 0 ? 1 : 0);
    case Family::kYear:
      return 4;
    case Family::kDate:
      return 10;
    case Family::kDateTime:
    case Family::kTimestamp:
      return 19 + fraction();
    case Family::kTime:
      return 10 + fraction();
    case Family::kEnum: {
      size_t longest = 0;
      for (const std::string& member : side.type.arguments) longest = std::max(longest, member.size());
      return static_cast<int>(longest);
    }
    case Family::kSet: {
      size_t all = 0;
      for (const std::string& member : side.type.arguments) all += member.size() + 1;
      return static_cast<int>(all);
    }
    default:
      return side.is("uuid") ? 36 : side.is("inet6") ? 39 : side.is("inet4") ? 15 : 0;
  }
}

// Whether text of `width` characters of `charset` has room.
bool HasRoom(const Side& is, int width, absl::string_view charset) {
  const double bytes = lint::TextBytes(is.type);
  if (bytes > 0) return width > 0 && bytes >= static_cast<double>(width) * lint::MaxBytes(charset);
  return width > 0 && is.number(0, 1) >= width;
}

ValueFate ToText(const Side& was, const Side& is) { return RefusedUnless(HasRoom(is, TextWidth(was), is.charset)); }

// Whether two VARCHARs store a value in the same way, length and characters, so that servers compare lengths only.
bool AreStoredAlike(const Side& was, const Side& is) {
  const auto is_long = [](const Side& side) { return side.number(0, 1) * lint::MaxBytes(side.charset) > 255; };
  return was.is("varchar") && is.is("varchar") && was.charset == is.charset && is_long(was) == is_long(is);
}

// How many times the bytes of a text may grow by another character set, at most.
int Growth(const Side& was, const Side& is) {
  const bool was_utf8mb3 = was.charset == "utf8mb3" || was.charset == "utf8";
  const bool is_wide = is.charset == "ucs2" || absl::StartsWith(is.charset, "utf16") || is.charset == "utf32";
  if (was.charset == is.charset || (was_utf8mb3 && is.charset == "utf8mb4")) return 1;
  return was.charset == "ascii" && !is_wide ? 1 : lint::MaxBytes(is.charset);
}

// Too long a text stops the statement. One that is too long by spaces at its end does so between two VARCHARs that are
// stored alike, else those are cut. A CHAR has none to lose, and keeps none.
ValueFate Texts(const Side& was, const Side& is) {
  const double bytes = lint::TextBytes(was.type), bytes_after = lint::TextBytes(is.type);
  bool fits = false;
  if (bytes == 0) {
    fits = HasRoom(is, was.number(0, 1), is.charset);
  } else if (bytes_after > 0) {
    fits = bytes_after >= bytes * Growth(was, is);
  }
  if (was.is("char") || AreStoredAlike(was, is)) return RefusedUnless(fits);
  return LostUnless(fits && !is.is("char"));
}

// Zero bytes are added to a BINARY, and cannot be told from the value's own afterwards.
ValueFate BytesToBytes(const Side& was, const Side& is) {
  const double blob = lint::BlobBytes(was.type), blob_after = lint::BlobBytes(is.type);
  const double size = blob > 0 ? blob : was.number(0, 1), size_after = blob_after > 0 ? blob_after : is.number(0, 1);
  if (is.is("binary") && !(was.is("binary") && size == size_after)) return ValueFate::kLost;
  return RefusedUnless(size_after >= size);
}

// `all` without those that are not among `some`.
std::vector<std::string> Among(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::vector<std::string> kept;
  for (const std::string& one : all) {
    if (std::find(some.begin(), some.end(), one) != some.end()) kept.push_back(one);
  }
  return kept;
}

// Members compare under the column's collation: one that seems to go may be found again in another spelling.
bool MayBeSpeltOtherwise(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  const auto is_ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isascii(c); });
  };
  for (const std::string& member : before) {
    if (std::find(after.begin(), after.end(), member) != after.end()) continue;
    for (const std::string& other : after) {
      if (absl::EqualsIgnoreCase(member, other) || !is_ascii(member) || !is_ascii(other)) return true;
    }
  }
  return false;
}

ValueFate EnumMembers(const Side& was, const Side& is) {
  if (MayBeSpeltOtherwise(was.type.arguments, is.type.arguments)) return ValueFate::kChanged;
  return RefusedUnless(Among(was.type.arguments, is.type.arguments).size() == was.type.arguments.size());
}

// A value lists its members in the order of the type.
ValueFate SetMembers(const Side& was, const Side& is) {
  const std::vector<std::string> kept = Among(was.type.arguments, is.type.arguments);
  if (kept != Among(is.type.arguments, was.type.arguments) ||
      MayBeSpeltOtherwise(was.type.arguments, is.type.arguments)) {
    return ValueFate::kChanged;
  }
  return RefusedUnless(kept.size() == was.type.arguments.size());
}

ValueFate Geometries(const Side& was, const Side& is) {
  return RefusedUnless(is.is("geometry") || is.is(was.type.word));
}

struct Conversion {
  Family from, to;
  ValueFate (*fate)(const Side& was, const Side& is);
};

// Every conversion that is known to keep values, to refuse those that have no room, or to lose some. What is not here
// changes values: by position (an ENUM and a number), by meaning (a date and a number, text and anything), or in a way
// that nobody has tried. tests/schema/value_change_test.cc runs those that keep or refuse values on both servers, and
// samples of the others.
constexpr Conversion kConversions[] = {
    {Family::kInteger, Family::kInteger, Integers},
    {Family::kInteger, Family::kDecimal, IntegerToDecimal},
    {Family::kInteger, Family::kFloat, IntegerToFloat},
    {Family::kInteger, Family::kDouble, IntegerToDouble},
    {Family::kInteger, Family::kText, ToText},
    {Family::kDecimal, Family::kDecimal, FromDecimal},
    {Family::kDecimal, Family::kInteger, FromDecimal},
    {Family::kDecimal, Family::kFloat, Lost},
    {Family::kDecimal, Family::kDouble, Lost},
    {Family::kDecimal, Family::kText, ToText},
    {Family::kFloat, Family::kFloat, SameArguments},
    {Family::kFloat, Family::kDecimal, Lost},
    {Family::kFloat, Family::kInteger, Lost},
    {Family::kDouble, Family::kDouble, SameArguments},
    {Family::kDouble, Family::kFloat, Lost},
    {Family::kDouble, Family::kDecimal, Lost},
    {Family::kDouble, Family::kInteger, Lost},
    {Family::kBit, Family::kBit, SameLength},
    {Family::kYear, Family::kYear, Kept},
    {Family::kYear, Family::kInteger, YearToInteger},
    {Family::kYear, Family::kText, ToText},
    {Family::kDate, Family::kDate, Kept},
    {Family::kDate, Family::kDateTime, Kept},
    {Family::kDate, Family::kTimestamp, ToTimestamp},
    {Family::kDate, Family::kText, ToText},
    {Family::kDateTime, Family::kDateTime, Fractions},
    {Family::kDateTime, Family::kTimestamp, ToTimestamp},
    {Family::kDateTime, Family::kDate, Lost},
    {Family::kDateTime, Family::kTime, Lost},
    {Family::kDateTime, Family::kText, ToText},
    {Family::kTimestamp, Family::kTimestamp, Fractions},
    {Family::kTimestamp, Family::kDateTime, Fractions},
    {Family::kTimestamp, Family::kDate, Lost},
    {Family::kTimestamp, Family::kTime, Lost},
    {Family::kTimestamp, Family::kText, ToText},
    {Family::kTime, Family::kTime, Fractions},
    {Family::kTime, Family::kText, ToText},
    {Family::kText, Family::kText, Texts},
    {Family::kBytes, Family::kBytes, BytesToBytes},
    {Family::kEnum, Family::kEnum, EnumMembers},
    {Family::kEnum, Family::kText, ToText},
    {Family::kSet, Family::kSet, SetMembers},
    {Family::kSet, Family::kText, ToText},
    {Family::kJson, Family::kJson, Kept},
    {Family::kJson, Family::kText, KeptOrRefused},
    {Family::kSpatial, Family::kSpatial, Geometries},
};

ValueFate FateOfType(const Side& was, const Side& is) {
  for (const Conversion& conversion : kConversions) {
    if (conversion.from == was.family() && conversion.to == is.family()) return conversion.fate(was, is);
  }
  if (was.family() == Family::kOther && is.family() == Family::kOther && was.is(is.type.word)) {
    return RefusedUnless(was.type.arguments == is.type.arguments);
  }
  const bool known_as_text = was.family() == Family::kOther && is.family() == Family::kText && TextWidth(was) > 0;
  return known_as_text ? ToText(was, is) : ValueFate::kChanged;
}

// --- the rest of a column --------------------------------------------------------------------------------------------

void TakeWorse(ValueFate fate, const std::string& what, ValueChange& change) {
  if (fate == ValueFate::kKept) return;
  absl::StrAppend(&change.what, change.what.empty() ? "" : "; ", what);
  change.fate = std::max(change.fate, fate);
}

void JudgeType(const Column& before, const Column& after, bool in_utc, ValueChange& change) {
  if (before.type == after.type && before.charset == after.charset) return;
  const Side was(before), is(after);
  const std::string types = absl::StrCat(before.type, " becomes ", after.type);
  const ValueFate fate = FateOfType(was, is);
  switch (fate) {
    case ValueFate::kKept:
      break;
    case ValueFate::kKeptOrRefused:
      TakeWorse(fate, absl::StrCat(types, ": a value that does not fit stops the statement"), change);
      break;
    case ValueFate::kChanged:
      TakeWorse(fate,
                absl::StrCat(types, ": values may become other ones without an error; one that cannot stops the "
                                    "statement"),
                change);
      break;
    case ValueFate::kLost:
      TakeWorse(fate, absl::StrCat(types, ": values are rounded, cut or padded without an error; one that does not fit "
                                       "even so stops the statement"),
                change);
      break;
  }
  const bool crosses_zones = (was.family() == Family::kTimestamp) != (is.family() == Family::kTimestamp);
  if (crosses_zones && !in_utc) {
    TakeWorse(ValueFate::kChanged,
              absl::StrCat(types, ": unless the server runs in UTC, values move by its distance from UTC"), change);
  }
}

void JudgeNulls(const Column& before, const Column& after, ValueChange& change) {
  if (!ReplacesNulls(before, after)) return;
  const char* what = after.auto_increment ? "NULL becomes AUTO_INCREMENT: rows that hold NULL get numbers"
                                          : "NULL becomes NOT NULL: rows that hold NULL get the time of the statement";
  TakeWorse(ValueFate::kChanged, what, change);
}

void JudgeCharset(const Column& before, const Column& after, ValueChange& change) {
  if (before.charset.empty() || after.charset.empty() || lint::Holds(after.charset, before.charset)) return;
  TakeWorse(ValueFate::kKeptOrRefused,
            absl::StrCat("character set ", before.charset, " becomes ", after.charset,
                         ": a character that it lacks stops the statement"),
            change);
}

void JudgeCheck(const Column& before, const Column& after, ValueChange& change) {
  if (after.check.empty() || before.check == after.check) return;
  TakeWorse(ValueFate::kKeptOrRefused, "a value that breaks the new check stops the statement", change);
}

}  // namespace

bool ReplacesNulls(const Column& before, const Column& after) {
  if (!before.nullable || !after.generated.empty()) return false;
  return (after.auto_increment && !before.auto_increment) ||
         (!after.nullable && Side(after).family() == Family::kTimestamp);
}

ValueChange ValueChangeOf(const Column& before, const Column& after, bool in_utc) {
  if (before.generated.empty() && !after.generated.empty()) {
    return {ValueFate::kLost, "becomes a generated column: the values that it holds go"};
  }
  if (!after.generated.empty()) {
    if (before.generated == after.generated && before.type == after.type) return {};
    return {ValueFate::kChanged, "another expression: values are computed anew"};
  }
  ValueChange change;
  JudgeType(before, after, in_utc, change);
  JudgeNulls(before, after, change);
  JudgeCharset(before, after, change);
  JudgeCheck(before, after, change);
  return change;
}

}  // namespace bonnie::schema
