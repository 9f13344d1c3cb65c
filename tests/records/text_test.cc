#include "services/records/text.h"

#include <gtest/gtest.h>

#include <string>

namespace bonnie::records {
namespace {

constexpr TextRule kLine{1, 4, true};
constexpr TextRule kBlock{0, 8, false};

TEST(TextTest, KeepsOneLine) {
  const struct Case {
    const char* name;
    std::string input;
    bool want;
  } cases[] = {
      {"plain", "Ada", true},
      {"the longest", "Anna", true},
      {"too long", "Annas", false},
      {"empty", "", false},
      {"inner space", "A B", true},
      {"space before", " Al", false},
      {"space after", "Al ", false},
      {"no-break space after", "Al\u00a0", false},
      {"newline", "A\nB", false},
      {"NUL", std::string("A\0B", 3), false},
      {"DEL", "A\x7f", false},
      {"C1 control", "A\u0085", false},
      {"counts code points and not bytes", "Ünïç", true},
      {"four-byte letters", "\U00020bb7\U00020bb7", true},
      {"composed", "Jos\u00e9", true},
      {"decomposed is not NFC", "Jose\u0301", false},
      {"ligature stays as it is in NFC", "\ufb01n", true},
      {"Angstrom sign is not NFC", "\u212b", false},
      {"right-to-left override", "A\u202eB", false},
      {"isolate", "A\u2066B", false},
      {"zero-width non-joiner between Latin letters", "A\u200cB", false},
      {"line separator", "A\u2028B", false},
      {"noncharacter", "A\ufffe", false},
      {"truncated UTF-8", "A\xc3", false},
      {"overlong slash", "\xc0\xaf", false},
      {"surrogate", "\xed\xa0\x80", false},
      {"above Unicode", "\xf5\x80\x80\x80", false},
  };
  for (const Case& c : cases) EXPECT_EQ(Keeps(kLine, c.input), c.want) << c.name;
}

TEST(TextTest, RefusesNamesThatShowNothingOrLookLikeOthers) {
  constexpr TextRule name{1, 100, true};
  const struct Case {
    const char* name;
    std::string input;
  } cases[] = {
      {"zero-width space alone", "\u200b"},
      {"Hangul filler alone, a letter by its class", "\u3164"},
      {"halfwidth Hangul filler alone", "\uffa0"},
      {"Hangul choseong filler alone", "\u115f"},
      {"braille blank alone", "\u2800"},
      {"word joiners", "\u2060\u2060"},
      {"byte order mark alone", "\ufeff"},
      {"combining mark alone", "\u0301"},
      {"combining grapheme joiner alone", "\u034f"},
      {"tag characters", "A\U000e0041\U000e0042"},
      {"zero-width space inside", "An\u200bna"},
      {"soft hyphen inside", "An\u00adna"},
      {"word joiner inside", "An\u2060na"},
      {"byte order mark before", "\ufeffAnna"},
      {"Hangul filler inside", "An\u3164na"},
      {"braille blank inside", "An\u2800na"},
      {"left-to-right mark", "Anna\u200e"},
      {"right-to-left mark", "\u200fAnna"},
      {"Arabic letter mark", "\u0627\u061c\u0628"},
      {"left-to-right embedding", "\u202aAnna"},
      {"right-to-left override", "\u202eannA"},
      {"pop directional formatting", "Anna\u202c"},
      {"first strong isolate", "\u2068Anna\u2069"},
      {"joiner at the end of a Latin name", "Anna\u200d"},
      {"joiner before a Persian name", "\u200c\u0639\u0644\u06cc"},
      {"joiner after a Persian name", "\u0639\u0644\u06cc\u200c"},
      {"two joiners between Persian letters", "\u0639\u200c\u200c\u0644"},
      {"joiner between a Persian and a Latin letter", "\u0639\u200cA"},
      {"joiner between emoji", "\U0001f468\u200d\U0001f469"},
      {"variation selector after a Latin letter", "A\ufe0f"},
      {"variation selector after a Persian letter", "\u0639\ufe00"},
      {"Mongolian vowel separator between Latin letters", "A\u180eB"},
      {"Mongolian selector after a Latin letter", "A\u180b"},
  };
  for (const Case& c : cases) EXPECT_FALSE(Keeps(name, c.input)) << c.name;
}

TEST(TextTest, TakesInvisibleCharactersThatAScriptRequires) {
  constexpr TextRule name{1, 100, true};
  const struct Case {
    const char* name;
    std::string input;
  } cases[] = {
      {"Persian, ZWNJ between letters", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"},
      {"Persian, two words with a ZWNJ each", "\u0645\u06cc\u200c\u0631 \u0646\u06cc\u200c\u0627"},
      {"Hindi, ZWJ after a virama", "\u0930\u093e\u0915\u094d\u200d\u0937"},
      {"Hindi, ZWNJ after a virama", "\u0930\u093e\u0915\u094d\u200c\u0937"},
      {"Bengali, ZWJ before a virama", "\u09b0\u200d\u09cd\u09af\u09be\u09ac"},
      {"Malayalam, ZWJ after a virama at the end", "\u0d05\u0d28\u0d3f\u0d32\u0d4d\u200d"},
      {"Sinhala, ZWJ in a conjunct", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"},
      {"Kannada, ZWNJ after a virama", "\u0cb0\u0cbe\u0c9c\u0ccd\u200c\u0c95"},
      {"Japanese, ideographic variation selector", "\u845b\U000e0100\u57ce"},
      {"Mongolian, variation selector after a letter", "\u182c\u180b\u1820"},
      {"Hebrew", "\u05d3\u05d5\u05d3"},
      {"Korean", "\uae40\ubbfc\uc900"},
      {"apostrophe and hyphen", "O'Neill-\u0141ukasz"},
      {"a hyphen for somebody with one name", "-"},
  };
  for (const Case& c : cases) EXPECT_TRUE(Keeps(name, c.input)) << c.name;
}

TEST(TextTest, RefusesARequiredBlockThatShowsNothing) {
  constexpr TextRule required{1, 2000, false};
  for (const char* blank : {" ", "\n\t ", "\u200b\n\u00a0", "\u3164"}) EXPECT_FALSE(Keeps(required, blank)) << blank;
  EXPECT_TRUE(Keeps(required, "\u200b influenza\u00ad "));
  EXPECT_TRUE(Keeps(kBlock, " \n")) << "nothing is required";
}

TEST(TextTest, KeepsABlock) {
  const struct Case {
    const char* name;
    std::string input;
    bool want;
  } cases[] = {
      {"empty", "", true},
      {"newline and tab", "a\n\tb", true},
      {"carriage return", "a\rb", false},
      {"space at the ends", " a ", true},
      {"decomposed", "e\u0301", true},
      {"bell", "a\ab", false},
      {"too long", "123456789", false},
      {"bidi override", "\u202e", false},
  };
  for (const Case& c : cases) EXPECT_EQ(Keeps(kBlock, c.input), c.want) << c.name;
}

TEST(TextTest, TellsPrintableAscii) {
  EXPECT_TRUE(IsPrintableAscii("synthea:0b1c", 64));
  EXPECT_TRUE(IsPrintableAscii(std::string(64, 'x'), 64));
  EXPECT_TRUE(IsPrintableAscii("a b", 64));
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a\tb"), std::string("\u00e9"),
                                 std::string(" a"), std::string("a ")}) {
    EXPECT_FALSE(IsPrintableAscii(bad, 64)) << bad.size();
  }
}

TEST(TextTest, TellsContactNumbers) {
  for (const char* good : {"12345", "+49 30 1234-567", "(555) 010.9999", "12345678901234567890"}) {
    EXPECT_TRUE(IsContactNumber(good)) << good;
  }
  for (const char* bad : {"", "1234", "+-()  .", "123456789012345678901", "555-CALL-NOW1", "12345x", "１２３４５"}) {
    EXPECT_FALSE(IsContactNumber(bad)) << bad;
  }
}

TEST(TextTest, TellsUuids) {
  EXPECT_TRUE(IsUuid("123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(IsUuid("123E4567-E89B-12D3-A456-426614174000"));
  for (const char* bad : {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
                          "123e4567-e89b-12d3-a456-4266141740000", "123e4567-e89b-12d3-a456-42661417400g",
                          "{23e4567-e89b-12d3-a456-42661417400}", "123e4567_e89b_12d3_a456_426614174000"}) {
    EXPECT_FALSE(IsUuid(bad)) << bad;
  }
}

}  // namespace
}  // namespace bonnie::records
