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
      {"zero-width non-joiner, which Persian needs", "A\u200cB", true},
      {"line separator", "A\u2028B", false},
      {"noncharacter", "A\ufffe", false},
      {"truncated UTF-8", "A\xc3", false},
      {"overlong slash", "\xc0\xaf", false},
      {"surrogate", "\xed\xa0\x80", false},
      {"above Unicode", "\xf5\x80\x80\x80", false},
  };
  for (const Case& c : cases) EXPECT_EQ(Keeps(kLine, c.input), c.want) << c.name;
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
