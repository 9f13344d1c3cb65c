// What a plan says of statements that change or lose values of rows, and that nothing does so without leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "services/schema/plan_findings.h"
#include "tests/schema/planner_site.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;

class PlanValuesTest : public PlannerSite {
 protected:
  // A site whose table c has that column and row, and a revision that follows.
  void Site(const std::string& column, const std::string& values, const std::string& up) {
    folder_.AddRevision("0001", "", absl::StrCat("CREATE TABLE c (id INT NOT NULL, ", column, ", PRIMARY KEY (id));"),
                        "DROP TABLE c;");
    folder_.Remove("versions/0002.sql");
    folder_.Seal();
    ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
    if (!values.empty()) harness_.Query(absl::StrCat("INSERT INTO bonnie.c ", values));
    folder_.AddRevision("0002", "0001", up, "");
    folder_.Seal();
  }
  // The codes that the plan wants allowed, each after its description.
  std::string Wanted() {
    Planner planner = PlannerWith(ApprovalPolicy::kNone);
    const auto plan = Make(planner, "ann");
    EXPECT_TRUE(plan.ok()) << plan.status();
    std::string wanted;
    for (const v1::PlanFinding& finding : plan->findings()) {
      if (finding.wants_allow()) absl::StrAppend(&wanted, finding.code(), " ", finding.description(), "\n");
    }
    return wanted;
  }
  absl::Status ApplyWith(const std::vector<std::string>& allow) {
    Planner planner = PlannerWith(ApprovalPolicy::kNone);
    const auto plan = Make(planner, "ann");
    if (!plan.ok()) return plan.status();
    return Apply(planner, *plan, allow);
  }
};

TEST_F(PlanValuesTest, AConversionByPositionRequiresLeave) {
  Site("b TINYINT", "VALUES (1, 1)", "ALTER TABLE c MODIFY b ENUM('no', 'yes');");
  EXPECT_THAT(Wanted(), HasSubstr("value-change 0002.sql:5: c.b: tinyint"));
  EXPECT_EQ(ReasonOf(ApplyWith({})), "FINDING_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(ApplyWith({"data-loss"})), "FINDING_NOT_ALLOWED");
  EXPECT_EQ(harness_.Query("SELECT b FROM bonnie.c"), "1\n");
  EXPECT_EQ(ApplyWith({"value-change"}), absl::OkStatus());
}

TEST_F(PlanValuesTest, AColumnThatBecomesAGeneratedOneIsDataLoss) {
  for (const char* how : {"STORED", "VIRTUAL"}) {
    harness_.Reset();
    const bool is_virtual = std::string(how) == "VIRTUAL";
    Site("net INT, vat INT", "VALUES (1, 100, 7)",
         is_virtual ? "ALTER TABLE c DROP COLUMN vat, ADD COLUMN vat INT AS (net * 2) VIRTUAL;"
                    : "ALTER TABLE c MODIFY vat INT AS (net * 2) STORED;");
    EXPECT_THAT(Wanted(), HasSubstr("data-loss 0002.sql:5: drops ")) << how;
    EXPECT_EQ(ReasonOf(ApplyWith({})), "DATA_LOSS_NOT_ALLOWED") << how;
    EXPECT_EQ(harness_.Query("SELECT vat FROM bonnie.c"), "7\n");
  }
}

TEST_F(PlanValuesTest, LossyNarrowingIsDataLoss) {
  Site("b DATETIME, d DECIMAL(10,2)", "VALUES (1, '2020-01-31 12:00:00', 1.5)",
       "ALTER TABLE c MODIFY b DATE, MODIFY d INT;");
  const std::string wanted = Wanted();
  EXPECT_THAT(wanted, HasSubstr("data-loss 0002.sql:5: c.b: datetime becomes date"));
  EXPECT_THAT(wanted, HasSubstr("data-loss 0002.sql:5: c.d: decimal(10,2) becomes int"));
  EXPECT_EQ(ReasonOf(ApplyWith({})), "DATA_LOSS_NOT_ALLOWED");
}

TEST_F(PlanValuesTest, WhatIsLosslessOrRefusedRequiresNoLeave) {
  Site("b INT, v VARCHAR(50)", "VALUES (1, 5, 'abc')",
       "ALTER TABLE c MODIFY b SMALLINT;\nALTER TABLE c MODIFY v VARCHAR(20);\nALTER TABLE c MODIFY b BIGINT;");
  EXPECT_EQ(Wanted(), "");
  EXPECT_EQ(ApplyWith({}), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT b, v FROM bonnie.c"), "5\tabc\n");
}

TEST_F(PlanValuesTest, AComputedColumnGoesWithoutLeave) {
  for (const char* up : {"ALTER TABLE c DROP COLUMN v;", "ALTER TABLE c DROP COLUMN s;",
                         "ALTER TABLE c DROP COLUMN s, ADD COLUMN s INT AS (net * 2) VIRTUAL;"}) {
    harness_.Reset();
    Site("net INT, v INT AS (net * 2) VIRTUAL, s INT AS (net * 2) STORED", "(id, net) VALUES (1, 100)", up);
    EXPECT_EQ(Wanted(), "") << up;
    EXPECT_EQ(ApplyWith({}), absl::OkStatus()) << up;
  }
  harness_.Reset();
  Site("net INT, v INT AS (net * 2) VIRTUAL", "(id, net) VALUES (1, 100)",
       "ALTER TABLE c DROP COLUMN v, ADD COLUMN v INT;");
  EXPECT_THAT(Wanted(), HasSubstr("data-loss"));
  harness_.Reset();
  Site("net INT, v INT AS (net * 2) VIRTUAL", "(id, net) VALUES (1, 100)",
       "ALTER TABLE c DROP COLUMN v, DROP COLUMN net;");
  EXPECT_THAT(Wanted(), HasSubstr("data-loss"));
}

TEST_F(PlanValuesTest, AColumnWhoseNameIsAWordOfTheGrammarIsDroppedWithLeaveOnly) {
  for (const char* name : {"period", "system", "vector"}) {
    harness_.Reset();
    Site(absl::StrCat("`", name, "` INT, z INT"), "VALUES (1, 5, 6)", absl::StrCat("ALTER TABLE c DROP `", name, "`;"));
    EXPECT_THAT(Wanted(), HasSubstr("data-loss 0002.sql:5: drops column ")) << name;
    EXPECT_EQ(ReasonOf(ApplyWith({})), "DATA_LOSS_NOT_ALLOWED") << name;
  }
}

TEST_F(PlanValuesTest, AColumnThatIsDroppedAndMadeAnewIsALossAndNoChange) {
  Site("b INT", "VALUES (1, 5)", "ALTER TABLE c DROP COLUMN b, ADD COLUMN b DATE;");
  EXPECT_THAT(Wanted(), ::testing::Not(HasSubstr("value-change")));
  EXPECT_THAT(Wanted(), HasSubstr("data-loss"));
}

TEST_F(PlanValuesTest, AValueThatChangesUnderAnotherNameIsSeen) {
  Site("b VARCHAR(20)", "VALUES (1, '007')", "ALTER TABLE c CHANGE b n INT;");
  EXPECT_THAT(Wanted(), HasSubstr("value-change 0002.sql:5: c.n: varchar(20) becomes int"));
}

TEST_F(PlanValuesTest, NullsThatBecomeValuesRequireLeave) {
  Site("b DATETIME NULL", "VALUES (1, NULL)", "ALTER TABLE c MODIFY b TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP;");
  EXPECT_THAT(Wanted(), HasSubstr("rows that hold NULL get the time of the statement"));
  EXPECT_EQ(ReasonOf(ApplyWith({})), "FINDING_NOT_ALLOWED");
  EXPECT_EQ(harness_.Query("SELECT b FROM bonnie.c"), "NULL\n");
}

TEST_F(PlanValuesTest, OutsideUtcATimestampThatBecomesADatetimeRequiresLeave) {
  Site("b TIMESTAMP NULL", "VALUES (1, '2020-01-31 12:00:00')", "ALTER TABLE c MODIFY b DATETIME;");
  harness_.Query("SET GLOBAL time_zone = '+00:00'");
  EXPECT_EQ(Wanted(), "");
  harness_.Query("SET GLOBAL time_zone = '+05:00'");
  EXPECT_THAT(Wanted(),
              HasSubstr("value-change 0002.sql:5: c.b: timestamp becomes datetime: unless the server runs in UTC"));
  harness_.Query("SET GLOBAL time_zone = 'SYSTEM'");
}

// The rows that refer to 0 would point nowhere.
TEST_F(PlanValuesTest, ARowZeroStaysZeroUpAndDown) {
  Site("b INT", "VALUES (0, 1), (1, 2)", "ALTER TABLE c MODIFY id INT NOT NULL AUTO_INCREMENT;");
  ASSERT_EQ(ApplyWith({}), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT id, b FROM bonnie.c ORDER BY id"), "0\t1\n1\t2\n");
  folder_.AddRevision("0003", "0002", "ALTER TABLE c MODIFY id INT NOT NULL;",
                      "ALTER TABLE c MODIFY id INT NOT NULL AUTO_INCREMENT;");
  folder_.Seal();
  ASSERT_EQ(ApplyWith({}), absl::OkStatus());
  ASSERT_EQ(harness_.Apply("0002", Direction::kDown), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT id, b FROM bonnie.c ORDER BY id"), "0\t1\n1\t2\n");
}

TEST_F(PlanValuesTest, ATriggerDoesNotRememberHowItsTableWasAltered) {
  Site("b INT", "", "ALTER TABLE c ADD d INT;\nCREATE TRIGGER g BEFORE INSERT ON c FOR EACH ROW SET NEW.d = 1;");
  ASSERT_EQ(ApplyWith({}), absl::OkStatus());
  EXPECT_THAT(harness_.Query("SELECT SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_NAME = 'g'"),
              ::testing::Not(HasSubstr("NO_AUTO_VALUE_ON_ZERO")));
}

// A revision that was edited after a cut was resumed without a question.
TEST_F(PlanValuesTest, WhatWasNotPlannedAndMayChangeValuesIsNotResumed) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto resume = [&](const std::string& up) {
    harness_.Reset();
    Site("b INT", "", up);
    const auto rest = harness_.MakePlan("head", Direction::kUp);
    EXPECT_TRUE(rest.ok()) << rest.status();
    auto session = pool_->Acquire(Soon());
    EXPECT_TRUE(session.ok()) << session.status();
    return planner.ToResume(**session, "0123456789abcdef", *rest, {}).status();
  };
  EXPECT_EQ(ReasonOf(resume("ALTER TABLE c MODIFY b DATE;")), "PLAN_CHANGED");
  EXPECT_EQ(resume("ALTER TABLE c ADD d INT;"), absl::OkStatus());
}

TEST_F(PlanValuesTest, WhatCouldNotBeTriedRequiresLeave) {
  Site("b INT", "VALUES (1, 5)", "ALTER TABLE c ADD KEY (nowhere);\nALTER TABLE c MODIFY b BIGINT;");
  EXPECT_THAT(Wanted(), HasSubstr("value-change 0002.sql:6: c: what becomes of values is not known"));
}

}  // namespace
}  // namespace bonnie::schema
