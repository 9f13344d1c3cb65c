#include "services/schema/revision_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/schema/migration_dir.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;

TEST(RevisionTextTest, WritesWhatParseRevisionReads) {
  RevisionDraft draft;
  draft.links = {"0007", {"0005", "0006"}, {"other_1"}, "care"};
  draft.message = "add a: column";
  draft.notes = {"message: add column revises", "! MY101 two\nlines", "migrate:down is a table"};
  draft.up = {"CREATE TABLE a (\n  b INT COMMENT ';'\n)", "ALTER TABLE c ADD d INT"};
  draft.down = std::vector<std::string>{"ALTER TABLE c DROP d", "DROP TABLE a"};
  const auto revision = ParseRevision("0007.sql", WriteRevision(draft));
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(revision->links.id, "0007");
  EXPECT_THAT(revision->links.revises, ElementsAre("0005", "0006"));
  EXPECT_THAT(revision->links.depends_on, ElementsAre("other_1"));
  EXPECT_EQ(revision->links.branch_label, "care");
  EXPECT_EQ(revision->message, "add a: column");
  ASSERT_EQ(revision->up.size(), 2u);
  EXPECT_EQ(revision->up[0].sql, draft.up[0]);
  EXPECT_EQ(revision->up[1].sql, draft.up[1]);
  ASSERT_TRUE(revision->down.has_value());
  EXPECT_EQ(revision->down->back().sql, "DROP TABLE a");
}

TEST(RevisionTextTest, LeavesTheSectionOutWhereThereIsNoWayDown) {
  RevisionDraft draft;
  draft.links.id = "1";
  const auto revision = ParseRevision("1.sql", WriteRevision(draft));
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_FALSE(revision->down.has_value());
  EXPECT_TRUE(revision->links.revises.empty());
}

TEST(RevisionTextTest, NamesFilesAfterIdAndMessage) {
  EXPECT_EQ(RevisionFileName("0001", "Create tables"), "0001_create_tables.sql");
  EXPECT_EQ(RevisionFileName("0001", "  ../Ä: \"x\"! "), "0001_x.sql");
  EXPECT_EQ(RevisionFileName("0001", "表"), "0001.sql");
  EXPECT_EQ(RevisionFileName("0001", std::string(100, 'a')).size(), 5u + 40u + 4u);
  EXPECT_EQ(RevisionIdAt(absl::FromUnixSeconds(1)), "19700101000001");
}

TEST(RevisionTextTest, WrapsOneClauseALine) {
  const struct {
    const char* sql;
    const char* want;
  } cases[] = {
      {"ALTER TABLE `a` ADD COLUMN `b` int", "ALTER TABLE `a` ADD COLUMN `b` int"},
      {"ALTER TABLE `a` ADD COLUMN `b` enum('x, y','(z'), DROP KEY `k, l`",
       "ALTER TABLE `a`\n  ADD COLUMN `b` enum('x, y','(z'),\n  DROP KEY `k, l`"},
      {"ALTER TABLE `a,b` ADD KEY `k` (`c`,`d`), ADD KEY `l` (`e`)",
       "ALTER TABLE `a,b`\n  ADD KEY `k` (`c`,`d`),\n  ADD KEY `l` (`e`)"},
      {"ALTER TABLE `a` MODIFY `b` int, /*!80023 ALTER COLUMN c SET INVISIBLE */",
       "ALTER TABLE `a`\n  MODIFY `b` int, /*!80023 ALTER COLUMN c SET INVISIBLE */"},
      {"CREATE TABLE `a` (\n  `b` int,\n  `c` int\n)", "CREATE TABLE `a` (\n  `b` int,\n  `c` int\n)"},
      {"DROP TABLE `a`", "DROP TABLE `a`"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(WrapStatement(c.sql), c.want);
    EXPECT_EQ(WrapStatement(WrapStatement(c.sql)), c.want);
  }
}

}  // namespace
}  // namespace bonnie::schema
