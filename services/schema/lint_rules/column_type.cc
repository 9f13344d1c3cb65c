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

bool IsApproximate(const ColumnType& type) { return type.word == "float" || type.word == "double"; }
bool HasFraction(const ColumnType& type) {
  return type.word == "time" || type.word == "datetime" || type.word == "timestamp";
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

double TextBytes(const ColumnType& type) {
  const int rank = Rank(kTexts, type.word);
  return rank < 0 ? 0 : kTextBytes[rank];
}

double BlobBytes(const ColumnType& type) {
  const int rank = Rank(kBlobs, type.word);
  return rank < 0 ? 0 : kTextBytes[rank];
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
