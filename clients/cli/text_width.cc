#include "clients/cli/text_width.h"

#include <locale.h>
#include <wchar.h>
#include <wctype.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bonnie::cli {
namespace {

// libc's tables of characters, whatever LANG says.
class Utf8Locale {
 public:
  Utf8Locale() : before_(uselocale(Utf8())) {}
  ~Utf8Locale() { uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t Utf8() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    return utf8;
  }
  const locale_t before_;
};

struct Character {
  absl::string_view bytes;
  bool is_utf8;
  bool is_text;       // UTF-8 and nothing that steers a terminal
  std::size_t width;  // 1 for what is not text
  char32_t code_point;
};

// Whether a terminal acts on the character, or shows the text around it in another order (Unicode TR 36).
bool Steers(char32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool is_bidirectional = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return is_control || is_bidirectional || c == 0x2028 || c == 0x2029 || (c >= 0xE0000 && c <= 0xE007F);
}

// Takes the first character off `rest`, which is not empty.
Character TakeCharacter(absl::string_view& rest) {
  mbstate_t state{};
  wchar_t character = 0;
  const size_t size = mbrtowc(&character, rest.data(), rest.size(), &state);
  // The C library lets through more than Unicode has.
  const bool is_unicode = character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
  const bool valid = size != 0 && size <= rest.size() && is_unicode;
  const bool is_nul = size == 0;  // mbrtowc's answer for the character 0
  Character taken{rest.substr(0, valid ? size : 1), valid || is_nul, false, 1, static_cast<char32_t>(character)};
  rest.remove_prefix(taken.bytes.size());
  if (const int width = valid && !Steers(taken.code_point) ? wcwidth(character) : -1; width >= 0) {
    taken.is_text = true;
    taken.width = static_cast<std::size_t>(width);
  }
  return taken;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  const Utf8Locale locale;
  while (!text.empty()) {
    if (!TakeCharacter(text).is_utf8) return false;
  }
  return true;
}

std::size_t Width(absl::string_view text) {
  const Utf8Locale locale;
  std::size_t width = 0;
  while (!text.empty()) width += TakeCharacter(text).width;
  return width;
}

std::string Printable(absl::string_view text) {
  const Utf8Locale locale;
  std::string printable;
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    if (character.is_text) {
      absl::StrAppend(&printable, character.bytes);
    } else {
      printable += character.bytes == "\n" || character.bytes == "\r" || character.bytes == "\t" ? ' ' : '?';
    }
  }
  return printable;
}

std::string Visible(absl::string_view text) {
  const Utf8Locale locale;
  std::string visible;
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    if (!character.is_utf8) {
      absl::StrAppend(&visible, "<", absl::StrFormat("%02X", static_cast<unsigned char>(character.bytes[0])), ">");
    } else if (Steers(character.code_point) && character.bytes != "\n" && character.bytes != "\t") {
      absl::StrAppend(&visible, "<U+", absl::StrFormat("%04X", static_cast<unsigned>(character.code_point)), ">");
    } else {
      absl::StrAppend(&visible, character.bytes);
    }
  }
  return visible;
}

std::string Clip(absl::string_view text, std::size_t width) {
  if (Width(text) <= width) return std::string(text);
  const Utf8Locale locale;
  std::string clipped;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    if (used + character.width > width) break;
    used += character.width;
    absl::StrAppend(&clipped, character.bytes);
  }
  return clipped + "…";
}

}  // namespace bonnie::cli
