#include "clients/cli/text_width.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(TextWidthTest, TextThatReadsAsAnotherTextIsMarked) {
  EXPECT_EQ(Printable("a\u202eb\u2066c"), "a?b?c");
  EXPECT_EQ(Printable("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"), "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627");
}

TEST(TextWidthTest, WhatSteersATerminalIsMadeVisible) {
  struct Case {
    const char* name;
    std::string text, want;
  };
  for (const Case& c : {
           Case{"plain", "José 惠美 👩\n\tx", "José 惠美 👩\n\tx"},
           Case{"colour", "\x1b[31mred", "<U+001B>[31mred"},
           Case{"window title", "\x1b]0;title\x07", "<U+001B>]0;title<U+0007>"},
           Case{"one-character form of ESC [", "\u009b31m", "<U+009B>31m"},
           Case{"carriage return", "drop\rkeep", "drop<U+000D>keep"},
           Case{"backspace and delete", "a\b\x7f", "a<U+0008><U+007F>"},
           Case{"NUL", std::string("a\0b", 3), "a<U+0000>b"},
           Case{"right-to-left override", "\u202eabc", "<U+202E>abc"},
           Case{"isolate", "\u2068abc\u2069", "<U+2068>abc<U+2069>"},
           Case{"line separator", "a\u2028b", "a<U+2028>b"},
           Case{"tag character", "a\U000e0041", "a<U+E0041>"},
           Case{"no UTF-8", "a\xff\xc3", "a<FF><C3>"},
           Case{"joiner that Persian needs", "\u0639\u200c\u0644", "\u0639\u200c\u0644"},
       }) {
    EXPECT_EQ(Visible(c.text), c.want) << c.name;
  }
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
