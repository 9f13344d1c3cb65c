#include "services/schema/lint_rules/column_type.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema::lint {

namespace {

using Words = std::array<absl::string_view, 5>;

constexpr Words kIntegers = {"tinyint", "smallint", "mediumint", "int", "bigint"};
constexpr int kIntegerBits[] = {8, 16, 24, 32, 64};
constexpr Words kTexts = {"tinytext", "text", "mediumtext", "longtext", ""};
constexpr Words kBlobs = {"tinyblob", "blob", "mediumblob", "longblob", ""};
constexpr double kTextBytes[] = {255, 65535, 16777215, 4294967295.0};

// Place in a family of types that each hold what the one before holds; -1 for none.
int Rank(const Words& family, absl::string_view word) {
  const auto found = absl::c_find(family, word);
  return found == family.end() || word.empty() ? -1 : static_cast<int>(found - family.begin());
}

bool IsCharacters(const ColumnType& type) { return type.word == "char" || type.word == "varchar"; }
bool IsBytes(const ColumnType& type) { return type.word == "binary" || type.word == "varbinary"; }
bool IsApproximate(const ColumnType& type) { return type.word == "float" || type.word == "double"; }
bool HasFraction(const ColumnType& type) {
  return type.word == "time" || type.word == "datetime" || type.word == "timestamp";
}

// Decimal digits of an integer type's largest value.
int Digits(const ColumnType& type) { return static_cast<int>(std::floor(std::log10(MaxInteger(type)))) + 1; }

Fit StopsUnless(bool fits) { return fits ? Fit::kFits : Fit::kStops; }
Fit LosesUnless(bool fits) { return fits ? Fit::kFits : Fit::kLoses; }

// Characters that a value of the type takes as text, at most; 0 where that is not known.
int Width(const ColumnType& type) {
  if (IsCharacters(type)) return type.Number(0, 1);
  if (type.IsInteger()) return Digits(type) + (type.is_unsigned ? 0 : 1);
  if (type.word == "decimal") return type.Number(0, 10) + 2;
  if (type.word != "enum") return 0;
  size_t longest = 0;
  for (const std::string& value : type.arguments) longest = std::max(longest, value.size());
  return static_cast<int>(longest);
}

Fit FitOfInteger(const ColumnType& was, const ColumnType& is) {
  if (is.IsInteger()) {
    const bool sign_fits = !is.is_unsigned || was.is_unsigned;
    return StopsUnless(sign_fits && MaxInteger(is) >= MaxInteger(was));
  }
  if (is.word == "decimal") {
    return StopsUnless(is.Number(0, 10) - is.Number(1, 0) >= Digits(was) && (!is.is_unsigned || was.is_unsigned));
  }
  const int bits = kIntegerBits[Rank(kIntegers, was.word)];
  return is.word == "double" ? LosesUnless(bits <= 32) : LosesUnless(bits <= 24);
}

Fit FitOfDecimal(const ColumnType& was, const ColumnType& is) {
  if (!is.is_unsigned || was.is_unsigned) {
    const int scale = was.Number(1, 0), scale_after = is.word == "decimal" ? is.Number(1, 0) : 0;
    const int whole = was.Number(0, 10) - scale;
    const int whole_after = is.word == "decimal" ? is.Number(0, 10) - scale_after : Digits(is) - 1;
    if (whole_after >= whole) return LosesUnless(scale_after >= scale);
    return scale_after < scale ? Fit::kLoses : Fit::kStops;
  }
  return Fit::kStops;
}

Fit FitOfNumber(const ColumnType& was, const ColumnType& is) {
  if (was.IsInteger()) return FitOfInteger(was, is);
  if (was.word == "decimal") return IsApproximate(is) ? Fit::kLoses : FitOfDecimal(was, is);
  if (IsApproximate(is)) return LosesUnless(was.word == is.word || is.word == "double");
  return Fit::kLoses;  // a fraction is rounded
}

Fit FitOfTime(const ColumnType& was, const ColumnType& is) {
  if (was.word == is.word) return LosesUnless(is.Number(0, 0) >= was.Number(0, 0));
  if (was.word == "date") return StopsUnless(is.word == "datetime");
  if (is.word == "date") return Fit::kLoses;  // the time of day goes
  if (was.word == "timestamp" && is.word == "datetime") return LosesUnless(is.Number(0, 0) >= was.Number(0, 0));
  return HasFraction(is) && is.Number(0, 0) < was.Number(0, 0) ? Fit::kLoses : Fit::kStops;
}

Fit FitOfBytes(const ColumnType& was, const ColumnType& is) {
  if (is.word == "binary") {
    if (is.Number(0, 1) < was.Number(0, 1)) return Fit::kStops;
    return LosesUnless(was.word == "binary" && is.Number(0, 1) == was.Number(0, 1));  // zero bytes are added
  }
  if (is.word == "varbinary") return StopsUnless(is.Number(0, 1) >= was.Number(0, 1));
  const int rank = Rank(kBlobs, is.word);
  return StopsUnless(rank >= 0 && kTextBytes[rank] >= was.Number(0, 1));
}

// To a type of text, of anything that is no binary.
Fit FitAsText(const ColumnType& was, const ColumnType& is, absl::string_view charset) {
  const int rank = Rank(kTexts, was.word), rank_after = Rank(kTexts, is.word);
  if (rank >= 0 && rank_after >= 0) return StopsUnless(rank_after >= rank);
  if (was.word == "json") return StopsUnless(is.word == "longtext");
  const int width = Width(was);
  if (width == 0) return Fit::kStops;
  if (rank_after >= 0) {
    return StopsUnless(kTextBytes[rank_after] >= static_cast<double>(width) * MaxBytes(charset));
  }
  if (is.Number(0, 1) < width) return Fit::kStops;
  return LosesUnless(is.word == "varchar" || was.word != "varchar");  // CHAR: spaces at the end go
}

}  // namespace

int ColumnType::Number(size_t at, int otherwise) const {
  int number = otherwise;
  return at < arguments.size() && absl::SimpleAtoi(arguments[at], &number) ? number : otherwise;
}
bool ColumnType::IsInteger() const { return Rank(kIntegers, word) >= 0; }
bool ColumnType::IsEnumeration() const { return word == "enum" || word == "set"; }
bool ColumnType::IsText() const { return Rank(kTexts, word) >= 0; }
bool ColumnType::IsTemporal() const { return HasFraction(*this) || word == "date" || word == "year"; }
bool ColumnType::IsSpatial() const {
  static constexpr absl::string_view kSpatial[] = {
      "geometry",        "point",        "linestring",         "polygon",       "multipoint",
      "multilinestring", "multipolygon", "geometrycollection", "geomcollection"};
  return absl::c_linear_search(kSpatial, word);
}

ColumnType ReadType(const Column& column) {
  ColumnType type;
  for (const Token& token : Tokenize(column.type)) {
    if (token.kind == Token::Kind::kNumber || token.kind == Token::Kind::kString) type.arguments.push_back(token.text);
    if (token.kind != Token::Kind::kWord) continue;
    if (type.word.empty()) type.word = token.text;
    if (token.text == "unsigned") type.is_unsigned = true;
    if (token.text == "zerofill") type.zerofill = true;
  }
  return type;
}

Fit FitOf(const Column& before, const Column& after) {
  const ColumnType was = ReadType(before), is = ReadType(after);
  const auto is_number = [](const ColumnType& type) {
    return type.IsInteger() || type.word == "decimal" || IsApproximate(type);
  };
  if (is_number(was) && is_number(is)) return FitOfNumber(was, is);
  if (was.IsTemporal() && is.IsTemporal()) return FitOfTime(was, is);
  if (IsBytes(was)) return FitOfBytes(was, is);
  const int blob = Rank(kBlobs, was.word);
  if (blob >= 0) return StopsUnless(Rank(kBlobs, is.word) >= blob);
  if (IsCharacters(is) || is.IsText()) return FitAsText(was, is, before.charset);
  if (was.word == is.word && !is.IsEnumeration()) return StopsUnless(is.Number(0, 0) >= was.Number(0, 0));
  return Fit::kStops;
}

std::string FilledWith(const ColumnType& type, data_access::Flavour flavour) {
  const bool mysql = flavour == data_access::Flavour::kMySql;
  if (type.word == "enum") return "its first value";
  // NO_ZERO_DATE, which MySQL has by itself, looks at the first two only.
  if (mysql && (type.word == "date" || type.word == "datetime")) return "";
  if (type.word == "date" || type.word == "datetime" || type.word == "timestamp") return "the date zero, '0000-00-00'";
  if (type.word == "binary") return "zero bytes";
  if (type.word == "time") return "'00:00:00'";
  if (type.word == "json" && mysql) return "the JSON value null";
  if (type.IsSpatial() && mysql) return "";
  const bool number =
      type.IsInteger() || type.word == "decimal" || IsApproximate(type) || type.word == "bit" || type.word == "year";
  return number ? "0" : "''";
}

int MaxBytes(absl::string_view charset) {
  if (charset == "utf8mb3" || charset == "utf8" || charset == "ujis" || charset == "eucjpms") return 3;
  if (charset == "utf8mb4" || charset == "utf16" || charset == "utf16le" || charset == "utf32" ||
      charset == "gb18030") {
    return 4;
  }
  static constexpr absl::string_view kTwo[] = {"ucs2", "gbk", "gb2312", "big5", "sjis", "cp932", "euckr"};
  return absl::c_linear_search(kTwo, charset) ? 2 : 1;
}

bool Holds(absl::string_view after, absl::string_view before) {
  const auto has_all = [](absl::string_view charset) {
    return charset == "utf8mb4" || charset == "utf16" || charset == "utf16le" || charset == "utf32" ||
           charset == "gb18030";
  };
  if (after == before || before == "ascii" || has_all(after)) return true;
  // What was one byte a character, or two, is in the basic plane; bytes without a character set may be anything.
  const bool basic_plane = after == "utf8mb3" || after == "utf8" || after == "ucs2";
  return basic_plane && !has_all(before) && before != "binary";
}

double MaxInteger(const ColumnType& type) {
  const int rank = Rank(kIntegers, type.word);
  return rank < 0 ? 0 : std::pow(2.0, kIntegerBits[rank] - (type.is_unsigned ? 0 : 1)) - 1;
}

}  // namespace bonnie::schema::lint
