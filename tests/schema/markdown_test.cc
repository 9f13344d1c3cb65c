#include "services/schema/markdown.h"

#include <gtest/gtest.h>

namespace bonnie::schema {
namespace {

TEST(MarkdownTest, ShowsTextAsItIs) {
  EXPECT_EQ(MarkdownText("medical_records"), "medical_records");
  EXPECT_EQ(MarkdownText("a | b\n*c* <d> & `e` _f_ [g](h)"),
            "a \\| b \\*c\\* &lt;d&gt; &amp; \\`e\\` \\_f\\_ \\[g\\](h)");
}

TEST(MarkdownTest, FencesCodeByMoreBackticksThanItHas) {
  EXPECT_EQ(MarkdownCode(""), "");
  EXPECT_EQ(MarkdownCode("varchar(50)"), "`varchar(50)`");
  EXPECT_EQ(MarkdownCode("a``b"), "```a``b```");
  EXPECT_EQ(MarkdownCode("`a`"), "`` `a` ``");
  EXPECT_EQ(MarkdownCode("a|b\nc"), "`a\\|b c`");
  EXPECT_EQ(MarkdownBlock("sql", "a ```` b\n"), "`````sql\na ```` b\n`````\n");
}

TEST(MarkdownTest, MakesDifferentAnchorsOfDifferentNames) {
  EXPECT_EQ(MarkdownAnchor("medical_records"), "table-medical_records");
  EXPECT_EQ(MarkdownAnchor("A b"), "table--41-20b");
  EXPECT_NE(MarkdownAnchor("a-41"), MarkdownAnchor("aA"));
}

TEST(MarkdownTest, WritesTables) {
  EXPECT_EQ(MarkdownHead({"A", "B"}) + MarkdownRow({"1", ""}), "| A | B |\n| --- | --- |\n| 1 |  |\n");
}

}  // namespace
}  // namespace bonnie::schema
