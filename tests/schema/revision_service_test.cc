// Merging, stamping, pushing and offline SQL on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/merge.h"
#include "services/schema/offline_sql.h"
#include "services/schema/stamp.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/schema/reason_of.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RevisionServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  RevisionServiceTest() : harness_(*database_, folder_.path()) {
    harness_.Reset();
    const std::string user = harness_.Query(
        "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE user = "
        "'bonnie_schema' LIMIT 1");
    harness_.Query(absl::StrCat("GRANT ALL ON bonnie.* TO ", absl::StripAsciiWhitespace(user)));
    folder_.AddRevision("root", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("left", "root", "ALTER TABLE a ADD l VARCHAR(9) NOT NULL DEFAULT 'é;''x' -- not ; here\n;",
                        "ALTER TABLE a DROP COLUMN l;");
    folder_.AddRevision("right", "root",
                        "CREATE TABLE b (id INT NOT NULL, PRIMARY KEY (id)) COMMENT='it''s; 😀';\n"
                        "-- only: mysql\nALTER TABLE b COMMENT='m';\n-- only: mariadb\nALTER TABLE b COMMENT='n';\n"
                        "INSERT INTO a (id) VALUES (7);\n"
                        "DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW BEGIN SET NEW.id = 1; END//",
                        "DROP TRIGGER t;\nDROP TABLE b;\nDELETE FROM a;");
    folder_.AddRevision("merged", "left, right", "", "");
    folder_.Seal();
  }
  std::shared_ptr<const MigrationFolder> Files() {
    const auto folder = MigrationFolder::Read(folder_.path());
    EXPECT_TRUE(folder.ok()) << folder.status();
    return *folder;
  }
  std::string Flavour() const { return database_->is_mysql() ? "mysql" : "mariadb"; }
  absl::StatusOr<Stamped> Stamp(const std::vector<std::string>& revisions, bool purge = false,
                                absl::optional<std::vector<std::string>> expected = absl::nullopt) {
    return Stamper(harness_.driver(), harness_.options())
        .Stamp(*Files(), {"tester", revisions, purge, std::move(expected)}, absl::StrCat("stamp-", ++stamps_),
               [] { return false; });
  }
  // Feeds a script to the client's command, as a person would.
  void Feed(const std::string& script) {
    folder_.Write("offline.sql", script);
    const std::string command = absl::StrCat("mariadb --defaults-file=", database_->dir(), "/root.cnf bonnie <",
                                             folder_.path(), "/offline.sql");
    ASSERT_EQ(std::system(command.c_str()), 0) << script;
  }
  std::string Offline(const std::string& way, Direction direction) {
    const auto parsed = ParseOfflineWay(way, direction);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    const auto sql = OfflineSql(*Files(), *parsed, direction, Flavour());
    EXPECT_TRUE(sql.ok()) << sql.status();
    return sql.value_or("");
  }
  std::string Everything() {
    const auto ledger = harness_.Ledger();
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    std::string text = harness_.Contents();
    for (const auto& [id, hash] : ledger->heads) absl::StrAppend(&text, "head ", id, " ", hash, "\n");
    for (const auto& [id, hash] : ledger->hashes) absl::StrAppend(&text, "hash ", id, " ", hash, "\n");
    return absl::StrCat(text, ledger->unfinished.has_value() ? " unfinished" : "");
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  Harness harness_;
  int stamps_ = 0;
};

test_support::TestDatabase* RevisionServiceTest::database_ = nullptr;

TEST_F(RevisionServiceTest, OfflineSqlDoesWhatAnUpgradeDoes) {
  const std::string up = Offline("heads", Direction::kUp);
  EXPECT_THAT(up, StartsWith("SET NAMES utf8mb4;\n"));
  EXPECT_FALSE(absl::StrContains(up, "ALGORITHM"));
  Feed(up);
  const std::string offline = Everything();
  EXPECT_THAT(offline, HasSubstr("head merged"));
  EXPECT_EQ(harness_.Apply("heads", Direction::kUp), absl::OkStatus()) << "the service goes on from there";
  EXPECT_EQ(Everything(), offline);
  harness_.Reset();
  ASSERT_EQ(harness_.Apply("heads", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(Everything(), offline);
}

TEST_F(RevisionServiceTest, OfflineSqlGoesDownAndHalfTheWay) {
  ASSERT_EQ(harness_.Apply("heads", Direction::kUp), absl::OkStatus());
  Feed(Offline("merged:left", Direction::kDown));
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("left", "right"));
  Feed(Offline("left,right:root", Direction::kDown));
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("root"));
  Feed(Offline("root:right", Direction::kUp));
  const std::string offline = harness_.Contents();
  harness_.Reset();
  ASSERT_EQ(harness_.Apply("right", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(harness_.Contents(), offline);
}

TEST_F(RevisionServiceTest, OfflineSqlSaysWhatItNeeds) {
  EXPECT_EQ(ReasonOf(ParseOfflineWay("root", Direction::kDown).status()), "REVISION_UNKNOWN");
  const auto unknown = OfflineSql(*Files(), {"base", "heads"}, Direction::kUp, "");
  EXPECT_EQ(ReasonOf(unknown.status()), "FLAVOUR_NEEDED");
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("versions/right.sql:7: is for mysql only"));
  EXPECT_TRUE(OfflineSql(*Files(), {"base", "left"}, Direction::kUp, "").ok());
  EXPECT_EQ(ReasonOf(OfflineSql(*Files(), {"nowhere", "left"}, Direction::kUp, "").status()), "REVISION_UNKNOWN");
}

TEST_F(RevisionServiceTest, AStampMovesTheHeadsAndRunsNothing) {
  const auto stamped = Stamp({"merged"});
  ASSERT_TRUE(stamped.ok()) << stamped.status();
  EXPECT_THAT(stamped->from, IsEmpty());
  EXPECT_THAT(stamped->to, ElementsAre("merged"));
  EXPECT_EQ(harness_.Query("SHOW TABLES LIKE 'a'"), "");
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("merged"));
  EXPECT_EQ(
      harness_.Query(
          "SELECT j.kind, j.revision, j.direction, p.identity, p.outcome FROM bonnie_ledger.bonnie_journal j JOIN "
          "bonnie_ledger.bonnie_plans p USING (operation_id)"),
      "stamp\tmerged\tup\ttester\tstamped\n");
  ASSERT_TRUE(Stamp({"root"}).ok());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("root"));
  ASSERT_TRUE(Stamp({"base"}).ok());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), IsEmpty());
  EXPECT_EQ(harness_.Apply("heads", Direction::kUp), absl::OkStatus()) << "an upgrade goes on from a stamp";
}

TEST_F(RevisionServiceTest, AStampComparesAndSets) {
  ASSERT_TRUE(Stamp({"left"}, false, std::vector<std::string>{}).ok());
  EXPECT_EQ(ReasonOf(Stamp({"merged"}, false, std::vector<std::string>{"right"}).status()), "HEADS_MOVED");
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("left"));
  ASSERT_TRUE(Stamp({"right"}, false, std::vector<std::string>{"left"}).ok());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("left", "right")) << "another branch stays";
}

TEST_F(RevisionServiceTest, APurgeForgetsHeadsThatHaveNoFile) {
  ASSERT_TRUE(Stamp({"merged"}).ok());
  harness_.Query("UPDATE bonnie_ledger.bonnie_revisions SET revision = 'gone'");
  EXPECT_EQ(ReasonOf(Stamp({"left"}).status()), "REVISION_MISSING");
  EXPECT_EQ(ReasonOf(Stamp({"nowhere"}, true).status()), "REVISION_UNKNOWN");
  ASSERT_TRUE(Stamp({"left"}, true).ok());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("left"));
}

TEST_F(RevisionServiceTest, AStampIsRefusedWhileARevisionIsHalfRun) {
  folder_.AddRevision("broken", "root", "CREATE TABLE c (id INT PRIMARY KEY);\nALTER TABLE nothing ADD x INT;", "");
  folder_.Seal();
  EXPECT_EQ(ReasonOf(harness_.Apply("broken", Direction::kUp)), "STATEMENT_FAILED");
  EXPECT_EQ(ReasonOf(Stamp({"broken"}).status()), "OPERATION_UNFINISHED");
}

TEST_F(RevisionServiceTest, AMergeMakesOneHeadOfSeveral) {
  EXPECT_EQ(ReasonOf(MergeRevisions(*Files(), {}, {}, absl::UnixEpoch()).status()), "NOTHING_TO_MERGE");
  EXPECT_EQ(ReasonOf(MergeRevisions(*Files(), {{"root", "left"}}, {}, absl::UnixEpoch()).status()), "NOTHING_TO_MERGE");
  folder_.AddRevision("other", "root", "", "");
  folder_.Seal();
  const auto merged = MergeRevisions(*Files(), {}, {}, absl::UnixEpoch());
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->links.id, "19700101000000");
  EXPECT_THAT(merged->links.revises, ElementsAre("merged", "other"));
  EXPECT_EQ(ReasonOf(MergeRevisions(*Files(), {{}, "", "", "left"}, {}, absl::UnixEpoch()).status()),
            "REVISION_EXISTS");
  EXPECT_EQ(ReasonOf(MergeRevisions(*Files(), {{}, "", "", "Bad Id"}, {}, absl::UnixEpoch()).status()),
            "REVISION_FILE_INVALID");
  folder_.Write(absl::StrCat("versions/", merged->file_name), merged->text);
  folder_.Seal();
  EXPECT_EQ(Files()->at(merged->links.id).hash, merged->hash);
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("19700101000000")) << "a merge point leaves one row";
}

}  // namespace
}  // namespace bonnie::schema
