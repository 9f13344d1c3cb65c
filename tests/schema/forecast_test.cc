// A plan's forecast on a real server: what is noted, what is left unknown, and that nothing is an error that need not
// be.
#include "services/schema/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/schema/canonical.h"
#include "services/schema/ddl_session.h"
#include "tests/schema/forecast_bench.h"

namespace bonnie::schema {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ForecastTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() { delete database_; }
  ForecastTest() : bench_(*database_) { bench_.harness().Reset(); }
  ~ForecastTest() override {
    EXPECT_EQ(bench_.Query("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE "
                           "'bonnie\\_scratch%'"),
              "0\n");
  }

  // Runs the steps as they are foretold, comparing what they leave.
  void RunAll(const std::vector<std::string>& statements, const std::vector<StepForecast>& steps) {
    auto session = DdlSession::Open(bench_.harness().driver(), bench_.harness().Connect(), absl::Seconds(5));
    ASSERT_TRUE(session.ok()) << session.status();
    for (size_t i = 0; i < steps.size(); ++i) {
      ASSERT_EQ((*session)->Run(steps[i].sql), absl::OkStatus()) << steps[i].sql;
      const auto facts = LookAt(statements[i]);
      if (steps[i].expected_after.empty()) continue;
      EXPECT_EQ(*(*session)->Fingerprint(facts->objects), steps[i].expected_after) << steps[i].sql;
    }
  }

  static test_support::TestDatabase* database_;
  ForecastBench bench_;
};

test_support::TestDatabase* ForecastTest::database_ = nullptr;

constexpr char kTables[] =
    "USE bonnie; CREATE TABLE par (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NULL);"
    "CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, p INT NULL, a INT NULL, KEY k_p (p), "
    "CONSTRAINT to_par FOREIGN KEY (p) REFERENCES par (id));"
    "CREATE TABLE ch (id INT NOT NULL PRIMARY KEY, t INT NULL, CONSTRAINT to_t FOREIGN KEY (t) REFERENCES t (id));";

TEST_F(ForecastTest, FollowsTablesThroughAPlanAndForetellsTheirTexts) {
  bench_.Query(kTables);
  const std::vector<std::string> statements = {
      "CREATE TABLE new_one (id INT NOT NULL PRIMARY KEY, t INT, CONSTRAINT to_t2 FOREIGN KEY (t) REFERENCES t (id))",
      "ALTER TABLE new_one ADD x INT",
      "INSERT INTO new_one VALUES (1, NULL, 2)",
      "ALTER TABLE t ADD b VARCHAR(20) NOT NULL DEFAULT 'x', COMMENT = 'b is new'",
      "RENAME TABLE t TO t2",
      "ALTER TABLE t2 ADD INDEX k_b (b), ADD CONSTRAINT CHECK (a > 0)",
      "ALTER TABLE t2 RENAME TO t3",
      "ALTER TABLE ch DROP FOREIGN KEY to_t",
      "CREATE INDEX k_name ON par (name)",
      "DROP INDEX k_name ON par",
      "CREATE VIEW seen AS SELECT id FROM par",
      "DROP TABLE new_one"};
  const auto steps = bench_.Foretell(statements);
  ASSERT_EQ(steps.size(), statements.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_NE(steps[i].algorithm, Algorithm::kUnknown) << statements[i] << steps[i].notes.size();
    const bool shown = i != 2 && i != 10;  // rows, a view
    EXPECT_EQ(steps[i].expected_after.empty(), !shown) << statements[i];
  }
  EXPECT_EQ(steps[1].algorithm, Algorithm::kNone) << "the table is new";
  EXPECT_EQ(steps[1].clause, "");
  EXPECT_EQ(steps[4].algorithm, Algorithm::kInstant);
  EXPECT_NE(steps[5].clause, "") << "t2 is the live table t";
  EXPECT_THAT(steps[9].sql, HasSubstr("DROP INDEX k_name"));
  bench_.Query("GRANT INSERT ON bonnie.* TO bonnie_schema@'%'");  // which renaming a table and a data step want
  RunAll(statements, steps);
  bench_.Query("REVOKE INSERT ON bonnie.* FROM bonnie_schema@'%'");
}

TEST_F(ForecastTest, KeepsWhatWasThereWhenItWasPlanned) {
  bench_.Query(kTables);
  const auto forecast = bench_.forecaster().Look(
      PlanOf({"ALTER TABLE t ADD b INT", "CREATE TABLE u (id INT PRIMARY KEY)", "DROP TABLE ch"}),
      absl::Now() + absl::Minutes(1));
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  ASSERT_EQ(forecast->objects.size(), 3u);
  EXPECT_TRUE(forecast->objects[0].present);
  EXPECT_THAT(forecast->objects[0].create_statement, HasSubstr("CREATE TABLE `t`"));
  EXPECT_FALSE(forecast->objects[1].present);
  auto session = DdlSession::Open(bench_.harness().driver(), bench_.harness().Connect(), absl::Seconds(5));
  for (const ObjectState& state : forecast->objects) {
    EXPECT_EQ(*(*session)->Fingerprint({state.object}), state.fingerprint) << state.object.name;
  }
}

TEST_F(ForecastTest, WithoutAScratchAccountItSaysSoAndGoesOn) {
  bench_.Query(kTables);
  Canonical none(bench_.harness().driver(), data_access::ConnectOptions());
  Forecaster forecaster(bench_.harness().driver(), bench_.harness().Connect(), none);
  const auto forecast = forecaster.Look(PlanOf({"ALTER TABLE t ADD b INT", "CREATE TABLE u (id INT PRIMARY KEY)"}),
                                        absl::Now() + absl::Minutes(1));
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(forecast->steps[0].algorithm, Algorithm::kUnknown);
  EXPECT_EQ(forecast->steps[0].sql, "ALTER TABLE t ADD b INT");
  EXPECT_THAT(forecast->steps[0].notes, Contains(HasSubstr("no scratch account")));
  EXPECT_EQ(forecast->steps[1].algorithm, Algorithm::kNone);
}

TEST_F(ForecastTest, AStatementThatTheServerRefusesIsNotedAndWhatFollowsIsUnknown) {
  bench_.Query(kTables);
  const auto steps = bench_.Foretell({"ALTER TABLE t DROP COLUMN nowhere", "ALTER TABLE par ADD b INT"});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].basis, ForecastBasis::kUnknown);
  EXPECT_THAT(steps[0].notes, Contains(HasSubstr("nowhere")));
  EXPECT_THAT(steps[0].notes, Each(::testing::Not(HasSubstr("bonnie_scratch"))));
  EXPECT_EQ(steps[1].algorithm, Algorithm::kUnknown);
  EXPECT_THAT(steps[1].notes, Contains(HasSubstr("an earlier statement")));
}

TEST_F(ForecastTest, RowsThatBreakANewRuleAreFoundWhereTheAccountMayRead) {
  bench_.Query(absl::StrCat(kTables, "INSERT INTO par VALUES (1, 'a'), (2, 'a'), (3, NULL)"));
  const std::vector<std::string> statements = {"ALTER TABLE par MODIFY name VARCHAR(20) NOT NULL",
                                               "ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)"};
  const auto hidden = bench_.Foretell(statements);
  ASSERT_EQ(hidden.size(), 2u);
  EXPECT_THAT(hidden[0].notes, Contains(HasSubstr("rows not checked: the schema account may not read par")));
  bench_.Query("GRANT SELECT ON bonnie.par TO bonnie_schema@'%'; GRANT SELECT ON bonnie.t TO bonnie_schema@'%'");
  const auto read = bench_.Foretell(statements);
  const auto unique = bench_.Foretell({"ALTER TABLE par ADD UNIQUE KEY (name)"});
  bench_.Query("REVOKE SELECT ON bonnie.par FROM bonnie_schema@'%'; REVOKE SELECT ON bonnie.t FROM bonnie_schema@'%'");
  EXPECT_THAT(read[0].notes, Contains(HasSubstr("column name holds NULL now")));
  EXPECT_THAT(read[1].notes, Each(::testing::Not(HasSubstr("fails")))) << "t has no rows";
  EXPECT_THAT(unique[0].notes, Contains(HasSubstr("rows are equal")));
}

TEST_F(ForecastTest, APartOfAStatementThatWouldBeInstantAloneIsNamed) {
  bench_.Query(kTables);
  const auto steps = bench_.Foretell({"ALTER TABLE t ADD b INT, MODIFY a BIGINT"});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].algorithm, Algorithm::kCopy);
  EXPECT_THAT(steps[0].notes, Contains(HasSubstr("1 of them would be instant")));
}

TEST_F(ForecastTest, WhoHoldsATableNowIsNoted) {
  bench_.Query(kTables);
  const bool shown = bench_.is_mysql() || bench_.Query(
                                              "SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = "
                                              "'METADATA_LOCK_INFO' AND PLUGIN_STATUS = 'ACTIVE'") == "1\n";
  if (!shown) GTEST_SKIP() << "this MariaDB lacks its plugin metadata_lock_info, so it tells nobody who holds a table";
  auto holder = bench_.harness().driver().Connect(bench_.WriterOptions());
  ASSERT_TRUE(holder.ok()) << holder.status();
  ASSERT_EQ((*holder)->ExecuteText("BEGIN", data_access::Phase::kInTransaction), absl::OkStatus());
  ASSERT_TRUE((*holder)->QueryText("SELECT id FROM t").ok());
  bool noted = false;
  for (const absl::Time end = absl::Now() + absl::Seconds(20); !noted && absl::Now() < end;) {
    const std::vector<StepForecast> steps = bench_.Foretell({"ALTER TABLE t ADD b INT"});
    ASSERT_EQ(steps.size(), 1u);
    for (const std::string& note : steps[0].notes) {
      noted = noted || absl::StrContains(note, "open transactions hold t now");
    }
  }
  EXPECT_TRUE(noted);
}

TEST_F(ForecastTest, ALongFirstPlanIsNotTried) {
  std::vector<std::string> statements;
  for (int i = 0; i < 201; ++i) statements.push_back(absl::StrCat("CREATE TABLE t", i, " (id INT PRIMARY KEY)"));
  const absl::Time begin = absl::Now();
  const auto steps = bench_.Foretell(statements);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  ASSERT_EQ(steps.size(), statements.size());
  EXPECT_EQ(steps[0].algorithm, Algorithm::kNone);
  EXPECT_THAT(steps[0].notes, Contains(HasSubstr("not tried")));
}

TEST_F(ForecastTest, AnEndedDeadlineEndsIt) {
  bench_.Query(kTables);
  const auto forecast = bench_.forecaster().Look(PlanOf({"ALTER TABLE t ADD b INT"}), absl::Now() - absl::Seconds(1));
  EXPECT_EQ(forecast.status().code(), absl::StatusCode::kDeadlineExceeded) << forecast.status();
}

TEST_F(ForecastTest, CostsATenthOfASecondForEachAlter) {
  bench_.Query(kTables);
  std::vector<std::string> statements;
  for (int i = 0; i < 20; ++i) statements.push_back(absl::StrCat("ALTER TABLE t ADD c", i, " INT, ADD KEY (a)"));
  const absl::Time begin = absl::Now();
  bench_.Foretell(statements);
  const absl::Duration each = (absl::Now() - begin) / 20;
  RecordProperty("milliseconds_each", static_cast<int>(absl::ToInt64Milliseconds(each)));
  EXPECT_LT(each, absl::Milliseconds(500)) << "about 100 ms on an idle machine";
}

}  // namespace
}  // namespace bonnie::schema
