// The hard cases of the schema service that need a model and a server: CASES.md says which case is shown where. Each
// goes the whole way: a model, a revision proven in scratch, applied, and `check` that finds nothing left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/inspect.h"
#include "services/schema/stamp.h"
#include "tests/schema/model_harness.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HardCasesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }

  void TearDown() override { site_.Query("SET GLOBAL sql_mode = DEFAULT"); }  // of a test that wanted another

  static test_support::TestDatabase* database_;
  ModelHarness site_{*database_};
};

test_support::TestDatabase* HardCasesTest::database_ = nullptr;

TEST_F(HardCasesTest, ADefaultThatAnAlterDroppedIsCarried) {
  if (!database_->is_mysql()) GTEST_SKIP() << "MariaDB gives such a column DEFAULT NULL";
  site_.Query(
      "CREATE TABLE t (id INT PRIMARY KEY, a DATETIME COMMENT 'DEFAULT NULL', b VARCHAR(9)); ALTER TABLE t ALTER a "
      "DROP DEFAULT");
  const std::string want = site_.Query("SHOW CREATE TABLE t");
  const Files model = site_.Pulled();
  const auto created = site_.Create(model, "0001");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->revision.text, HasSubstr("ALTER COLUMN `a` DROP DEFAULT"));
  site_.folder().Write("versions/" + created->revision.file_name, created->revision.text);
  site_.folder().Seal();
  site_.Query("DROP TABLE t");
  ASSERT_EQ(site_.harness().Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(site_.Query("SHOW CREATE TABLE t"), want);
  EXPECT_EQ(site_.Check(model), "");
}

TEST_F(HardCasesTest, ATableWithAZeroDateThatTheServerTakesNoMoreIsChanged) {
  site_.Query("SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'");  // as a MySQL has by itself
  site_.Query(
      "SET SESSION sql_mode = ''; CREATE TABLE bonnie.t (id INT PRIMARY KEY, a DATETIME NOT NULL DEFAULT '0000-00-00 "
      "00:00:00', b DATE NOT NULL DEFAULT '2020-00-00')");
  const Files model = site_.Pulled();
  const auto created = site_.Create(model, "0001");
  ASSERT_TRUE(created.ok()) << created.status();
  site_.folder().Write("versions/" + created->revision.file_name, created->revision.text);
  site_.folder().Seal();
  const auto folder = site_.harness().dir().Load();
  ASSERT_TRUE(folder.ok()) << folder.status();
  const auto stamped =
      Stamper(site_.harness().driver(), site_.harness().options())
          .Stamp(**folder, {.identity = "tester", .revisions = {"head"}}, "00001111", [] { return true; });
  ASSERT_TRUE(stamped.ok()) << stamped.status();
  EXPECT_EQ(site_.Check(model), "");
  Files wider = model;
  wider[0].second.insert(wider[0].second.find("  PRIMARY KEY"), "  c INT NOT NULL,\n");
  EXPECT_EQ(site_.Carry(wider, "0002"), absl::OkStatus());
  EXPECT_EQ(site_.Check(wider), "");
  // Once the last is gone no new one may come, and what came before is still replayed, and gone back to.
  const Files mended = {{"t.sql", "CREATE TABLE t (id INT PRIMARY KEY, a DATETIME NULL)"}};
  EXPECT_EQ(site_.Carry(mended, "0003"), absl::OkStatus());
  EXPECT_EQ(site_.Check(mended), "");
  EXPECT_EQ(ReasonOf(site_.Create(wider, "0004").status()), "STATEMENT_REFUSED");
  EXPECT_EQ(site_.harness().Apply("0002", Direction::kDown), absl::OkStatus());
  EXPECT_EQ(site_.Check(mended), "pending: 0003\n");
}

struct HardCase {
  const char* name;
  const char* engine;               // empty: both
  std::vector<std::string> models;  // of one table `t` or several, each a text; one after the other
};

// "CREATE TABLE …;CREATE TABLE …" as a file each, named after its place: only models of one table keep their file.
Files ToFiles(const std::string& model) {
  Files files;
  size_t begin = 0;
  while (begin < model.size()) {
    const size_t end = std::min(model.find(";\n", begin), model.size());
    files.emplace_back(absl::StrCat("f", files.size(), ".sql"), model.substr(begin, end - begin) + ";\n");
    begin = end + 2;
  }
  return files;
}

TEST_F(HardCasesTest, AreCarriedAndLeaveNothingToSay) {
  const HardCase cases[] = {
      {"13: default 'NULL', NULL and none",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT 'NULL', b VARCHAR(9) DEFAULT NULL, c VARCHAR(9) NOT "
        "NULL)",
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT NULL, b VARCHAR(9) DEFAULT 'NULL', c VARCHAR(9) NOT "
        "NULL "
        "DEFAULT 'NULL')"}},
      {"14: defaults of all bytes",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT '', b VARCHAR(9) DEFAULT 'it''s', c VARCHAR(9) "
        "DEFAULT "
        "'a\\\\b', d VARCHAR(9) NOT NULL DEFAULT '💩', e BINARY(4) DEFAULT 0x00ff)",
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT 'it''s', b VARCHAR(9) DEFAULT '', c VARCHAR(9) "
        "DEFAULT "
        "'\\\\', d VARCHAR(9) NOT NULL DEFAULT '🏥', e BINARY(4) DEFAULT 0xff00)"}},
      {"15: current_timestamp(3) on update",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a DATETIME(3) NOT NULL DEFAULT current_timestamp(3))",
        "CREATE TABLE t (id INT PRIMARY KEY, a DATETIME(3) NOT NULL DEFAULT NOW(3) ON UPDATE CURRENT_TIMESTAMP(3))"}},
      {"16: expression default and CHECK",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(99) DEFAULT (concat('a''b', '(')), b INT, CHECK (b > 0 OR b < "
        "-5 AND "
        "a <> 'x''y'))",
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(99) DEFAULT (concat('a''b', ')')), b INT, CONSTRAINT c2 CHECK "
        "(b <> 1 "
        "AND (a LIKE 'x%' OR b IS NULL)))"}},
      {"16: functional index",
       "mysql",
       {"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(99), KEY f ((lower(a))))",
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(99), KEY f ((concat(a, 'x''y'))), KEY g ((id + 1), a))"}},
      {"17: display widths and zerofill",
       "",
       {"CREATE TABLE t (id INT(11) PRIMARY KEY, a TINYINT(1), b INT(5) ZEROFILL, c BIGINT(20) UNSIGNED, d BOOL)",
        "CREATE TABLE t (id INT PRIMARY KEY, a TINYINT(4), b INT(7) UNSIGNED ZEROFILL, c BIGINT UNSIGNED, d TINYINT)"}},
      {"20: a CHECK at its column, which has the column's name, and one of the table by that name",
       "mariadb",
       {"CREATE TABLE t (id INT PRIMARY KEY, a INT CHECK (a > 0))",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT a CHECK (a > 0))",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT CHECK (a > 1), CONSTRAINT b CHECK (a < 101))",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT b CHECK (a < 101))"}},
      {"20: a CHECK at its column and one of the table",
       "mysql",
       {"CREATE TABLE t (id INT PRIMARY KEY, a INT CHECK (a > 0), CONSTRAINT a CHECK (a < 100))",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT a CHECK (a > 0))"}},
      {"21: foreign keys in a circle and to itself come, change and go",
       "",
       {"CREATE TABLE a (id INT PRIMARY KEY, b INT, CONSTRAINT ab FOREIGN KEY (b) REFERENCES b (id));\n"
        "CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id));\n"
        "CREATE TABLE c (id INT PRIMARY KEY, up INT, CONSTRAINT cc FOREIGN KEY (up) REFERENCES c (id))",
        "-- renamed-from: a\nCREATE TABLE a2 (id INT PRIMARY KEY, b INT, CONSTRAINT ab FOREIGN KEY (b) REFERENCES b "
        "(id) ON "
        "DELETE CASCADE);\n"
        "CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT ba FOREIGN KEY (a) REFERENCES a2 (id));\n"
        "-- renamed-from: c\nCREATE TABLE c2 (id INT PRIMARY KEY, up INT, CONSTRAINT cc FOREIGN KEY (up) REFERENCES c2 "
        "(id))",
        "CREATE TABLE b (id INT PRIMARY KEY, a INT)"}},
      {"22: the index that a foreign key needs",
       "",
       {"CREATE TABLE p (id INT PRIMARY KEY, x INT);\n"
        "CREATE TABLE t (id INT PRIMARY KEY, p INT, q INT, KEY by_p (p), CONSTRAINT tp FOREIGN KEY (p) REFERENCES p "
        "(id))",
        "CREATE TABLE p (id INT PRIMARY KEY, x INT);\n"
        "CREATE TABLE t (id INT PRIMARY KEY, p INT, q INT, KEY by_p_q (p, q), CONSTRAINT tp FOREIGN KEY (p) REFERENCES "
        "p "
        "(id))",
        "CREATE TABLE p (id INT PRIMARY KEY, x INT);\n"
        "CREATE TABLE t (id INT PRIMARY KEY, p INT, q INT)"}},
      {"23: a foreign key of several columns",
       "",
       {"CREATE TABLE p (a INT, b INT, c INT, PRIMARY KEY (a, b));\n"
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT tp FOREIGN KEY (a, b) REFERENCES p (a, b))",
        "CREATE TABLE p (a INT, b INT, c INT, PRIMARY KEY (a, b), UNIQUE KEY c (c));\n"
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT tp FOREIGN KEY (a) REFERENCES p (c))"}},
      {"24: a rename with a hint and a change of type",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))",
        "CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(20) NOT NULL, -- renamed-from: a\n b VARCHAR(9))"}},
      {"24: two names are swapped",
       "",
       {"CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9))",
        "CREATE TABLE t (id INT PRIMARY KEY, b INT, -- renamed-from: a\n a VARCHAR(9) -- renamed-from: b\n)"}},
  };
  int number = 0;
  for (const HardCase& one : cases) {
    if (*one.engine != '\0' && one.engine != database_->engine()) continue;
    SCOPED_TRACE(one.name);
    ModelHarness site(*database_);
    for (const std::string& model : one.models) {
      const Files files = ToFiles(model);
      const std::string id = absl::StrCat("r", ++number);
      ASSERT_EQ(site.Carry(files, id), absl::OkStatus()) << model;
      EXPECT_EQ(site.Check(files), "") << model;
      const auto again = site.Create(files, "again");
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_THAT(again->changes, IsEmpty()) << model;
    }
    EXPECT_EQ(site.harness().Apply("base", Direction::kDown), absl::OkStatus());
    EXPECT_EQ(
        site.Query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'bonnie' AND TABLE_NAME NOT "
                   "LIKE 'bonnie%'"),
        "");
  }
}

TEST_F(HardCasesTest, ALikeColumnWithoutAHintIsNoGuess) {  // 24
  ASSERT_EQ(site_.Carry(ToFiles("CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9))"), "one"), absl::OkStatus());
  const auto created = site_.Create(ToFiles("CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(9))"), "two");
  EXPECT_EQ(ReasonOf(created.status()), "AMBIGUOUS_RENAME");
  EXPECT_THAT(std::string(created.status().message()), HasSubstr("renamed-from"));
}

TEST_F(HardCasesTest, NamesOfConstraintsAreTheServersAffair) {  // 23
  const auto created = site_.Create(
      ToFiles("CREATE TABLE p (id INT PRIMARY KEY);\n"
              "CREATE TABLE t (id INT PRIMARY KEY, p INT, CONSTRAINT same FOREIGN KEY (p) REFERENCES p (id));\n"
              "CREATE TABLE u (id INT PRIMARY KEY, p INT, CONSTRAINT same FOREIGN KEY (p) REFERENCES p (id))"),
      "one");
  EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument) << created.status();
  EXPECT_THAT(std::string(created.status().message()), HasSubstr("model/f2.sql:1: "));
}

TEST_F(HardCasesTest, ANameThatIsThereAlreadyIsFoundThoughItsTableIsNotMadeAgain) {  // 23
  const std::string two =
      "CREATE TABLE p (id INT PRIMARY KEY);\n"
      "CREATE TABLE t (id INT PRIMARY KEY, p INT, CONSTRAINT same FOREIGN KEY (p) REFERENCES p (id))";
  ASSERT_EQ(site_.Carry(ToFiles(two), "one"), absl::OkStatus());
  const auto created = site_.Create(
      ToFiles(two + ";\nCREATE TABLE u (id INT PRIMARY KEY, p INT, CONSTRAINT same FOREIGN KEY (p) REFERENCES p (id))"),
      "two");
  EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument) << created.status();
}

TEST_F(HardCasesTest, AForeignKeyIntoAnotherSchemaIsRefusedInAModelAndReadFromADatabase) {  // 23
  site_.Query(
      "DROP DATABASE IF EXISTS elsewhere; CREATE DATABASE elsewhere; CREATE TABLE elsewhere.p (a INT, b INT, PRIMARY "
      "KEY (a, b)); CREATE TABLE bonnie.t (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT tp FOREIGN KEY (a, b) "
      "REFERENCES elsewhere.p (a, b))");
  const auto live = site_.sources().Read(LiveSource{}, ModelHarness::Soon());
  ASSERT_TRUE(live.ok()) << live.status();
  EXPECT_EQ((*live)->tables.at("t").foreign_keys.at(0).referenced_schema, "elsewhere");
  const auto created = site_.Create(
      ToFiles("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a, b) REFERENCES elsewhere.p (a, b))"),
      "one");
  EXPECT_EQ(ReasonOf(created.status()), "MODEL_FILE_INVALID");
  EXPECT_THAT(std::string(created.status().message()),
              HasSubstr("model/f0.sql:1: `elsewhere`.`p` is a qualified name"));
  site_.Query("DROP TABLE bonnie.t; DROP DATABASE elsewhere");
}

TEST_F(HardCasesTest, ATableWhoseNameDiffersInCaseIsAnother) {  // 12, where the server tells cases apart
  const Files files =
      ToFiles("CREATE TABLE Patients (id INT PRIMARY KEY);\nCREATE TABLE patients (id BIGINT PRIMARY KEY)");
  ASSERT_EQ(site_.Carry(files, "one"), absl::OkStatus());
  EXPECT_EQ(site_.Check(files), "");
  EXPECT_THAT(site_.Check(ToFiles("CREATE TABLE Patients (id INT PRIMARY KEY)")),
              HasSubstr("model: drop table patients"));
}

TEST(HardCasesWithoutCaseTest, ATableIsFoundUnderItsNameInSmallLetters) {  // 12, where the server tells none apart
  if (test_support::TestEngine() == "mysql") GTEST_SKIP() << "MySQL wants a data directory made for it";
  test_support::TestDatabase database({.server_lines = {"lower-case-table-names=1"}});
  ModelHarness site(database);
  const Files files = ToFiles(
      "CREATE TABLE Patients (id INT PRIMARY KEY);\n"
      "CREATE TABLE Records (id INT PRIMARY KEY, p INT, CONSTRAINT rp FOREIGN KEY (p) REFERENCES PATIENTS (id))");
  ASSERT_EQ(site.Carry(files, "one"), absl::OkStatus());
  EXPECT_EQ(site.Check(files), "");
  EXPECT_EQ(site.Query("SHOW TABLES FROM bonnie WHERE Tables_in_bonnie NOT LIKE 'bonnie%'"), "patients\nrecords\n");
}

TEST_F(HardCasesTest, AViewThatTheAccountMayNotReadIsNamedAndIsNoDifference) {  // 30
  const Files model = ToFiles("CREATE TABLE t (id INT PRIMARY KEY)");
  site_.folder().AddRevision("one", "", "CREATE TABLE t (id INT PRIMARY KEY);\nCREATE VIEW v AS SELECT id FROM t;", "");
  site_.folder().Seal();
  ASSERT_EQ(site_.harness().Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(site_.Check(model), "");
  site_.Query("REVOKE SELECT ON bonnie.* FROM 'bonnie_schema'@'%'");
  const std::string found = site_.Check(model);
  EXPECT_THAT(found, HasSubstr("unsupported: v"));
  EXPECT_THAT(found, ::testing::Not(HasSubstr("drift")));
}

TEST_F(HardCasesTest, ObjectsOfADefinerWhoIsGoneAreReportedAndNotDropped) {  // 30
  ASSERT_EQ(site_.Carry(ToFiles("CREATE TABLE t (id INT PRIMARY KEY)"), "one"), absl::OkStatus());
  site_.Query(
      "CREATE USER gone@localhost; CREATE DEFINER=gone@localhost VIEW bonnie.v AS SELECT id FROM bonnie.t; CREATE "
      "DEFINER=gone@localhost TRIGGER bonnie.tr BEFORE INSERT ON bonnie.t FOR EACH ROW SET NEW.id = 1; CREATE "
      "DEFINER=gone@localhost PROCEDURE bonnie.pr() SELECT 1; DROP USER gone@localhost");
  const Files model = ToFiles("CREATE TABLE t (id INT PRIMARY KEY, a INT)");
  EXPECT_THAT(site_.Check(ToFiles("CREATE TABLE t (id INT PRIMARY KEY)")),
              ::testing::AllOf(HasSubstr("drift: add v"), HasSubstr("drift: t: add tr"), HasSubstr("drift: add pr")));
  ASSERT_EQ(site_.Carry(model, "two"), absl::OkStatus());
  EXPECT_THAT(site_.Query("SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'bonnie'"), "1\n");
  EXPECT_THAT(site_.Query("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'bonnie'"), "1\n");
  EXPECT_THAT(site_.Query("SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'bonnie'"), "1\n");
}

}  // namespace
}  // namespace bonnie::schema
