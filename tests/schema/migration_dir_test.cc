#include "services/schema/migration_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/schema/folder.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kGood[] =
    "-- revision: 0002\n"
    "-- revises: 0001\n"
    "-- depends-on: b_1, b_2\n"
    "-- branch-label: care\n"
    "-- message: add a: column\n"
    "-- Why: prose: is left alone\n"
    "-- migrate:up\n"
    "ALTER TABLE a ADD b INT;\n"
    "-- only: mysql\n"
    "ALTER TABLE a ADD c INT;\n"
    "-- migrate:down\n"
    "-- keeps: c has it\n"
    "-- nolint: DS103 c has it\n"
    "ALTER TABLE a DROP b;\n";

TEST(ParseRevisionTest, ReadsHeaderAndSections) {
  const auto revision = ParseRevision("0002_x.sql", kGood);
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(revision->links.id, "0002");
  EXPECT_THAT(revision->links.revises, ElementsAre("0001"));
  EXPECT_THAT(revision->links.depends_on, ElementsAre("b_1", "b_2"));
  EXPECT_EQ(revision->links.branch_label, "care");
  EXPECT_EQ(revision->message, "add a: column");
  ASSERT_EQ(revision->up.size(), 2u);
  EXPECT_EQ(revision->up[0].sql, "ALTER TABLE a ADD b INT");
  EXPECT_EQ(revision->up[0].line, 8);
  EXPECT_EQ(revision->up[1].ordinal, 2);
  EXPECT_EQ(revision->up[1].only, "mysql");
  ASSERT_TRUE(revision->down.has_value());
  ASSERT_EQ(revision->down->size(), 1u);
  EXPECT_EQ((*revision->down)[0].keeps, "c has it");
  EXPECT_THAT((*revision->down)[0].nolint, ElementsAre("DS103"));
  EXPECT_EQ((*revision->down)[0].line, 14);
}

TEST(ParseRevisionTest, KnowsDbmatesOptionsAndFilesWithoutAWayDown) {
  const auto revision =
      ParseRevision("a.sql", "-- revision: a\n-- revises:\n-- migrate:up transaction:false\nDROP TABLE b");
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(revision->up.size(), 1u);
  EXPECT_FALSE(revision->down.has_value());
}

TEST(ParseRevisionTest, NamesFileAndLineOfWhatIsWrong) {
  const std::string header = "-- revision: a\n-- revises:\n";
  const struct {
    const char* name;
    std::string text;
    const char* message;
  } kCases[] = {
      {"empty", "", "versions/f.sql:1: no '-- revision:'"},
      {"no revises", "-- revision: a\n-- migrate:up\n", "no '-- revises:'"},
      {"no up", header, "no '-- migrate:up'"},
      {"CRLF", "-- revision: a\r\n-- revises:\r\n-- migrate:up\r\n", "f.sql:1: has carriage returns"},
      {"a later CR", header + "-- migrate:up\nDROP TABLE a;\r\n", "f.sql:4: has carriage returns"},
      {"BOM", "\xEF\xBB\xBF" + header, "byte order mark"},
      {"NUL", header + std::string("\0", 1), "f.sql:3: holds a NUL"},
      {"latin1", header + "-- message: caf\xE9\n", "not UTF-8"},
      {"overlong UTF-8", header + "-- message: \xC0\xAF\n", "not UTF-8"},
      {"capital id", "-- revision: A\n", "f.sql:1: revision: want 1 to 32"},
      {"long id", "-- revision: " + std::string(33, 'a') + "\n", "f.sql:1: revision: want"},
      {"bad parent", "-- revision: a\n-- revises: b c\n", "f.sql:2: id: want"},
      {"parent twice", "-- revision: a\n-- revises: b, b\n", "f.sql:2: b is named twice"},
      {"key twice", header + "-- revision: b\n", "f.sql:3: a second '-- revision:'"},
      {"up twice", header + "-- migrate:up\n-- migrate:up\n", "f.sql:4: a second '-- migrate:up'"},
      {"down first", header + "-- migrate:down\n-- migrate:up\n", "f.sql:3: '-- migrate:down' before"},
      {"sideways", header + "-- migrate:sideways\n", "f.sql:3: want '-- migrate:up'"},
      {"early text", header + "DROP TABLE a;\n-- migrate:up\n", "f.sql:3: text before"},
      {"open string", header + "-- migrate:up\n\nDROP 'a;\n", "f.sql:5: this string does not end"},
      {"other flavour", header + "-- migrate:up\n-- only: oracle\nDROP TABLE a;\n", "f.sql:5: only: want"},
      {"no rule", header + "-- migrate:up\n-- nolint: DS999 why\nDROP TABLE a;\n",
       "f.sql:5: nolint: 'DS999' is no rule"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto revision = ParseRevision("f.sql", c.text);
    ASSERT_FALSE(revision.ok());
    EXPECT_EQ(ReasonOf(revision.status()), "REVISION_FILE_INVALID");
    EXPECT_THAT(std::string(revision.status().message()), HasSubstr(c.message));
  }
}

class MigrationDirTest : public ::testing::Test {
 protected:
  MigrationDirTest() {
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT PRIMARY KEY);", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP b;");
    folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD c INT;", "ALTER TABLE a DROP c;");
    folder_.Seal();
  }
  void ExpectRefusal(const char* reason, const char* message) const {
    const auto read = MigrationFolder::Read(folder_.path());
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(read.status()), reason);
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(message));
  }

  Folder folder_;
};

TEST_F(MigrationDirTest, ReadsASealedFolder) {
  const auto read = MigrationFolder::Read(folder_.path());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT((*read)->graph().heads(), ElementsAre("0003"));
  EXPECT_EQ((*read)->at("0002").file_name, "0002.sql");
}

TEST_F(MigrationDirTest, NamesTheFileThatWasEdited) {
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;", "ALTER TABLE a DROP b;");
  ExpectRefusal("REVISION_EDITED", "bonnie.sum:3: versions/0002.sql was edited: its hash is h1:");
}

TEST_F(MigrationDirTest, NamesTheFileThatIsMissing) {
  folder_.Remove("versions/0003.sql");
  ExpectRefusal("REVISION_MISSING", "bonnie.sum:4: revision 0003 is listed");
}

TEST_F(MigrationDirTest, NamesTheParentThatIsMissing) {
  folder_.Remove("versions/0002.sql");
  ExpectRefusal("REVISION_MISSING", "versions/0003.sql:2: revision 0003 names 0002");
}

TEST_F(MigrationDirTest, NamesAFileThatIsNotListed) {
  folder_.AddRevision("0004", "0003", "", "");
  ExpectRefusal("REVISION_FILE_INVALID", "versions/0004.sql:1: not listed in bonnie.sum");
}

TEST_F(MigrationDirTest, NamesBothFilesOfOneRevision) {
  folder_.Write("versions/copy.sql", "-- revision: 0003\n-- revises: 0002\n-- migrate:up\n");
  ExpectRefusal("REVISION_FILE_INVALID", "versions/copy.sql:1: revision 0003 is already in versions/0003.sql");
}

TEST_F(MigrationDirTest, SpellsOutACircle) {
  folder_.AddRevision("0001", "0003", "", "");
  ExpectRefusal("REVISION_FILE_INVALID",
                "versions/0001.sql:2: revisions follow each other in a circle: 0001 needs 0003");
}

TEST_F(MigrationDirTest, NamesTheLineOfAFileThatIsNoRevision) {
  folder_.Write("versions/0004.sql", "-- revision: 0004\r\n-- revises: 0003\r\n-- migrate:up\r\n");
  ExpectRefusal("REVISION_FILE_INVALID", "versions/0004.sql:1: has carriage returns");
  folder_.Write("versions/0004.sql", "\xEF\xBB\xBF-- revision: 0004\n-- revises: 0003\n-- migrate:up\n");
  ExpectRefusal("REVISION_FILE_INVALID", "versions/0004.sql:1: begins with a byte order mark");
}

TEST_F(MigrationDirTest, NeedsItsSum) {
  folder_.Remove("bonnie.sum");
  ExpectRefusal("REVISION_FILE_INVALID", "bonnie.sum:1: is missing");
  folder_.Write("bonnie.sum", "h1:nonsense\nnonsense\n");
  ExpectRefusal("REVISION_FILE_INVALID", "bonnie.sum:2:");
}

TEST_F(MigrationDirTest, AnEmptyFolderHasNoRevisions) {
  Folder empty;
  const auto read = MigrationFolder::Read(empty.path());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE((*read)->graph().order().empty());
  EXPECT_EQ(ReasonOf(MigrationFolder::Read(empty.path() + "/none").status()), "REVISION_FILE_INVALID");
}

TEST_F(MigrationDirTest, AMergedBranchChangesNobodyElsesHash) {
  const auto before = MigrationFolder::Read(folder_.path());
  folder_.AddRevision("0002b", "0001", "ALTER TABLE a ADD d INT;", "");
  const auto after = MigrationFolder::ReadUnchecked(folder_.path());
  ASSERT_TRUE(before.ok() && after.ok());
  for (const char* id : {"0001", "0002", "0003"}) EXPECT_EQ((*before)->at(id).hash, (*after)->at(id).hash);
  EXPECT_NE((*before)->hash(), (*after)->hash());
}

TEST_F(MigrationDirTest, AnEditChangesTheHashesOfWhatFollows) {
  const auto before = MigrationFolder::Read(folder_.path());
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;", "");
  const auto after = MigrationFolder::ReadUnchecked(folder_.path());
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ((*before)->at("0001").hash, (*after)->at("0001").hash);
  EXPECT_NE((*before)->at("0002").hash, (*after)->at("0002").hash);
  EXPECT_NE((*before)->at("0003").hash, (*after)->at("0003").hash);
}

TEST_F(MigrationDirTest, ReadsAgainWhenSomethingChanged) {
  MigrationDir dir(folder_.path());
  const auto first = dir.Load();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->get(), dir.Load()->get());
  folder_.AddRevision("0004", "0003", "", "");
  EXPECT_FALSE(dir.Load().ok());
  folder_.Seal();
  const auto second = dir.Load();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE((*second)->graph().Contains("0004"));
}

TEST(ProjectMigrationsTest, AreSealed) {
  const auto read = MigrationFolder::Read(BONNIE_SOURCE_DIR "/migrations");
  EXPECT_TRUE(read.ok()) << read.status();
}

}  // namespace
}  // namespace bonnie::schema
