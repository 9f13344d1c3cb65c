// SQL that tries to leave its place: in a revision it is refused by name before anything runs, and what the reader of
// statements does not see, the scratch account's rights stop. Never is anything applied or changed elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/schema/model_harness.h"

namespace bonnie::schema {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class BadInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  BadInputTest() {
    site_.Query(
        "DROP DATABASE IF EXISTS other; CREATE DATABASE other; CREATE TABLE other.secret (a INT PRIMARY KEY); INSERT "
        "INTO other.secret VALUES (7)");
  }
  // Everything on the server that such SQL could have changed.
  std::string Everything() {
    return site_.Query(
        "SELECT * FROM other.secret; SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA "
        "IN "
        "('bonnie', 'other') ORDER BY 1, 2; SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA "
        "IN "
        "('bonnie', 'other'); SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN ('bonnie', "
        "'other'); SELECT @@GLOBAL.max_connections; SHOW DATABASES");
  }

  static test_support::TestDatabase* database_;
  ModelHarness site_{*database_};
};

test_support::TestDatabase* BadInputTest::database_ = nullptr;

TEST_F(BadInputTest, ARevisionThatReachesOutIsRefusedWithItsLineAndNothingIsApplied) {
  const std::string before = Everything();
  for (const char* sql : {
           "USE other",
           "SET GLOBAL max_connections = 11",
           "SET PASSWORD = 'x'",
           "PREPARE s FROM 'DROP TABLE other.secret'",
           "EXECUTE IMMEDIATE 'DROP TABLE other.secret'",
           "CALL other.p()",
           "DO SLEEP(100)",
           "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
           "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
           "SELECT a FROM t INTO OUTFILE '/tmp/bonnie-out'",
           "INSERT INTO t SELECT * FROM other.secret",
           "CREATE TABLE c AS SELECT * FROM other.secret",
           "CREATE TABLE other.c (a INT)",
           "DROP TABLE other.secret",
           "ALTER TABLE t RENAME TO other.t",
           "RENAME TABLE t TO other.t",
           "/*! DROP TABLE other.secret */",
           "/*!50000 USE */ other",
           "/*M! SET GLOBAL max_connections = 11 */",
           "DROP /*! TABLE other */ . secret",
           "CREATE DATABASE more",
           "DROP DATABASE other",
           "GRANT ALL ON *.* TO bonnie_schema",
           "CREATE USER x",
           "FLUSH TABLES WITH READ LOCK",
           "LOCK TABLES t WRITE",
           "KILL 1",
           "SHUTDOWN",
           "INSTALL PLUGIN x SONAME 'x.so'",
           "COMMIT",
           "CREATE DEFINER=root@localhost PROCEDURE p() SQL SECURITY DEFINER DROP TABLE other.secret",
           "CREATE DEFINER=root@localhost TRIGGER x BEFORE INSERT ON t FOR EACH ROW DELETE FROM other.secret",
           "CREATE DEFINER=root@localhost SQL SECURITY DEFINER VIEW v AS SELECT * FROM other.secret",
       }) {
    SCOPED_TRACE(sql);
    Folder& folder = site_.folder();
    folder.AddRevision("bad", "", absl::StrCat("CREATE TABLE t (a INT PRIMARY KEY);\nDELIMITER //\n", sql, "//"), "");
    folder.Seal();
    const auto pending = site_.sources().FindPending(ModelSource{{{"t.sql", "CREATE TABLE t (a INT PRIMARY KEY)"}}},
                                                     ModelHarness::Soon());
    ASSERT_FALSE(pending.ok());
    EXPECT_THAT(ReasonOf(pending.status()), AnyOf("REVISION_FILE_INVALID", "STATEMENT_REFUSED"));
    EXPECT_THAT(std::string(pending.status().message()), MatchesRegex("(.|\n)*versions/bad\\.sql:7: (.|\n)+"));
    EXPECT_EQ(Everything(), before);
  }
}

TEST_F(BadInputTest, ASlipWithinAStatementIsNamedByItsOwnLine) {
  site_.folder().Seal();
  const std::string model =
      "-- Rows of no use.\nCREATE TABLE t (\n  a INT NOT NULL,\n  b INT NOT NUL,\n  PRIMARY KEY (a)\n);\n";
  const auto pending = site_.sources().FindPending(ModelSource{{{"t.sql", model}}}, ModelHarness::Soon());
  ASSERT_FALSE(pending.ok());
  EXPECT_EQ(ReasonOf(pending.status()), "STATEMENT_REFUSED");
  EXPECT_THAT(std::string(pending.status().message()), MatchesRegex("(.|\n)*model/t\\.sql:4: (.|\n)+"));
  EXPECT_THAT(std::string(pending.status().message()), testing::Not(HasSubstr("at line")));
}

TEST_F(BadInputTest, WhatARevisionFiresLaterReachesOutOfScratchNoMoreThanItself) {
  const std::string before = Everything();
  site_.folder().AddRevision(
      "bad", "",
      "CREATE TABLE t (a INT PRIMARY KEY);\nDELIMITER //\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH "
      "ROW BEGIN DELETE FROM other.secret; END//\nINSERT INTO t VALUES (1)//",
      "");
  site_.folder().Seal();
  const auto pending =
      site_.sources().FindPending(ModelSource{{{"t.sql", "CREATE TABLE t (a INT PRIMARY KEY)"}}}, ModelHarness::Soon());
  ASSERT_FALSE(pending.ok());
  EXPECT_THAT(std::string(pending.status().message()), MatchesRegex("(.|\n)*versions/bad\\.sql:[78]: (.|\n)+"));
  EXPECT_EQ(Everything(), before);
}

// Without the gate in front: rights alone have to do.
TEST_F(BadInputTest, TheScratchAccountCannotReachOutByItself) {
  const std::string before = Everything();
  const DdlSetting setting{database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb,
                           "utf8mb4", "utf8mb4_bin", true, "x"};
  const std::vector<std::vector<std::string>> attempts = {
      {"SET GLOBAL max_connections = 11"},
      {"PREPARE s FROM 'DROP TABLE other.secret'", "EXECUTE s"},
      {"CREATE PROCEDURE p() DROP TABLE other.secret", "CALL p()"},
      {"CREATE DEFINER=root@localhost PROCEDURE p() DROP TABLE other.secret", "CALL p()"},
      {"CREATE TABLE t (a INT)", "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW DELETE FROM other.secret",
       "INSERT INTO t VALUES (1)"},
      {"CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN (SELECT a FROM other.secret)", "DO f()",
       "CREATE TABLE u AS SELECT "
       "f()"},
      {"CREATE VIEW v AS SELECT * FROM other.secret"},
      {"CREATE TABLE t (a INT)", "LOAD DATA INFILE '/etc/hostname' INTO TABLE t"},
      {"CREATE TABLE t (a INT)", "SELECT a FROM t INTO OUTFILE '/tmp/bonnie-scratch-out'"},
      {"CREATE TABLE t (a INT)", "ALTER TABLE t RENAME TO other.t"},
      {"CREATE TABLE t (a INT PRIMARY KEY, FOREIGN KEY (a) REFERENCES other.secret (a))"},
      {"CREATE USER intruder"},
      {"CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP DO DROP TABLE other.secret", "DROP TABLE other.secret"},
      {"INSTALL PLUGIN x SONAME 'x.so'"},
      {"SHUTDOWN"},
  };
  for (const auto& attempt : attempts) {
    SCOPED_TRACE(attempt.back());
    auto scratch = site_.canonical().OpenScratch(setting, ModelHarness::Soon());
    ASSERT_TRUE(scratch.ok()) << scratch.status();
    std::vector<ScratchStatement> statements;
    for (const std::string& sql : attempt) statements.push_back({sql, "here", /*of_live=*/true});
    const absl::Status ran = (*scratch)->Run(statements, true);
    EXPECT_EQ(ReasonOf(ran), "STATEMENT_REFUSED") << ran;
    EXPECT_THAT(std::string(ran.message()), HasSubstr("here: "));
  }
  EXPECT_EQ(Everything(), before);
}

}  // namespace
}  // namespace bonnie::schema
