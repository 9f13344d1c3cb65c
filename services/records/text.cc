#include "services/records/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "services/records/invisible.h"

namespace bonnie::records {
namespace {

bool IsForbidden(utf8proc_int32_t code_point, const TextRule& rule) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
      return rule.one_line || (code_point != '\n' && code_point != '\t');
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CN:  // unassigned, and the noncharacters
      return true;
    case UTF8PROC_CATEGORY_CF:
      return (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069);
    default:
      return false;
  }
}

bool IsSpace(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bool IsNfc(absl::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &composed, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  return length >= 0 &&
         text == absl::string_view(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length));
}

}  // namespace

bool Keeps(const TextRule& rule, absl::string_view text) {
  int length = 0;
  bool ascii = true;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t step = utf8proc_iterate(bytes + at, size - at, &code_point);
    if (step <= 0 || IsForbidden(code_point, rule)) return false;
    const bool at_an_end = at == 0 || at + step == size;
    if (rule.one_line && at_an_end && IsSpace(code_point)) return false;
    if (++length > rule.max_length) return false;
    ascii = ascii && step == 1;
    at += step;
  }
  if (length < rule.min_length || (rule.min_length > 0 && !ShowsSomething(text))) return false;
  return !rule.one_line || ascii || (IsNfc(text) && HasOnlyRequiredInvisibles(text));
}

bool IsPrintableAscii(absl::string_view text, int max_length) {
  return !text.empty() && text.size() <= static_cast<std::size_t>(max_length) && text.front() != ' ' &&
         text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isprint(c); });
}

bool IsContactNumber(absl::string_view text) {
  constexpr absl::string_view kAllowed = "+0123456789 ()-.";
  return text.size() >= 5 && text.size() <= 20 && text.find_first_not_of(kAllowed) == absl::string_view::npos &&
         std::count_if(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); }) >= 5;
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace bonnie::records
