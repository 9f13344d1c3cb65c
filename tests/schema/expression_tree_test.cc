#include "services/schema/expression_tree.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace bonnie::schema {
namespace {

std::string TreeOf(absl::string_view expression) { return ExpressionTree(expression).value_or("not understood"); }

// As MySQL writes it, and as MariaDB does.
TEST(ExpressionTreeTest, IsTheSameForBothFlavoursSpellings) {
  const char* const pairs[][2] = {
      {"(`a` > 0)", "`a` > 0"},
      {"((`a` > 0) and (`b` < 10) and (`c` <> 3))", "`a` > 0 and `b` < 10 and `c` <> 3"},
      {"((`a` = 1) or ((`b` = 2) and (`c` = 3)))", "`a` = 1 or `b` = 2 and `c` = 3"},
      {"(((`a` = 1) or (`b` = 2)) and (`c` = 3))", "(`a` = 1 or `b` = 2) and `c` = 3"},
      {"(`n` <> _utf8mb4'')", "`n` <> ''"},
      {"(`g` in (_utf8mb4'f',_utf8mb4'm'))", "`g` in ('f','m')"},
      {"(`g` not in (1,2))", "`g` not in (1,2)"},
      {"(not((`n` like _utf8mb4'a%')))", "`n` not like 'a%'"},
      {"(`a` between 1 and 5)", "`a` between 1 and 5"},
      {"((`a` + (`b` * 2)) - 1)", "`a` + `b` * 2 - 1"},
      {"(`a` - (`b` - 1))", "`a` - (`b` - 1)"},
      {"((`a` is not null) or (`b` is null))", "`a` is not null or `b` is null"},
      {"regexp_like(`a`,_utf8mb4'^x')", "`a` regexp '^x'"},
      {"concat(`a`,_utf8mb4' ',`b`)", "concat(`a`,' ',`b`)"},
      {"(case when (`a` = 1) then _utf8mb4'x' else NULL end)", "case when `a` = 1 then 'x' else NULL end"},
      {"now(3)", "current_timestamp(3)"},
      {"CURRENT_TIMESTAMP", "current_timestamp()"},
      {"(`a` + interval 1 day)", "`a` + interval 1 day"},
      {"(-(1))", "-1"},
      {"json_extract(`d`,_utf8mb4'$.a')", "json_extract(`d`,'$.a')"},
      {"cast(`a` as char(10) charset utf8mb4)", "cast(`a` as char(10) charset utf8mb4)"},
      {"((`a` % 2) = 0)", "`a` MOD 2 = 0"},
      {"(`a` != `b`)", "`A` <> `B`"},
      {"((`a` and `b`) and `c`)", "`a` and (`b` and `c`)"},
  };
  for (const auto& [mysql, mariadb] : pairs) {
    EXPECT_NE(TreeOf(mysql), "not understood") << mysql;
    EXPECT_EQ(TreeOf(mysql), TreeOf(mariadb)) << mysql << " against " << mariadb;
  }
}

TEST(ExpressionTreeTest, IsAnotherWhereOperatorsGroupOtherwise) {
  const char* const pairs[][2] = {
      {"a = 1 or b = 2 and c = 3", "(a = 1 or b = 2) and c = 3"},
      {"a - b - 1", "a - (b - 1)"},
      {"a + b * 2", "(a + b) * 2"},
      {"not a and b", "not (a and b)"},
      {"a = 1", "a <> 1"},
      {"'x'", "'X'"},
      {"'a b'", "'a  b'"},
      {"_binary'x'", "'x'"},
      {"a in (1, 2)", "a in (2, 1)"},
      {"f(a, b)", "f(b, a)"},
      {"a << 1", "a < 1"},
  };
  for (const auto& [one, other] : pairs) {
    EXPECT_NE(TreeOf(one), "not understood") << one;
    EXPECT_NE(TreeOf(one), TreeOf(other)) << one << " against " << other;
  }
}

TEST(ExpressionTreeTest, SaysWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "a b", "(a", "a)", "a +", "in 1", "case when a end", "RANGE (id) (PARTITION p0 VALUES LESS THAN (1))"}) {
    EXPECT_FALSE(ExpressionTree(text).has_value()) << text;
  }
  EXPECT_FALSE(ExpressionTree(std::string(100'000, '(')).has_value());
  EXPECT_FALSE(ExpressionTree(absl::StrCat(std::string(100'000, '-'), "1")).has_value());
}

}  // namespace
}  // namespace bonnie::schema
