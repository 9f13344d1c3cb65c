#include "clients/cli/text_width.h"

#include <gtest/gtest.h>

namespace bonnie::cli {
namespace {

TEST(TextWidthTest, CountsColumnsAndNotBytes) {
  struct Case {
    const char* text;
    size_t want;
  };
  for (const Case& c : {Case{"", 0}, Case{"Ada", 3}, Case{"José", 4}, Case{"Jose\u0301", 4}, Case{"惠美", 4},
                        Case{"👩", 2}, Case{"\xff\xfe", 2}, Case{"a\tb", 3}}) {
    EXPECT_EQ(Width(c.text), c.want) << c.text;
  }
}

TEST(TextWidthTest, KnowsUtf8) {
  for (const char* text : {"", "Ada", "José", "惠美", "👩", "\n\x1b"}) EXPECT_TRUE(IsUtf8(text)) << text;
  EXPECT_TRUE(IsUtf8(absl::string_view("a\0b", 3)));
  // A byte alone, a cut one, an overlong one, a surrogate, one past the last character.
  for (const char* text : {"\xff", "\xe6\x83", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    EXPECT_FALSE(IsUtf8(text));
}

TEST(TextWidthTest, NothingThatIsPrintedCanSteerATerminal) {
  EXPECT_EQ(Printable("a\nb\tc\rd"), "a b c d");
  EXPECT_EQ(Printable("\x1b[31mred\x07"), "?[31mred?");
  EXPECT_EQ(Printable("bad \xff byte, cut \xe6\x83"), "bad ? byte, cut ??");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "?31m");  // the one-character form of ESC [
  EXPECT_EQ(Printable("José 惠美"), "José 惠美");
}

TEST(TextWidthTest, ClipsToTheWidth) {
  EXPECT_EQ(Clip("Lovelace", 8), "Lovelace");
  EXPECT_EQ(Clip("Lovelace", 5), "Love…");
  EXPECT_EQ(Clip("惠美惠美", 5), "惠美…");
  EXPECT_EQ(Clip("惠美惠美", 4), "惠…");  // half a character is none
  EXPECT_EQ(Width(Clip("惠美惠美惠美", 7)), 7u);
}

}  // namespace
}  // namespace bonnie::cli
