#include "services/schema/statement_renames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/schema/migration_dir.h"

namespace bonnie::schema {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

RenameHints After(const std::vector<std::string>& statements) {
  RenameHints hints;
  for (const std::string& statement : statements) FollowRenames(statement, &hints);
  return hints;
}

TEST(StatementRenamesTest, ReadsEachWayToRenameAColumn) {
  struct Case {
    const char* name;
    const char* sql;
  } const kCases[] = {
      {"change", "ALTER TABLE t CHANGE a b INT"},
      {"change column", "ALTER TABLE `t` CHANGE COLUMN `a` `b` INT NOT NULL DEFAULT 0, ADD INDEX (b)"},
      {"change if exists", "ALTER TABLE t CHANGE COLUMN IF EXISTS a b INT"},
      {"rename column", "ALTER TABLE t ADD COLUMN c INT, RENAME COLUMN a TO b"},
      {"with clauses", "ALTER TABLE t ALGORITHM=INPLACE, LOCK=NONE, RENAME COLUMN `a` TO `b`"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const RenameHints hints = After({c.sql});
    EXPECT_THAT(hints.tables, IsEmpty());
    ASSERT_EQ(hints.columns.count("t"), 1u);
    EXPECT_THAT(hints.columns.at("t"), ElementsAre(Pair("b", "a")));
  }
}

TEST(StatementRenamesTest, ReadsEachWayToRenameATable) {
  for (const char* sql : {"RENAME TABLE a TO b", "RENAME TABLE IF EXISTS `a` WAIT 5 TO `b`", "ALTER TABLE a RENAME b",
                          "ALTER TABLE a RENAME TO b", "ALTER TABLE a RENAME = b", "ALTER TABLE a RENAME AS `b`"}) {
    SCOPED_TRACE(sql);
    EXPECT_THAT(After({sql}).tables, ElementsAre(Pair("b", "a")));
  }
}

TEST(StatementRenamesTest, TakesNothingElseForARename) {
  for (const char* sql :
       {"ALTER TABLE t RENAME INDEX a TO b", "ALTER TABLE t RENAME KEY a TO b", "ALTER TABLE t CHANGE a a INT",
        "ALTER TABLE t DROP COLUMN a, ADD COLUMN b INT", "UPDATE t SET a = 'RENAME TABLE a TO b'",
        "CREATE INDEX a ON t (b)", "RENAME USER a TO b", "ALTER TABLE t", ""}) {
    SCOPED_TRACE(sql);
    const RenameHints hints = After({sql});
    EXPECT_THAT(hints.tables, IsEmpty());
    for (const auto& [table, columns] : hints.columns) EXPECT_THAT(columns, IsEmpty());
  }
}

TEST(StatementRenamesTest, LeadsFromTheLastNameToTheFirst) {
  const RenameHints hints = After({"ALTER TABLE t RENAME COLUMN a TO b", "RENAME TABLE t TO u",
                                   "ALTER TABLE u CHANGE b c INT", "RENAME TABLE u TO v"});
  EXPECT_THAT(hints.tables, ElementsAre(Pair("v", "t")));
  ASSERT_EQ(hints.columns.count("v"), 1u);
  EXPECT_THAT(hints.columns.at("v"), ElementsAre(Pair("c", "a")));
}

TEST(StatementRenamesTest, ForgetsARenameThatWasTakenBack) {
  const RenameHints hints = After({"ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t RENAME COLUMN b TO a",
                                   "RENAME TABLE t TO u", "RENAME TABLE u TO t"});
  EXPECT_THAT(hints.tables, IsEmpty());
  EXPECT_THAT(hints.columns.at("t"), IsEmpty());
}

TEST(StatementRenamesTest, LetsColumnsAndTablesSwapTheirNames) {
  const RenameHints hints = After({"ALTER TABLE t CHANGE a b INT, CHANGE b a INT", "RENAME TABLE x TO free",
                                   "RENAME TABLE y TO x", "RENAME TABLE free TO y"});
  EXPECT_THAT(hints.columns.at("t"), ElementsAre(Pair("a", "b"), Pair("b", "a")));
  EXPECT_THAT(hints.tables, ElementsAre(Pair("x", "y"), Pair("y", "x")));
}

TEST(StatementRenamesTest, GoesBothWaysBetweenRevisions) {
  const auto folder = MigrationFolder::Of(
      {{"0001_one.sql", "-- revision: 0001\n-- revises:\n-- message: one\n-- migrate:up\nCREATE TABLE t (a INT);\n"},
       {"0002_two.sql",
        "-- revision: 0002\n-- revises: 0001\n-- message: two\n-- migrate:up\nALTER TABLE t RENAME COLUMN a TO b;\n"
        "RENAME TABLE t TO u;\n"}});
  ASSERT_TRUE(folder.ok()) << folder.status();
  const RenameHints up = RenamesBetween(**folder, {"0001"}, {"0001", "0002"});
  EXPECT_THAT(up.tables, ElementsAre(Pair("u", "t")));
  EXPECT_THAT(up.columns.at("u"), ElementsAre(Pair("b", "a")));
  const RenameHints down = RenamesBetween(**folder, {"0001", "0002"}, {"0001"});
  EXPECT_THAT(down.tables, ElementsAre(Pair("t", "u")));
  EXPECT_THAT(down.columns.at("t"), ElementsAre(Pair("a", "b")));
  EXPECT_THAT(RenamesBetween(**folder, {"0001"}, {"0001"}).columns, IsEmpty());
}

}  // namespace
}  // namespace bonnie::schema
