#include "services/schema/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/alter.h"
#include "services/schema/create_table.h"
#include "tests/schema/schema_of.h"

namespace bonnie::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Schema TableOf(const std::string& clauses, const std::string& ending = "",
               data_access::Flavour flavour = data_access::Flavour::kMariaDb) {
  return SchemaOf({absl::StrCat("CREATE TABLE `t` (\n  ", clauses,
                                "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin", ending)},
                  flavour);
}

std::vector<std::string> Described(const Difference& difference) {
  std::vector<std::string> lines;
  for (const Change& change : difference.changes) lines.push_back(Describe(change));
  return lines;
}

TEST(DiffTest, FindsNothingBetweenCounters) {
  const std::string columns = "`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)";
  const Schema from = TableOf(columns, " AUTO_INCREMENT=7"), to = TableOf(columns);
  EXPECT_THAT(Described(Diff(from, to)), IsEmpty());
  EXPECT_THAT(WriteAlter(from, to).statements, IsEmpty());
}

TEST(DiffTest, MovesAnIndexInAStatementThatTheServerDoesNotSkip) {
  const std::string columns = "`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`),\n  ";
  const Schema from = TableOf(columns + "KEY `a` (`id`),\n  KEY `b` (`id`)", " COMMENT='it''s t'");
  const Schema to = TableOf(columns + "KEY `b` (`id`),\n  KEY `a` (`id`)", " COMMENT='it''s t'");
  EXPECT_THAT(Described(Diff(from, to)), ElementsAre("t: move index a"));
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t`\n  DROP INDEX `a`,\n  ADD KEY `a` (`id`),\n  COMMENT='it''s t'"));
}

TEST(DiffTest, SaysNothingOfAnOrderThatAnotherChangeBringsAlong) {
  const Schema from = TableOf("`id` int(11),\n  KEY `a` (`id`),\n  KEY `b` (`id`)");
  const Schema to = TableOf("`id` bigint(20),\n  KEY `b` (`id`),\n  KEY `a` (`id`)");
  EXPECT_THAT(Described(Diff(from, to)), ElementsAre("t: modify column id int(11) -> bigint(20)"));
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t` MODIFY COLUMN `id` bigint(20)",
                          "ALTER TABLE `t`\n  DROP INDEX `a`,\n  ADD KEY `a` (`id`),\n  COMMENT=''"));
  const Schema more = TableOf("`id` bigint(20),\n  KEY `b` (`id`),\n  KEY `c` (`id`),\n  KEY `a` (`id`)");
  EXPECT_THAT(WriteAlter(from, more).statements, ElementsAre(HasSubstr("ADD KEY `c` (`id`),\n  ADD KEY `a` (`id`)")));
}

// MariaDB leaves unique keys where they are when a column of theirs gets or loses NOT NULL, and sorts them with the
// next key.
TEST(DiffTest, MakesMariaDbSortUniqueKeysWhoseColumnsMayBeNullNow) {
  const std::string keys = "UNIQUE KEY `ua` (`a`),\n  UNIQUE KEY `ub` (`b`)",
                    sorted = "UNIQUE KEY `ub` (`b`),\n  UNIQUE KEY `ua` (`a`)";
  const std::string strict = "`a` int(11) NOT NULL,\n  `b` int(11) NOT NULL,\n  ",
                    lax = "`a` int(11) DEFAULT NULL,\n  `b` int(11) NOT NULL,\n  ";
  EXPECT_THAT(WriteAlter(TableOf(strict + keys), TableOf(lax + sorted)).statements,
              ElementsAre("ALTER TABLE `t` MODIFY COLUMN `a` int(11) DEFAULT NULL",
                          "ALTER TABLE `t`\n  DROP INDEX `ua`,\n  ADD UNIQUE KEY `ua` (`a`),\n  COMMENT=''"));
  EXPECT_THAT(Described(Diff(TableOf(lax + keys), TableOf(lax + sorted))), ElementsAre("t: move index ua"));
  const auto mysql = data_access::Flavour::kMySql;
  EXPECT_THAT(WriteAlter(TableOf(strict + keys, "", mysql), TableOf(lax + sorted, "", mysql)).statements, SizeIs(1));
}

TEST(DiffTest, MovesAnIndexToItsPlaceBetweenNewOnes) {
  const Schema from = TableOf("`id` int(11),\n  KEY `b` (`id`)");
  const Schema to = TableOf("`id` int(11),\n  KEY `a` (`id`),\n  KEY `b` (`id`),\n  KEY `c` (`id`)");
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t`\n  DROP INDEX `b`,\n  ADD KEY `a` (`id`),\n  ADD KEY `b` (`id`),\n  ADD KEY "
                          "`c` (`id`)"));
}

TEST(DiffTest, AddsAFulltextIndexAfterTheOneThatMovesBeforeIt) {
  const std::string x = "FULLTEXT KEY `x` (`a`)", y = "FULLTEXT KEY `y` (`a`)", z = "FULLTEXT KEY `z` (`a`)";
  const Schema from = TableOf("`a` text,\n  " + x + ",\n  " + y);
  const Schema to = TableOf("`a` text,\n  " + y + ",\n  " + x + ",\n  " + z);
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t`\n  DROP INDEX `x`,\n  ADD FULLTEXT KEY `x` (`a`),\n  COMMENT=''",
                          "ALTER TABLE `t` ADD FULLTEXT KEY `z` (`a`)"));
}

TEST(DiffTest, MovesACheckOnMariaDb) {
  const std::string x = "CONSTRAINT `x` CHECK (`id` > 1)", y = "CONSTRAINT `y` CHECK (`id` > 2)";
  const Schema from = TableOf("`id` int(11),\n  " + x + ",\n  " + y);
  const Schema to = TableOf("`id` int(11),\n  " + y + ",\n  " + x);
  EXPECT_THAT(Described(Diff(from, to)), ElementsAre("t: move check x"));
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t`\n  DROP CONSTRAINT `x`,\n  ADD CONSTRAINT `x` CHECK (`id` > 1)"));
}

TEST(DiffTest, SaysWhatChangesOneLineEach) {
  const Schema from = TableOf("`id` int(11) NOT NULL,\n  `a` int(11) DEFAULT NULL,\n  KEY `a` (`a`)");
  const Schema to = TableOf("`id` bigint(20) NOT NULL,\n  `b` text DEFAULT NULL");
  EXPECT_THAT(Described(Diff(from, to)),
              ElementsAre("t: add column b text DEFAULT NULL", "t: drop column a",
                          "t: modify column id int(11) NOT NULL -> bigint(20) NOT NULL", "t: drop index a"));
}

TEST(DiffTest, MovesAsFewColumnsAsPossible) {
  const Schema from = TableOf("`a` int(11),\n  `b` int(11),\n  `c` int(11),\n  `d` int(11)");
  const Schema to = TableOf("`d` int(11),\n  `a` int(11),\n  `b` int(11),\n  `c` int(11)");
  EXPECT_THAT(WriteAlter(from, to).statements, ElementsAre("ALTER TABLE `t` MODIFY COLUMN `d` int(11) FIRST"));
}

TEST(DiffTest, TakesOneClauseBetweenTheSameNeighboursForAPossibleRename) {
  const Schema from = TableOf("`id` int(11),\n  `old` int(11),\n  `z` int(11)");
  const Difference alike = Diff(from, TableOf("`id` int(11),\n  `new` int(11),\n  `z` int(11)"));
  ASSERT_EQ(alike.possible_renames.size(), 1u);
  EXPECT_EQ(alike.possible_renames[0].before, "old");
  EXPECT_EQ(alike.possible_renames[0].after, "new");
  EXPECT_THAT(Diff(from, TableOf("`id` int(11),\n  `z` int(11),\n  `new` int(11)")).possible_renames, IsEmpty());
  EXPECT_THAT(Diff(from, TableOf("`id` int(11),\n  `new` text,\n  `z` int(11)")).possible_renames, IsEmpty());
}

TEST(DiffTest, FollowsAHintUntilItIsDone) {
  const Schema from = TableOf("`id` int(11),\n  `old` int(11)");
  const Schema to = TableOf("`id` int(11),\n  `new` int(11)");
  const RenameHints hints = {{}, {{"t", {{"new", "old"}}}}};
  EXPECT_THAT(WriteAlter(from, to, hints).statements,
              ElementsAre("ALTER TABLE `t` CHANGE COLUMN `old` `new` int(11)"));
  EXPECT_THAT(Diff(from, to, hints).possible_renames, IsEmpty());
  EXPECT_TRUE(Diff(to, to, hints).empty());
}

TEST(DiffTest, SwapsNamesOnceOnly) {
  const Schema from = TableOf("`a` int(11),\n  `b` text");
  const Schema to = TableOf("`b` int(11),\n  `a` text");
  const RenameHints hints = {{}, {{"t", {{"a", "b"}, {"b", "a"}}}}};
  EXPECT_THAT(WriteAlter(from, to, hints).statements,
              ElementsAre("ALTER TABLE `t`\n  CHANGE COLUMN `a` `b` int(11),\n  CHANGE COLUMN `b` `a` text"));
  EXPECT_TRUE(Diff(to, to, hints).empty());
}

TEST(DiffTest, SwapsTablesThroughANameThatNobodyHas) {
  const auto create = [](const std::string& name, const std::string& column) {
    return absl::StrCat("CREATE TABLE `", name, "` (\n  `", column,
                        "` int(11)\n) ENGINE=InnoDB DEFAULT CHARSET=latin1");
  };
  const Schema from = SchemaOf({create("a", "x"), create("b", "y")});
  const Schema to = SchemaOf({create("a", "y"), create("b", "x")});
  const RenameHints hints = {{{"a", "b"}, {"b", "a"}}, {}};
  EXPECT_THAT(WriteAlter(from, to, hints).statements,
              ElementsAre("RENAME TABLE `a` TO `a_renamed`", "RENAME TABLE `b` TO `a`",
                          "RENAME TABLE `a_renamed` TO `b`"));
}

TEST(DiffTest, MakesAnIndexExplicitBeforeTheServerWouldReplaceIt) {
  const std::string columns = "`a` int(11),\n  `b` int(11),\n  KEY `a` (`a`)";
  EXPECT_THAT(WriteAlter(TableOf(columns), TableOf(columns + ",\n  KEY `wide` (`a`,`b`)")).statements,
              ElementsAre("ALTER TABLE `t`\n  DROP INDEX `a`,\n  ADD KEY `a` (`a`),\n  ADD KEY `wide` (`a`,`b`)"));
}

TEST(DiffTest, DropsAndAddsPartitionsOneStatementEach) {
  const auto parted = [](const std::string& list) {
    return TableOf("`y` int(11)", absl::StrCat("\n PARTITION BY RANGE (`y`)\n(", list, ")"));
  };
  const auto part = [](int n) {
    return absl::StrCat("PARTITION `p", n, "` VALUES LESS THAN (", n, ") ENGINE = InnoDB");
  };
  const Schema from = parted(absl::StrCat(part(1), ",\n ", part(2)));
  const Schema to = parted(absl::StrCat(part(2), ",\n ", part(3)));
  EXPECT_THAT(WriteAlter(from, to).statements,
              ElementsAre("ALTER TABLE `t` DROP PARTITION `p1`",
                          absl::StrCat("ALTER TABLE `t` ADD PARTITION (", part(3), ")")));
}

TEST(DiffTest, RowsOfARangeThatGoesInBetweenOrOnTheWayBackStay) {
  const auto parted = [](std::vector<int> bounds) {
    std::vector<std::string> parts;
    for (const int n : bounds) {
      parts.push_back(absl::StrCat("PARTITION `p", n, "` VALUES LESS THAN (", n, ") ENGINE = InnoDB"));
    }
    return TableOf("`y` int(11)",
                   absl::StrCat("\n PARTITION BY RANGE (`y`)\n(", absl::StrJoin(parts, ",\n "), ")"));
  };
  const auto statements = [&](std::vector<int> from, std::vector<int> to, Direction direction) {
    return WriteAlter(parted(std::move(from)), parted(std::move(to)), {}, direction).statements;
  };
  EXPECT_THAT(statements({1, 2}, {2}, Direction::kUp), ElementsAre("ALTER TABLE `t` DROP PARTITION `p1`"));
  EXPECT_THAT(statements({1, 2}, {1}, Direction::kDown), ElementsAre("ALTER TABLE `t` DROP PARTITION `p2`"));
  EXPECT_THAT(statements({1, 2}, {2}, Direction::kDown),
              ElementsAre("ALTER TABLE `t` REORGANIZE PARTITION `p1`, `p2` INTO (PARTITION `p2` VALUES LESS THAN (2) "
                          "ENGINE = InnoDB)"));
  EXPECT_THAT(statements({1, 2, 3, 4}, {2, 4}, Direction::kUp),
              ElementsAre(::testing::StartsWith("ALTER TABLE `t` REORGANIZE PARTITION `p1`, `p2`, `p3`, `p4` INTO (")));
  EXPECT_THAT(statements({1, 2, 3}, {1, 3}, Direction::kUp),
              ElementsAre("ALTER TABLE `t` REORGANIZE PARTITION `p2`, `p3` INTO (PARTITION `p3` VALUES LESS THAN (3) "
                          "ENGINE = InnoDB)"));
}

TEST(DiffTest, NamesWhatNoAlterCanChange) {
  const AlterScript script = WriteAlter(TableOf("`a` int(11)", " DATA DIRECTORY='/x/'"), TableOf("`a` int(11)"));
  ASSERT_EQ(script.unsupported.size(), 1u);
  EXPECT_THAT(script.unsupported[0].attribute, HasSubstr("DATA DIRECTORY"));
}

TEST(DiffTest, NamesStoredObjectsThatDiffer) {
  Schema from, to;
  from.objects.push_back({{SchemaObject::Kind::kView, "v"}, "", "CREATE VIEW v AS SELECT 1"});
  EXPECT_THAT(Described(Diff(from, to)), ElementsAre("drop v"));
  ASSERT_EQ(WriteAlter(from, to).unsupported.size(), 1u);
  EXPECT_EQ(WriteAlter(from, to).unsupported[0].object, "v");
}

}  // namespace
}  // namespace bonnie::schema
