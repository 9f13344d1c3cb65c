// deploy/mysql/ledger.sql: makes a ledger, and moves one that an earlier release kept in the site's database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/schema/ddl_session.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// As the first release made it, with rows of an operation that was cut off.
constexpr char kFirstLedger[] = R"sql(
  CREATE TABLE bonnie_revisions (
    revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    apply_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (revision)) ENGINE=InnoDB;
  CREATE TABLE bonnie_plans (
    operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, fence BIGINT NOT NULL,
    identity VARCHAR(512) NOT NULL, direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_heads TEXT NOT NULL, to_heads TEXT NOT NULL, statements INT NOT NULL,
    begin_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), end_time TIMESTAMP(6) NULL DEFAULT NULL,
    outcome VARCHAR(64) NULL, PRIMARY KEY (operation_id))
    ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  CREATE TABLE bonnie_journal (
    entry BIGINT NOT NULL AUTO_INCREMENT, operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fence BIGINT NOT NULL, kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, ordinal INT NOT NULL,
    statement MEDIUMTEXT NULL,
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint_before VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    fingerprint_after VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    intent_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), done_time TIMESTAMP(6) NULL DEFAULT NULL,
    PRIMARY KEY (entry), KEY bonnie_journal_kind (kind, entry))
    ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  CREATE TABLE bonnie_lease (
    id TINYINT NOT NULL, fence BIGINT NOT NULL, server VARCHAR(255) NULL, connection_id BIGINT NULL,
    identity VARCHAR(512) NULL, operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    renew_time TIMESTAMP(6) NULL DEFAULT NULL, PRIMARY KEY (id))
    ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  INSERT INTO bonnie_lease (id, fence) VALUES (1, 7);
  INSERT INTO bonnie_revisions (revision, hash) VALUES ('0000', 'h1:x');
  INSERT INTO bonnie_plans (operation_id, fingerprint, fence, identity, direction, from_heads, to_heads, statements)
    VALUES ('0123456789abcdef', REPEAT('f', 64), 7, 'somebody', 'up', '', '0001', 2);
  INSERT INTO bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, statement, state,
                              fingerprint_before)
    VALUES ('0123456789abcdee', 6, 'revision', '0000', 'up', 0, NULL, 'done', NULL),
           ('0123456789abcdef', 7, 'statement', '0001', 'up', 1, 'CREATE TABLE a (id INT)', 'intent', 'x');
)sql";

// What earlier releases granted by name in the site's database.
constexpr char kFirstGrants[] = R"sql(
  GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_revisions TO 'bonnie_schema'@'%';
  GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_plans TO 'bonnie_schema'@'%';
  GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_journal TO 'bonnie_schema'@'%';
  GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_lease TO 'bonnie_schema'@'%';
  GRANT SELECT ON bonnie_revisions TO 'bonnie_records'@'%';
)sql";

class LedgerScriptTest : public ::testing::Test {
 protected:
  LedgerScriptTest() : harness_(Database(), folder_.path()) {
    std::stringstream text;
    text << std::ifstream(BONNIE_SOURCE_DIR "/deploy/mysql/ledger.sql").rdbuf();
    script_ = text.str();
  }
  static test_support::TestDatabase& Database() {
    static auto* const kDatabase = new test_support::TestDatabase();
    return *kDatabase;
  }
  static void TearDownTestSuite() { (void)Database().Kill(); }

  // A kill within a DROP TABLE may leave a file of MariaDB's that belongs to no table; DROP DATABASE then fails (1010).
  static void EmptySite() {
    constexpr char kAnew[] = "DROP DATABASE bonnie; CREATE DATABASE bonnie";
    if (Database().RootQuery(kAnew).ok()) return;
    const std::filesystem::path data =
        std::filesystem::path(Database().dir()) / "data" / Database().engine() / "bonnie";
    for (const auto& entry : std::filesystem::directory_iterator(data)) std::filesystem::remove(entry.path());
    const absl::Status emptied = Database().RootQuery(kAnew).status();
    EXPECT_EQ(emptied, absl::OkStatus());
  }
  // The site as an earlier release left it: its ledger in its own database, and no database for the ledger.
  void MakeOldSite(const std::string& ledger = kFirstLedger) {
    EmptySite();
    harness_.Query(absl::StrCat("DROP DATABASE IF EXISTS bonnie_ledger; ",
                                "USE bonnie; CREATE TABLE patients (id INT PRIMARY KEY); ", ledger, kFirstGrants,
                                "CREATE DATABASE bonnie_ledger CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"));
  }
  // The first `lines` lines of the script, as when its client is killed after them; all without.
  absl::Status RunScript(int lines = -1) {
    std::vector<std::string> script = absl::StrSplit(script_, '\n');
    if (lines >= 0) script.resize(lines);
    return Database().RootQuery(absl::StrCat("USE bonnie_ledger;\n", absl::StrJoin(script, "\n"), "\n")).status();
  }
  int ScriptLines() const { return static_cast<int>(std::vector<std::string>(absl::StrSplit(script_, '\n')).size()); }
  // Every row of the ledger in `schema`, in the columns that the first release had.
  std::string Rows(const std::string& schema) {
    return harness_.Query(absl::StrCat(
        "USE ", schema, "; SELECT revision, hash, apply_time FROM bonnie_revisions ORDER BY 1; SELECT operation_id, ",
        "fingerprint, fence, identity, direction, from_heads, to_heads, statements, begin_time, end_time, outcome "
        "FROM ",
        "bonnie_plans ORDER BY 1; SELECT entry, operation_id, fence, kind, revision, ordinal, statement, state, ",
        "fingerprint_before, intent_time FROM bonnie_journal ORDER BY 1; SELECT id, fence, connection_id FROM "
        "bonnie_lease"));
  }
  std::string TablesOfSite() { return harness_.Query("SHOW TABLES FROM bonnie"); }
  std::string GrantsByName() {
    return harness_.Query(
        "SELECT GRANTEE, TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = "
        "'bonnie' "
        "AND TABLE_NAME LIKE 'bonnie\\_%'");
  }
  // That the ledger is where it belongs, with `rows`, once.
  void ExpectMoved(const std::string& rows, const std::string& when) {
    EXPECT_EQ(Rows("bonnie_ledger"), rows) << when;
    EXPECT_EQ(TablesOfSite(), "patients\n") << when;
    EXPECT_EQ(GrantsByName(), "") << when;
    EXPECT_EQ(harness_.Query("SELECT version, move FROM bonnie_ledger.bonnie_version"), "2\tdone\n") << when;
    EXPECT_EQ(harness_.Query("SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'bonnie_ledger'"),
              "0\n")
        << when;
  }

  Folder folder_;
  Harness harness_;
  std::string script_;
};

TEST_F(LedgerScriptTest, MovesALedgerOfTheFirstRelease) {
  MakeOldSite();
  const std::string rows = Rows("bonnie");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  ExpectMoved(rows, "moved");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  ExpectMoved(rows, "run again");
  const auto ledger = harness_.Ledger();
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_THAT(ledger->HeadIds(), ::testing::ElementsAre("0000"));
  ASSERT_TRUE(ledger->unfinished.has_value());
  EXPECT_EQ(ledger->unfinished->steps.at(1).before, "x");
  EXPECT_EQ(ledger->unfinished->steps.at(1).expected, "");
}

TEST_F(LedgerScriptTest, MovesWhatAnInterruptedFirstUpgradeLeft) {
  MakeOldSite(R"sql(CREATE TABLE bonnie_revisions (revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                      hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                      apply_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (revision));)sql");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  EXPECT_EQ(TablesOfSite(), "patients\n");
  const auto ledger = harness_.Ledger();
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_TRUE(ledger->heads.empty());
}

// Nothing is lost and nothing is doubled: killed after each of its lines, and run again.
TEST_F(LedgerScriptTest, AClientKilledAfterAnyLineLosesNoRow) {
  const std::vector<std::string> lines = absl::StrSplit(script_, '\n');
  int kills = 0;
  for (int line = 1; line <= ScriptLines(); ++line) {
    if (!absl::EndsWith(lines[line - 1], ";")) continue;  // the client sends what it has at its end: no statement more
    MakeOldSite();
    const std::string rows = Rows("bonnie");
    (void)RunScript(line);
    ASSERT_EQ(RunScript(), absl::OkStatus()) << "after line " << line << ": " << lines[line - 1];
    ExpectMoved(rows, absl::StrCat("after line ", line, ": ", lines[line - 1]));
    if (HasFailure()) return;
    ++kills;
  }
  EXPECT_GT(kills, 40);
}

TEST_F(LedgerScriptTest, AServerKilledAtAnyMomentLosesNoRow) {
  for (int kill = 0; kill < 10; ++kill) {
    MakeOldSite();
    // More rows, so that the copy takes a while.
    harness_.Query(
        "INSERT INTO bonnie.bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, statement, state) "
        "WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 900) "
        "SELECT 'ab', 7, 'statement', '0001', 'up', 2, REPEAT('s', 2000), 'undone' FROM n");
    const std::string rows = Rows("bonnie");
    std::thread script([&] { (void)RunScript(); });
    absl::SleepFor(absl::Milliseconds(15 + kill * (Database().is_mysql() ? 60 : 15)));
    ASSERT_EQ(Database().Kill(), absl::OkStatus());
    script.join();
    ASSERT_EQ(Database().Restart(), absl::OkStatus());
    ASSERT_EQ(RunScript(), absl::OkStatus()) << kill;
    ExpectMoved(rows, absl::StrCat("kill ", kill));
    if (HasFailure()) return;
  }
}

TEST_F(LedgerScriptTest, RefusesWhileALeaseIsHeld) {
  MakeOldSite();
  const std::string rows = Rows("bonnie");
  // As the earlier release's service holds it.
  data_access::ConnectOptions connect = harness_.Connect();
  auto guard = DdlSession::Open(harness_.driver(), connect, absl::Seconds(2));
  ASSERT_TRUE(guard.ok()) << guard.status();
  for (const char* lock : {"guard", "session"}) {
    const auto held =
        (*guard)->Run(absl::StrCat("DO GET_LOCK(CONCAT('bonnie.", lock, ".', LEFT(SHA2('bonnie', 256), 40)), 0)"));
    ASSERT_EQ(held, absl::OkStatus());
    const absl::Status refused = RunScript();
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr(lock == std::string("guard") ? "A schema service applies a plan" : "still runs"));
    EXPECT_EQ(Rows("bonnie"), rows);
    EXPECT_THAT(GrantsByName(), HasSubstr("bonnie_plans"));
    ASSERT_EQ((*guard)->Run("DO RELEASE_ALL_LOCKS()"), absl::OkStatus());
  }
  harness_.Query(
      "UPDATE bonnie.bonnie_lease SET server = 'other:3306', connection_id = 5, renew_time = CURRENT_TIMESTAMP(6)");
  EXPECT_THAT(std::string(RunScript().message()), HasSubstr("another server of the cluster"));
  harness_.Query("UPDATE bonnie.bonnie_lease SET server = NULL, connection_id = NULL, renew_time = NULL");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  ExpectMoved(rows, "once nobody holds it");
}

TEST_F(LedgerScriptTest, DropsNoTableThatItDidNotCopy) {
  MakeOldSite();
  ASSERT_EQ(RunScript(), absl::OkStatus());
  harness_.Query(absl::StrCat("USE bonnie; ", kFirstLedger));
  EXPECT_THAT(std::string(RunScript().message()), HasSubstr("has tables named bonnie_"));
  EXPECT_THAT(TablesOfSite(), HasSubstr("bonnie_plans"));
  harness_.Query("UPDATE bonnie_ledger.bonnie_version SET move = ''");
  EXPECT_THAT(std::string(RunScript().message()), HasSubstr("this one is not empty"));
  EXPECT_THAT(TablesOfSite(), HasSubstr("bonnie_plans"));
}

TEST_F(LedgerScriptTest, RefusesAnotherDatabaseThanALedger) {
  const auto refused = Database().RootQuery(absl::StrCat("USE bonnie;\n", script_));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("with the ledger's database current"));
  EXPECT_THAT(TablesOfSite(), Not(HasSubstr("bonnie_version")));
  harness_.Query(
      "DROP PROCEDURE IF EXISTS bonnie.bonnie_refuse; DROP PROCEDURE IF EXISTS bonnie.bonnie_run; DROP "
      "PROCEDURE IF EXISTS bonnie.bonnie_copy; DROP PROCEDURE IF EXISTS bonnie.bonnie_revoke; DROP PROCEDURE "
      "IF EXISTS bonnie.bonnie_change");
}

// What the service says where the script has not run, or not to its end.
TEST_F(LedgerScriptTest, TheServiceNamesTheScriptThatIsToBeRun) {
  MakeOldSite();
  const auto reason = [](const absl::Status& status) {
    const auto details = server::DetailsOf(status);
    return details.has_value() ? details->reason : "none";
  };
  absl::Status none = harness_.Ledger().status();
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(reason(none), "LEDGER_MISSING");
  EXPECT_THAT(std::string(none.message()),
              HasSubstr("deploy/mysql/ledger.sql with the database bonnie_ledger current"));
  auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  const auto lease =
      Lease::Acquire(harness_.driver(), {harness_.Connect()}, **ddl, "tester", "operation", [] { return false; });
  EXPECT_EQ(reason(lease.status()), "LEDGER_MISSING");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  EXPECT_TRUE(harness_.Ledger().ok());
  harness_.Query("UPDATE bonnie_ledger.bonnie_version SET version = 0");
  EXPECT_EQ(reason(harness_.Ledger().status()), "LEDGER_MISSING");
  ASSERT_EQ(RunScript(), absl::OkStatus());
  EXPECT_TRUE(harness_.Ledger().ok());
}

}  // namespace
}  // namespace bonnie::schema
