#include "services/schema/erd_text.h"

#include <gtest/gtest.h>

#include <string>

namespace bonnie::schema {
namespace {

TEST(ErdTextTest, EscapesMarkupAndWhatXmlForbids) {
  struct Case {
    std::string name, input, want;
  } const cases[] = {
      {"plain", "größe 😀", "größe 😀"},
      {"markup", "<a b='c' d=\"e\">&", "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;"},
      {"control characters", std::string("a\0b\nc\x7F\xC2\x85", 8), "a b c  "},
      {"a byte that begins nothing", "a\xFFz", "a\xEF\xBF\xBDz"},
      {"a cut off character", "a\xE2\x82", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"overlong", "\xC0\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"no character", "\xEF\xBF\xBF", "\xEF\xBF\xBD"},
  };
  for (const Case& test : cases) EXPECT_EQ(EscapeMarkup(test.input), test.want) << test.name;
}

TEST(ErdTextTest, ShortensByCharacters) {
  EXPECT_EQ(Shortened("größe", 5), "größe");
  EXPECT_EQ(Shortened("größen", 5), "größ…");
  EXPECT_EQ(Shortened("", 5), "");
}

TEST(ErdTextTest, MeasuresByCharacterAndWeight) {
  EXPECT_DOUBLE_EQ(TextWidth("", 12, false), 0);
  EXPECT_LT(TextWidth("iii", 12, false), TextWidth("WWW", 12, false));
  EXPECT_LT(TextWidth("name", 12, false), TextWidth("name", 12, true));
  EXPECT_DOUBLE_EQ(TextWidth("ab", 20, false), 2 * TextWidth("ab", 10, false));
  EXPECT_GE(TextWidth("患者", 10, false), 20);
}

}  // namespace
}  // namespace bonnie::schema
