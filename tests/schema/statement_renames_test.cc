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
  RenameTrail trail;
  for (const std::string& statement : statements) trail.Follow(statement);
  return trail.hints();
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
    EXPECT_THAT(hints.columns, IsEmpty());
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
  EXPECT_THAT(hints.columns, IsEmpty());
}

TEST(StatementRenamesTest, ForgetsWhatWasDroppedOrMadeAnew) {
  EXPECT_THAT(After({"ALTER TABLE t CHANGE a b INT", "ALTER TABLE t DROP COLUMN b", "ALTER TABLE t ADD b INT"}).columns,
              IsEmpty());
  EXPECT_THAT(After({"RENAME TABLE t TO u", "DROP TABLE IF EXISTS u", "CREATE TABLE IF NOT EXISTS u (a INT)"}).tables,
              IsEmpty());
  // What is new under the old name goes its own way.
  const RenameHints hints =
      After({"ALTER TABLE t CHANGE a b INT, ADD COLUMN IF NOT EXISTS a INT", "ALTER TABLE t RENAME COLUMN a TO c",
             "ALTER TABLE t ADD KEY c (c), DROP PRIMARY KEY"});
  EXPECT_THAT(hints.columns.at("t"), ElementsAre(Pair("b", "a")));
}

TEST(StatementRenamesTest, GoesDownOneBranchAndUpTheOther) {
  const auto folder = MigrationFolder::Of(
      {{"0001_one.sql", "-- revision: 0001\n-- revises:\n-- message: one\n-- migrate:up\nCREATE TABLE t (a INT);\n"},
       {"000x_x.sql",
        "-- revision: 000x\n-- revises: 0001\n-- message: x\n-- migrate:up\nALTER TABLE t CHANGE a x INT;\n"
        "RENAME TABLE t TO tx;\n"},
       {"000y_y.sql",
        "-- revision: 000y\n-- revises: 0001\n-- message: y\n-- migrate:up\nRENAME TABLE t TO ty;\n"
        "ALTER TABLE ty CHANGE a y INT;\n"}});
  ASSERT_TRUE(folder.ok()) << folder.status();
  const RenameHints hints = RenamesBetween(**folder, {"0001", "000x"}, {"0001", "000y"});
  EXPECT_THAT(hints.tables, ElementsAre(Pair("ty", "tx")));
  EXPECT_THAT(hints.columns.at("ty"), ElementsAre(Pair("y", "x")));
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
