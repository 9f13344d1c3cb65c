#include "services/schema/sql_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Texts(absl::string_view sql) {
  std::vector<std::string> texts;
  const auto statements = SplitStatements(sql, 1);
  EXPECT_TRUE(statements.ok()) << statements.status();
  if (statements.ok()) {
    for (const SplitStatement& statement : *statements) texts.push_back(statement.sql);
  }
  return texts;
}

TEST(SqlSplitterTest, SplitsWhereTheMysqlCommandWould) {
  const struct {
    const char* name;
    const char* sql;
    std::vector<std::string> want;
  } kCases[] = {
      {"empty", "", {}},
      {"blank", " \n;; ;\n", {}},
      {"two", "a; b ;", {"a", "b"}},
      {"no delimiter at the end", "a;\nb\n", {"a", "b"}},
      {"in a string", "a ';' b; c", {"a ';' b", "c"}},
      {"in double quotes", "a \";\" b; c", {"a \";\" b", "c"}},
      {"in a quoted name", "a `;` b; c", {"a `;` b", "c"}},
      {"a doubled quote", "a ''';' b; c", {"a ''';' b", "c"}},
      {"an escaped quote", R"(a '\';' b; c)", {R"(a '\';' b)", "c"}},
      {"no escapes in names", R"(a `\`; b)", {R"(a `\`)", "b"}},
      {"in a line comment", "a -- ;\n b; c", {"a -- ;\n b", "c"}},
      {"in a hash comment", "a # ;\n b; c", {"a # ;\n b", "c"}},
      {"two dashes without a space are arithmetic", "a 5--3; b", {"a 5--3", "b"}},
      {"in a block comment", "a /* ; ' */ b; c", {"a /* ; ' */ b", "c"}},
      {"an executable comment is a statement", "/*!50003 a;b */; c", {"/*!50003 a;b */", "c"}},
      {"comments alone are none", "-- a;\n/* b; */ # c;\n", {}},
      {"other delimiters", "DELIMITER //\na; b; //\ndelimiter ;\nc;", {"a; b;", "c"}},
      {"a delimiter is one word", "DELIMITER // now\na; // b //", {"a;", "b"}},
      {"delimiter is a name elsewhere", "a delimiter x; b", {"a delimiter x", "b"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Texts(c.sql), c.want);
  }
}

TEST(SqlSplitterTest, CountsLinesAndKeepsTheCommentsBefore) {
  const auto statements = SplitStatements("\n-- keeps: b has it\n-- more\nALTER\n TABLE a;\n\n -- x\nb;", 10);
  ASSERT_TRUE(statements.ok());
  ASSERT_EQ(statements->size(), 2u);
  EXPECT_EQ((*statements)[0].line, 13);
  EXPECT_THAT((*statements)[0].comments, ElementsAre("keeps: b has it", "more"));
  EXPECT_EQ((*statements)[1].line, 17);
  EXPECT_THAT((*statements)[1].comments, ElementsAre("x"));
}

TEST(SqlSplitterTest, SaysWhereSomethingDoesNotEnd) {
  for (const char* sql : {"a;\nb 'c", "a;\nb \"c", "a;\nb `c", "a;\nb /* c"}) {
    SCOPED_TRACE(sql);
    const auto statements = SplitStatements(sql, 5);
    ASSERT_FALSE(statements.ok());
    EXPECT_THAT(std::string(statements.status().message()), HasSubstr("6: this "));
    EXPECT_THAT(std::string(statements.status().message()), HasSubstr("does not end"));
  }
}

TEST(SqlSplitterTest, TakesStatementsApart) {
  std::vector<std::string> texts;
  for (const Token& token :
       Tokenize("ALTER /* x */ TABLE `a``b` -- c\n ADD d INT DEFAULT 'e''f' /*!80000 INVISIBLE */")) {
    texts.push_back(token.text);
  }
  EXPECT_THAT(texts, ElementsAre("alter", "table", "a`b", "add", "d", "int", "default", "e'f", "invisible"));
}

TEST(SqlSplitterTest, TokenizingSurvivesWhatDoesNotEnd) {
  for (const char* sql : {"'", "`", "\"a", "'\\", "/*", "/*!", "a '", "''", "--", "#"}) {
    SCOPED_TRACE(sql);
    EXPECT_LE(Tokenize(sql).size(), 2u);
  }
}

}  // namespace
}  // namespace bonnie::schema
