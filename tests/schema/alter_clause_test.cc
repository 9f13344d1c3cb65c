#include "services/schema/alter_clause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonnie::schema {
namespace {

using data_access::Flavour;
using ::testing::ElementsAre;

TEST(AlterClauseTest, PutsTheClauseWhereBothServersTakeIt) {
  constexpr char kClause[] = "ALGORITHM=COPY, LOCK=SHARED";
  const struct {
    const char* sql;
    const char* want;
  } cases[] = {
      {"ALTER TABLE t ADD a INT", "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, ADD a INT"},
      {"alter table `t x` -- so\n  ADD a INT,\n  DROP b",
       "alter table `t x` -- so\n  ALGORITHM=COPY, LOCK=SHARED, ADD a INT,\n  DROP b"},
      {"ALTER TABLE t PARTITION BY HASH (a)", "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED PARTITION BY HASH (a)"},
      {"ALTER TABLE t REMOVE PARTITIONING", "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED REMOVE PARTITIONING"},
      {"ALTER TABLE t ADD a INT PARTITION BY HASH (a)",
       "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, ADD a INT PARTITION BY HASH (a)"},
      {"ALTER TABLE IF EXISTS t NOWAIT ADD a INT",
       "ALTER TABLE IF EXISTS t NOWAIT ALGORITHM=COPY, LOCK=SHARED, ADD a INT"},
      {"CREATE UNIQUE INDEX i USING BTREE ON t (a, b(3)) COMMENT 'on'",
       "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, ADD UNIQUE INDEX i USING BTREE (a, b(3)) COMMENT 'on'"},
      {"CREATE INDEX `on` ON `t``x` (a)", "ALTER TABLE `t``x` ALGORITHM=COPY, LOCK=SHARED, ADD INDEX `on` (a)"},
      {"DROP INDEX i ON t", "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, DROP INDEX i"},
      {"DROP INDEX IF EXISTS i ON t", "ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, DROP INDEX IF EXISTS i"},
  };
  for (const auto& c : cases) {
    const auto statement = ReadAlterStatement(c.sql);
    ASSERT_TRUE(statement.has_value()) << c.sql;
    EXPECT_EQ(WithClause(*statement, kClause, Flavour::kMariaDb), c.want);
    EXPECT_EQ(WithClause(*statement, kClause, Flavour::kMySql), c.want);
  }
}

TEST(AlterClauseTest, LeavesAloneWhatTakesNone) {
  for (const char* sql : {"CREATE TABLE t (a INT)", "DROP TABLE t", "RENAME TABLE a TO b", "INSERT INTO t VALUES (1)",
                          "CREATE OR REPLACE INDEX i ON t (a)", "ALTER VIEW v AS SELECT 1", "ALTER TABLE t",
                          "CREATE INDEX i ON t (a) ALGORITHM=INPLACE", "CREATE VIEW v AS SELECT 1", "", "ALTER"}) {
    EXPECT_FALSE(ReadAlterStatement(sql).has_value()) << sql;
  }
  const auto alone = ReadAlterStatement("ALTER TABLE t DROP PARTITION p0, p1");
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(WithClause(*alone, "ALGORITHM=COPY", Flavour::kMariaDb), "") << "1064 there";
  EXPECT_EQ(WithClause(*alone, "ALGORITHM=COPY", Flavour::kMySql),
            "ALTER TABLE t ALGORITHM=COPY, DROP PARTITION p0, p1");
}

TEST(AlterClauseTest, TellsClausesApart) {
  const auto clauses = [](const char* sql) { return ReadAlterStatement(sql)->clauses; };
  EXPECT_THAT(clauses("ALTER TABLE t ADD a ENUM('x', 'y') COMMENT ', DROP b', ADD KEY (a, b) , FORCE"),
              ElementsAre("ADD a ENUM('x', 'y') COMMENT ', DROP b'", "ADD KEY (a, b)", "FORCE"));
  EXPECT_THAT(clauses("ALTER TABLE t DROP PARTITION p0, p1"), ElementsAre("DROP PARTITION p0, p1"));
  EXPECT_THAT(
      clauses("ALTER TABLE t REORGANIZE PARTITION a, b INTO (PARTITION c VALUES IN (1), PARTITION d VALUES IN (2))"),
      ElementsAre("REORGANIZE PARTITION a, b INTO (PARTITION c VALUES IN (1), PARTITION d VALUES IN (2))"));
  EXPECT_THAT(clauses("ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1)), ADD a INT"),
              ElementsAre("ADD PARTITION (PARTITION p VALUES IN (1))", "ADD a INT"));
  EXPECT_THAT(clauses("ALTER TABLE t ADD a INT PARTITION BY HASH (a)"), ElementsAre("ADD a INT"));
}

TEST(AlterClauseTest, KnowsWhatHappensToPartitions) {
  const auto work = [](const char* sql) { return ReadAlterStatement(sql)->partitions; };
  EXPECT_EQ(work("ALTER TABLE t ADD a INT"), PartitionWork::kNone);
  EXPECT_EQ(work("ALTER TABLE t ADD `partition` INT"), PartitionWork::kNone);
  EXPECT_EQ(work("ALTER TABLE t ADD a INT PARTITION BY HASH (a)"), PartitionWork::kAnew);
  EXPECT_EQ(work("ALTER TABLE t REMOVE PARTITIONING"), PartitionWork::kAnew);
  EXPECT_EQ(work("ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))"), PartitionWork::kAdd);
  EXPECT_EQ(work("ALTER TABLE t ADD PARTITION IF NOT EXISTS PARTITIONS 3"), PartitionWork::kSpread);
  EXPECT_EQ(work("ALTER TABLE t COALESCE PARTITION 1"), PartitionWork::kSpread);
  EXPECT_EQ(work("ALTER TABLE t DROP PARTITION p"), PartitionWork::kDrop);
}

TEST(AlterClauseTest, SeesWhatTheStatementAsksForItself) {
  const auto own = ReadAlterStatement("ALTER TABLE t ADD a INT, algorithm = inplace, LOCK none");
  EXPECT_EQ(own->own_algorithm, "INPLACE");
  EXPECT_EQ(own->own_lock, "NONE");
  EXPECT_EQ(ReadAlterStatement("ALTER ONLINE TABLE t ADD a INT")->own_lock, "NONE");
  EXPECT_EQ(ReadAlterStatement("ALTER TABLE t ADD algorithm INT, ADD `lock` INT")->own_algorithm, "");
}

TEST(AlterClauseTest, TellsWhichClausesCountAsRowVersionsAndWhichLeaveRowsAlone) {
  for (const char* clause : {"ADD a INT", "ADD COLUMN a INT", "DROP a", "DROP COLUMN a", "ADD (a INT, b INT)"}) {
    EXPECT_TRUE(AddsOrDropsColumn(clause)) << clause;
    EXPECT_FALSE(LeavesRowsAlone(clause)) << clause;
  }
  for (const char* clause :
       {"ADD INDEX (a)", "DROP KEY a", "RENAME COLUMN a TO b", "ADD FOREIGN KEY (a) REFERENCES p (a)"}) {
    EXPECT_FALSE(AddsOrDropsColumn(clause)) << clause;
    EXPECT_TRUE(LeavesRowsAlone(clause)) << clause;
  }
  for (const char* clause :
       {"MODIFY a INT", "DROP PRIMARY KEY", "ADD FULLTEXT (a)", "FORCE", "ADD CONSTRAINT PRIMARY KEY (a)"}) {
    EXPECT_FALSE(AddsOrDropsColumn(clause)) << clause;
    EXPECT_FALSE(LeavesRowsAlone(clause)) << clause;
  }
}

}  // namespace
}  // namespace bonnie::schema
