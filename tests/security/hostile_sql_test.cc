// SQL of callers on a real server: what a model or a revision says must not reach the server in another meaning than
// the one that was checked, nor stop it, nor write on its host, nor lose rows unannounced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/scratch.h"
#include "tests/schema/model_harness.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::IsOk;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class HostileSqlTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }

  // The model's one file, made in scratch as for a caller of InspectSchema.
  absl::Status Inspect(const std::string& sql) {
    return site_.sources().FindPending(ModelSource{{{"t.sql", sql}}}, ModelHarness::Soon()).status();
  }
  DdlSetting Setting() const {
    return {database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb, "utf8mb4",
            "utf8mb4_bin", true, "x"};
  }
  // What a statement answers that passed the gate.
  absl::Status RunInScratch(const std::string& sql) {
    auto scratch = site_.canonical().OpenScratch(Setting(), ModelHarness::Soon());
    if (!scratch.ok()) return scratch.status();
    return (*scratch)->Run({{sql, "here"}}, /*check_foreign_keys=*/true);
  }
  absl::Status Apply(const Plan& plan, const std::vector<std::string>& allow) {
    return site_.harness().Run({"tester", "head", Direction::kUp, plan.fingerprint, allow});
  }
  // The server process, which a crash would have replaced or ended.
  std::string Server() { return site_.Query("SELECT 'alive', @@pid_file"); }
  std::string Accounts() {
    return site_.Query("SELECT USER, HOST FROM mysql.user ORDER BY 1, 2; SHOW GRANTS FOR 'bonnie_scratch'@'%'");
  }

  static test_support::TestDatabase* database_;
  ModelHarness site_{*database_};
};

test_support::TestDatabase* HostileSqlTest::database_ = nullptr;

TEST_F(HostileSqlTest, AVersionCommentDoesNotMakeAModelRunAsTheScratchAccount) {
  const std::string before = Accounts();
  for (const char* sql : {
           "/*!99999 CREATE TABLE t (a INT PRIMARY KEY) */ SET PASSWORD = 'stolen'",
           "/*!99999 CREATE TABLE t (a INT PRIMARY KEY) */ DO GET_LOCK('bonnie', 100)",
           "/*M!999999 CREATE TABLE t (a INT PRIMARY KEY) */ ALTER USER USER() IDENTIFIED BY 'stolen'",
           "/*!50700 CREATE TABLE t (a INT PRIMARY KEY) */ SET PASSWORD = 'stolen'",
           "CREATE TABLE t (a INT PRIMARY KEY /*!99999 ) */ , b INT DEFAULT (@@GLOBAL.port))",
           "CREATE /*!99999 TABLE t (a INT PRIMARY KEY) */ USER intruder",
       }) {
    SCOPED_TRACE(sql);
    const absl::Status refused = Inspect(sql);
    EXPECT_THAT(ReasonOf(refused), AnyOf("MODEL_FILE_INVALID", "STATEMENT_REFUSED")) << refused;
    EXPECT_EQ(Accounts(), before);
    EXPECT_THAT(RunInScratch("CREATE TABLE u (a INT PRIMARY KEY)"), IsOk());  // its password is what it was
  }
}

// Ended MariaDB 10.11 without a line in its log.
TEST_F(HostileSqlTest, ADeeplyNestedExpressionDoesNotStopTheServer) {
  const std::string before = Server();
  std::string open, close;
  for (int i = 0; i < 2000; ++i) open += "abs(", close += ")";
  const absl::Status refused =
      Inspect(absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY, CHECK (", open, "a", close, " > 0))"));
  EXPECT_EQ(ReasonOf(refused), "MODEL_FILE_INVALID") << refused;
  EXPECT_EQ(Server(), before);
}

// The limits count the words of a text; these recurse over what a string holds when they run.
TEST_F(HostileSqlTest, AFunctionThatRecursesOverAStringDoesNotStopTheServer) {
  const std::string before = Server();
  for (const char* check :
       {"EXTRACTVALUE(b, REPEAT('-', 500000)) = ''", "UPDATEXML(b, REPEAT('-', 500000), b) = ''",
        "JSON_SCHEMA_VALID(CONCAT('{\"type\":\"string\",\"pattern\":\"',REPEAT('(',100000),REPEAT(')',"
        "100000),'\"}'), b)"}) {
    SCOPED_TRACE(check);
    const absl::Status refused =
        Inspect(absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY, b TEXT, CHECK (", check, "))"));
    EXPECT_EQ(ReasonOf(refused), "MODEL_FILE_INVALID") << refused;
    EXPECT_EQ(Server(), before);
  }
}

// Whatever the server says of them: it goes on.
TEST_F(HostileSqlTest, TheLargestExpressionsThatPassTheGateDoNotStopTheServer) {
  const std::string before = Server();
  const auto repeated = [](const std::string& text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  };
  const std::vector<std::string> expressions = {
      repeated("abs(", 60) + "a" + repeated(")", 60),
      repeated("(", 60) + "a" + repeated(")", 60),
      "a" + repeated(" + a", 490),
      "a" + repeated(" AND a", 490),
      "a" + repeated(" OR NOT a", 320),
      "a" + repeated(" BETWEEN a AND a", 240),
      repeated("NOT ", 980) + "a",
      repeated("- ", 980) + "a",
      repeated("~ ", 980) + "a",
      repeated("! ", 980) + "a",
      repeated("BINARY ", 980) + "a",
      repeated("CASE WHEN a THEN ", 160) + "a" + repeated(" END", 160),
      repeated("IF(a, a, ", 60) + "a" + repeated(")", 60),
      repeated("(a + ", 60) + "a" + repeated(")", 60),
      repeated("(- - - - - - - - - - - - ", 60) + "a" + repeated(")", 60),
      repeated("COALESCE(a, ", 60) + "a" + repeated(")", 60),
  };
  for (const std::string& expression : expressions) {
    SCOPED_TRACE(expression.substr(0, 40));
    for (const std::string& sql : {
             absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY, CHECK (", expression, "))"),
             absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY, b INT GENERATED ALWAYS AS (", expression, ") STORED)"),
             absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY, b INT DEFAULT (", expression, "))"),
             absl::StrCat("CREATE VIEW v AS SELECT ", expression, " FROM (SELECT 1 AS a) AS t"),
         }) {
      (void)RunInScratch(sql);
    }
    ASSERT_EQ(Server(), before);
  }
  std::string query = "SELECT 1 AS a";
  for (int i = 0; i < 60; ++i) query = absl::StrCat("SELECT a FROM (", query, ") AS t", i);
  (void)RunInScratch(absl::StrCat("CREATE VIEW v AS ", query));
  EXPECT_EQ(Server(), before);
}

TEST_F(HostileSqlTest, AModelWritesNothingOnTheDatabasesHost) {
  for (const char* sql : {
           "CREATE TABLE t (a INT PRIMARY KEY) DATA DIRECTORY='/tmp'",
           "CREATE TABLE t (a INT PRIMARY KEY) /*!50100 DATA DIRECTORY='/tmp' */",
           "CREATE TABLE t (a INT PRIMARY KEY) ENGINE=MyISAM INDEX DIRECTORY='/tmp'",
           "CREATE TABLE t (a INT PRIMARY KEY) PARTITION BY HASH (a) (PARTITION p DATA DIRECTORY='/tmp')",
           "CREATE TABLE t (a INT PRIMARY KEY) ENGINE=FEDERATED CONNECTION='mysql://root@127.0.0.1/mysql/user'",
           "CREATE TABLE t (a INT PRIMARY KEY) PARTITION BY HASH (a) PARTITIONS 8192",
           "CREATE TABLE t (a INT PRIMARY KEY) ENGINE=CSV",
       }) {
    SCOPED_TRACE(sql);
    const absl::Status refused = Inspect(sql);
    EXPECT_EQ(ReasonOf(refused), "MODEL_FILE_INVALID") << refused;
    EXPECT_EQ(ReasonOf(RunInScratch(sql)), "STATEMENT_REFUSED");
  }
}

// Each ran without a finding once.
TEST_F(HostileSqlTest, ARevisionLosesNoRowUnannounced) {
  site_.Query(
      "CREATE TABLE bonnie.p (a INT PRIMARY KEY, b VARCHAR(9)); INSERT INTO bonnie.p VALUES (1, 'one'), (2, 'one')");
  const std::string before = site_.Query("SELECT * FROM bonnie.p; SHOW CREATE TABLE bonnie.p");
  for (const char* sql : {
           "ALTER TABLE p /*!99999 ADD */ DROP COLUMN b",
           "ALTER TABLE p /*M!999999 ADD */ DROP COLUMN b",
           "ALTER TABLE p WAIT 5 DROP b",
           "ALTER IGNORE TABLE p ADD UNIQUE KEY u (b)",
           "ALTER TABLE p ENGINE=BLACKHOLE",
           "ALTER TABLE p ENGINE=MEMORY",
           "REPLACE INTO p VALUES (1, 'two')",
           "DELETE p FROM p JOIN p AS q ON p.a = q.a",
           "CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP DO DROP TABLE p",
           "CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP DO DELETE FROM p",
           "CREATE TRIGGER x AFTER INSERT ON p FOR EACH ROW DELETE FROM p",
           "CREATE TRIGGER x BEFORE INSERT ON p FOR EACH ROW SET sql_select_limit = 0",
           "CREATE EVENT e ON SCHEDULE EVERY CASE @do WHEN 1 THEN insert('1',1,1,'1') ELSE 1 END HOUR DO DROP TABLE p",
           "ALTER TABLE p MODIFY b VARCHAR(30) GENERATED ALWAYS AS ('x') STORED",
           "ALTER TABLE p ADD z INT PARTITION BY HASH (a) (PARTITION q DATA DIRECTORY='/tmp')",
       }) {
    SCOPED_TRACE(sql);
    Folder& folder = site_.folder();
    folder.AddRevision("bad", "", absl::StrCat("DELIMITER //\n", sql, "//"), "");
    folder.Seal();
    const absl::StatusOr<Plan> plan = site_.harness().MakePlan("head", Direction::kUp);
    if (plan.ok()) {
      EXPECT_TRUE(plan->drops_data());
      const absl::Status refused = Apply(*plan, {});
      EXPECT_EQ(ReasonOf(refused), "DATA_LOSS_NOT_ALLOWED") << refused;
    } else {
      EXPECT_EQ(ReasonOf(plan.status()), "REVISION_FILE_INVALID") << plan.status();
    }
    EXPECT_EQ(site_.Query("SELECT * FROM bonnie.p; SHOW CREATE TABLE bonnie.p"), before);
  }
}

TEST_F(HostileSqlTest, WhatAFileSaysToBeHeldElsewhereDoesNotGoWithoutItsOwnCode) {
  site_.Query("CREATE TABLE bonnie.p (a INT PRIMARY KEY, b INT)");
  site_.folder().AddRevision("bad", "", "-- keeps: ok\nALTER TABLE p DROP COLUMN b", "");
  site_.folder().Seal();
  const absl::StatusOr<Plan> plan = site_.harness().MakePlan("head", Direction::kUp);
  ASSERT_THAT(plan, IsOk());
  const absl::Status refused = Apply(*plan, {"data-loss"});
  EXPECT_EQ(ReasonOf(refused), "FINDING_NOT_ALLOWED") << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("kept-elsewhere"));
  EXPECT_THAT(site_.Query("SHOW CREATE TABLE bonnie.p"), HasSubstr("`b`"));
}

}  // namespace
}  // namespace bonnie::schema
