#include "services/records/invisible.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace bonnie::records {
namespace {

using CodePoint = utf8proc_int32_t;

struct Range {
  CodePoint first, last;
};

// Scripts in which ZWNJ and ZWJ change what is shown: those whose letters join, and those of Indic descent, whose
// viramas stack consonants. utf8proc knows no scripts.
constexpr Range kScriptsWithJoiners[] = {
    {0x0600, 0x07FF},    // Arabic, Syriac, Thaana, N'Ko
    {0x0840, 0x08FF},    // Mandaic, Arabic extended
    {0x0900, 0x0DFF},    // Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam, Sinhala
    {0x1000, 0x109F},    // Myanmar
    {0x1700, 0x18AF},    // Tagalog, Khmer, Mongolian
    {0x1900, 0x1BFF},    // Limbu, Balinese, Sundanese and others
    {0xA800, 0xABFF},    // Syloti Nagri, Saurashtra, Javanese, Cham, Meetei Mayek and others
    {0xFB50, 0xFEFC},    // Arabic presentation forms
    {0x10A00, 0x10A5F},  // Kharoshthi
    {0x10D00, 0x10D3F},  // Hanifi Rohingya
    {0x11000, 0x11FFF},  // Brahmi and others of Indic descent
    {0x1E900, 0x1E95F},  // Adlam
};
constexpr Range kIdeographs[] = {{0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x323AF}};
constexpr Range kMongolianLetters[] = {{0x1820, 0x18AA}};
constexpr Range kMongolianSelectors[] = {{0x180B, 0x180D}, {0x180F, 0x180F}};
constexpr Range kSelectors[] = {{0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}};

constexpr CodePoint kNonJoiner = 0x200C, kJoiner = 0x200D;
constexpr CodePoint kBlankBraille = 0x2800;     // a symbol by its class
constexpr utf8proc_propval_t kViramaClass = 9;  // canonical combining class of all viramas

template <std::size_t N>
bool IsIn(const Range (&ranges)[N], CodePoint c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

// The code points of valid UTF-8.
std::vector<CodePoint> Decoded(absl::string_view text) {
  std::vector<CodePoint> code_points;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  for (utf8proc_ssize_t at = 0; at < size;) {
    CodePoint code_point = 0;
    const utf8proc_ssize_t step = utf8proc_iterate(bytes + at, size - at, &code_point);
    if (step <= 0) break;
    code_points.push_back(code_point);
    at += step;
  }
  return code_points;
}

// Fillers of Hangul are letters by their class, variation selectors are marks: `ignorable` is Unicode's
// Default_Ignorable_Code_Point. Number signs of Arabic are format characters that show, and belong to no name.
bool IsInvisible(CodePoint c) {
  const utf8proc_property_t* property = utf8proc_get_property(c);
  return property->ignorable != 0 || property->category == UTF8PROC_CATEGORY_CF || c == kBlankBraille;
}

bool IsLetterOrMark(CodePoint c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return !IsInvisible(c);
    default:
      return false;
  }
}

bool TakesJoiners(CodePoint c) { return IsIn(kScriptsWithJoiners, c) && IsLetterOrMark(c); }

// `before` and `after` are 0 at the ends of the text.
bool IsRequired(CodePoint before, CodePoint c, CodePoint after) {
  if (c == kNonJoiner || c == kJoiner) {
    const bool after_virama = utf8proc_get_property(before)->combining_class == kViramaClass;
    return TakesJoiners(before) && (after_virama || TakesJoiners(after));
  }
  if (IsIn(kSelectors, c)) return IsIn(kIdeographs, before);
  return IsIn(kMongolianSelectors, c) && IsIn(kMongolianLetters, before);
}

bool ShowsByItself(CodePoint c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return !IsInvisible(c);
  }
}

}  // namespace

bool ShowsSomething(absl::string_view text) {
  const std::vector<CodePoint> code_points = Decoded(text);
  return std::any_of(code_points.begin(), code_points.end(), ShowsByItself);
}

bool HasOnlyRequiredInvisibles(absl::string_view text) {
  const std::vector<CodePoint> code_points = Decoded(text);
  for (std::size_t i = 0; i < code_points.size(); ++i) {
    const CodePoint before = i == 0 ? 0 : code_points[i - 1];
    const CodePoint after = i + 1 == code_points.size() ? 0 : code_points[i + 1];
    if (IsInvisible(code_points[i]) && !IsRequired(before, code_points[i], after)) return false;
  }
  return true;
}

}  // namespace bonnie::records
