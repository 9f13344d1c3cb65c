#include "services/schema/sql_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

}  // namespace

size_t FirstBadByte(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
    const unsigned lead = byte(i);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0) return i;
    for (size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return i;
    }
    const unsigned second = byte(i + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F)) {
      return i;
    }
    i += length;
  }
  return absl::string_view::npos;
}

absl::Status CheckSqlText(absl::string_view text) {
  const auto bad = [&](size_t at, absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::count(text.begin(), text.begin() + at, '\n') + 1, ": ", what));
  };
  if (text.size() > kMaxFileBytes) return bad(0, "larger than 1 MiB");
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) return bad(0, "begins with a byte order mark; remove it");
  if (const size_t at = text.find('\r'); at != absl::string_view::npos) {
    return bad(at, "has carriage returns (CRLF); lines must end with LF alone");
  }
  if (const size_t at = text.find('\0'); at != absl::string_view::npos) return bad(at, "holds a NUL byte");
  if (const size_t at = FirstBadByte(text); at != absl::string_view::npos) return bad(at, "is not UTF-8");
  return absl::OkStatus();
}

}  // namespace bonnie::schema
