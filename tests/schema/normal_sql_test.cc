#include "services/schema/sql_gate/normal_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using data_access::Flavour;
using test_support::StatusIs;
using ::testing::HasSubstr;

struct NormalCase {
  const char* name;
  const char* sql;
  const char* mysql;
  const char* mariadb;
};

constexpr NormalCase kNormalCases[] = {
    {"plain comments", "a /* b */ c -- d\ne # f\ng", "a   c  \ne  \ng", "a   c  \ne  \ng"},
    {"line breaks stay", "a /* b\nc\n*/ d", "a  \n\n d", "a  \n\n d"},
    {"an optimizer hint is a comment", "UPDATE /*+ SET_VAR(a=1) */ t", "UPDATE   t", "UPDATE   t"},
    {"an old version is opened", "a /*!50100 PARTITION BY KEY */", "a   PARTITION BY KEY", "a   PARTITION BY KEY"},
    {"no version is opened", "a /*! b */ c", "a   b   c", "a   b   c"},
    {"MySQL's own version", "a /*!80016 NOT ENFORCED */", "a   NOT ENFORCED", "a"},
    {"MariaDB's own mark", "a /*M! b */ c", "a   c", "a   b   c"},
    {"MariaDB's own version", "a /*!100301 COMPRESSED*/ b", "a   b", "a   COMPRESSED  b"},
    {"one in another", "/*!50100 KEY /*!50611 ALGORITHM = 1 */ (a) */", "KEY   ALGORITHM = 1   (a)",
     "KEY   ALGORITHM = 1   (a)"},
    {"skipped with those in it", "a /*M! b /*! c */ d */ e", "a   e", "a   b   c   d   e"},
    {"strings stay", "'/* a */' \"-- b\" `# c`", "'/* a */' \"-- b\" `# c`", "'/* a */' \"-- b\" `# c`"},
    {"an end within a string is none", "/*!50100 COMMENT 'a */ b' */ c", "COMMENT 'a */ b'   c",
     "COMMENT 'a */ b'   c"},
    {"two signs are not made one", "1 /* a */* 2", "1  * 2", "1  * 2"},
    {"a minus is no comment", "5--3", "5--3", "5--3"},
};

TEST(NormalSqlTest, RemovesCommentsAndOpensWhatTheServerExecutes) {
  for (const NormalCase& c : kNormalCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(NormalizeSql(c.sql, Flavour::kMySql).value_or("refused"), c.mysql);
    EXPECT_EQ(NormalizeSql(c.sql, Flavour::kMariaDb).value_or("refused"), c.mariadb);
  }
}

TEST(NormalSqlTest, ANormalTextStaysAsItIs) {
  for (const NormalCase& c : kNormalCases) {
    SCOPED_TRACE(c.name);
    for (const Flavour flavour : {Flavour::kMySql, Flavour::kMariaDb}) {
      const std::string once = NormalizeSql(c.sql, flavour).value();
      EXPECT_EQ(NormalizeSql(once, flavour).value_or("refused"), once);
    }
  }
}

TEST(NormalSqlTest, RefusesWhatServersMayReadInAnotherWay) {
  constexpr struct {
    const char* sql;
    const char* want;
    bool mysql = true, mariadb = true;  // whether it refuses; else it skips the comment
  } kCases[] = {
      {"/*!99999 CREATE TABLE t (a INT) */ SET PASSWORD = 'x'", "99999 is of no supported release", true, false},
      {"/*!999999 a */", "999999 is of no supported release", false, true},
      {"/*!1 a */", "1 is of no supported release"},
      {"/*!501001234 a */", "501001234 is of no supported release"},
      {"/*M!990000 a */", "990000 is of no supported release", false, true},
      {"/*!50100 a", "does not end"},
      {"a /* b", "does not end"},
      {"'a", "does not end"},
      {"a */ b", "ends no comment"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sql);
    const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.want));
    if (c.mysql) {
      EXPECT_THAT(NormalizeSql(c.sql, Flavour::kMySql), refused);
    }
    if (c.mariadb) {
      EXPECT_THAT(NormalizeSql(c.sql, Flavour::kMariaDb), refused);
    }
  }
}

// MariaDB skips what MySQL would refuse: what is left is checked like any statement.
TEST(NormalSqlTest, WhatIsLeftAfterASkippedCommentIsWhatIsChecked) {
  EXPECT_EQ(
      NormalizeSql("/*!99999 CREATE TABLE t (a INT) */ SET PASSWORD = 'x'", Flavour::kMariaDb).value_or("refused"),
      "SET PASSWORD = 'x'");
  EXPECT_EQ(NormalizeSql("ALTER TABLE p /*!99999 ADD */ DROP COLUMN c", Flavour::kMariaDb).value_or("refused"),
            "ALTER TABLE p   DROP COLUMN c");
}

}  // namespace
}  // namespace bonnie::schema
