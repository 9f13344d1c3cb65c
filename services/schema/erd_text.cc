#include "services/schema/erd_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Takes the first character off `text`; U+FFFD for a byte that begins none.
char32_t TakeCharacter(absl::string_view* text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  bool valid = length > 0 && length <= text->size();
  char32_t code = length == 1 ? first : length == 2 ? first & 0x1F : length == 3 ? first & 0x0F : first & 0x07;
  for (size_t i = 1; valid && i < length; ++i) {
    valid = byte(i) >> 6 == 2;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && code >= kLeast[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  text->remove_prefix(valid ? length : 1);
  return valid ? code : kReplacement;
}

void AppendCharacter(char32_t code, std::string* text) {
  if (code < 0x80) {
    text->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text->push_back(static_cast<char>(0xC0 | code >> 6));
    text->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    text->push_back(static_cast<char>(0xE0 | code >> 12));
    text->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    text->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    text->push_back(static_cast<char>(0xF0 | code >> 18));
    text->push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    text->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    text->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// Advance widths of DejaVu Sans and its bold face, U+0020 to U+007E, in thousandths of the size.
constexpr std::int16_t kWidths[] = {318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
                                    636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
                                    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
                                    603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
                                    500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
                                    635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838};
constexpr std::int16_t kBoldWidths[] = {
    348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
    696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830,  683,
    683, 821,  837, 372, 372, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
    724, 725,  457, 365, 457, 838,  500, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
    343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838};

int WidthOf(char32_t code, bool bold) {
  if (code >= 0x20 && code <= 0x7E) return bold ? kBoldWidths[code - 0x20] : kWidths[code - 0x20];
  if (code >= 0x300 && code <= 0x36F) return 0;  // combining
  if (code < 0x370) return bold ? 780 : 700;     // Latin with accents
  return code < 0x1100 ? 900 : 1250;             // other alphabets; East Asian, symbols and emoji
}

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}
bool IsForbidden(char32_t code) { return (code & 0xFFFE) == 0xFFFE; }  // U+FFFE and U+FFFF of each plane

}  // namespace

std::string EscapeMarkup(absl::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const char32_t code = TakeCharacter(&text);
    if (code == '&') {
      escaped += "&amp;";
    } else if (code == '<') {
      escaped += "&lt;";
    } else if (code == '>') {
      escaped += "&gt;";
    } else if (code == '"') {
      escaped += "&quot;";
    } else if (code == '\'') {
      escaped += "&#39;";
    } else {
      AppendCharacter(IsControl(code) ? U' ' : IsForbidden(code) ? kReplacement : code, &escaped);
    }
  }
  return escaped;
}

std::string Shortened(absl::string_view text, int characters) {
  std::string kept;
  for (int i = 0; !text.empty(); ++i) {
    if (i + 1 == characters) {
      const char32_t last = TakeCharacter(&text);
      if (!text.empty()) return absl::StrCat(kept, "…");
      AppendCharacter(last, &kept);
      return kept;
    }
    AppendCharacter(TakeCharacter(&text), &kept);
  }
  return kept;
}

double TextWidth(absl::string_view text, double size, bool bold) {
  int width = 0;
  while (!text.empty()) width += WidthOf(TakeCharacter(&text), bold);
  return width * size / 1000;
}

}  // namespace bonnie::schema
