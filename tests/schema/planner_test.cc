// Plans that are kept: who may apply what, and when no more.
#include "services/schema/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/schema/canonical.h"
#include "services/schema/ddl_session.h"
#include "services/schema/object_drift.h"
#include "services/server/error.h"
#include "tests/schema/planner_site.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using PlannerTest = PlannerSite;

TEST_F(PlannerTest, KeepsAPlanAndAnswersItByTheBeginningOfItsId) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->author(), "ann");
  EXPECT_EQ(plan->expire_time().seconds() - plan->create_time().seconds(), 24 * 60 * 60);
  auto session = pool_->Acquire(Soon());
  ASSERT_TRUE(session.ok());
  const auto found = planner.Find(**session, plan->plan_id().substr(0, 6));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->SerializeAsString(), plan->SerializeAsString());
  EXPECT_EQ(ReasonOf(planner.Find(**session, "abcdef012345").status()), "PLAN_UNKNOWN");
  EXPECT_EQ(ReasonOf(planner.Find(**session, plan->plan_id().substr(0, 3)).status()), "PLAN_UNKNOWN");  // too short
  EXPECT_EQ(ReasonOf(planner.Find(**session, "%%%%").status()), "PLAN_UNKNOWN");
}

TEST_F(PlannerTest, ThePlanMadeAgainIsTheSamePlanOfItsFirstAuthor) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto first = Make(planner, "ann"), second = Make(planner, "bob");
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(second->plan_id(), first->plan_id());
  EXPECT_EQ(second->author(), "ann");
  EXPECT_EQ(Rows(), "1\n");
}

TEST_F(PlannerTest, NothingToDoIsNotKept) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(Apply(planner, *plan), absl::OkStatus());
  const auto nothing = Make(planner, "ann");
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->plan_id(), "");
  EXPECT_EQ(Rows(), "1\n");
}

TEST_F(PlannerTest, AppliesAPlanOnceUnderItsOwnId) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto first = ToApply(planner, *plan), second = ToApply(planner, *plan);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(Run(*first), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT operation_id, identity, author, outcome FROM bonnie_ledger.bonnie_plans"),
            absl::StrCat(plan->plan_id(), "\tapplier\tann\tdone\n"));
  EXPECT_THAT(ReasonOf(Run(*second)), ::testing::AnyOf("PLAN_CHANGED", "PLAN_BEGUN"));
  EXPECT_EQ(ReasonOf(ToApply(planner, *plan).status()), "PLAN_UNKNOWN");
}

TEST_F(PlannerTest, AMergePlanWithoutAStatementCannotBeAppliedTwiceEither) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  folder_.AddRevision("0003", "0002", "", "");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("0002", Direction::kUp), absl::OkStatus());
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_NE(plan->plan_id(), "");
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
  EXPECT_EQ(ReasonOf(Apply(planner, *plan)), "PLAN_UNKNOWN");
}

TEST_F(PlannerTest, APlanOfYesterdayIsNotAppliedOrApproved) {
  Planner planner = PlannerWith(ApprovalPolicy::kSelf);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  harness_.Query("UPDATE bonnie_ledger.bonnie_plans SET expire_time = CURRENT_TIMESTAMP(6) - INTERVAL 1 SECOND");
  EXPECT_EQ(ReasonOf(Decide(planner, *plan, "bob").status()), "PLAN_EXPIRED");
  EXPECT_EQ(ReasonOf(ToApply(planner, *plan).status()), "PLAN_UNKNOWN");
  const auto anew = Make(planner, "ann");
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_NE(anew->plan_id(), plan->plan_id());
  EXPECT_EQ(anew->fingerprint(), plan->fingerprint());
}

TEST_F(PlannerTest, PlansThatExpiredAWeekAgoGoAndAppliedOnesStay) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto applied = Make(planner, "ann", "0001");
  ASSERT_TRUE(applied.ok()) << applied.status();
  ASSERT_EQ(Apply(planner, *applied), absl::OkStatus());
  ASSERT_TRUE(Make(planner, "ann", "0002").ok());
  harness_.Query("UPDATE bonnie_ledger.bonnie_plans SET expire_time = CURRENT_TIMESTAMP(6) - INTERVAL 8 DAY");
  const auto fresh = Make(planner, "ann", "base", Direction::kDown);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_THAT(harness_.Query("SELECT operation_id FROM bonnie_ledger.bonnie_plans"),
              ::testing::AllOf(HasSubstr(applied->plan_id()), HasSubstr(fresh->plan_id())));
  EXPECT_EQ(Rows(), "2\n");
}

TEST_F(PlannerTest, UnderOtherTheAuthorMayNotApproveAndNothingIsAppliedUnapproved) {
  Planner planner = PlannerWith(ApprovalPolicy::kOther);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->approval_policy(), v1::APPROVAL_POLICY_OTHER);
  EXPECT_EQ(ReasonOf(ToApply(planner, *plan).status()), "PLAN_NOT_APPROVED");
  const auto own = Decide(planner, *plan, "ann");
  EXPECT_EQ(own.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(own.status()), "AUTHOR_MAY_NOT_APPROVE");
  const auto approved = Decide(planner, *plan, "bob");
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->approval().identity(), "bob");
  EXPECT_EQ(approved->approval().decision(), v1::PLAN_DECISION_APPROVE);
  EXPECT_TRUE(Decide(planner, *plan, "bob").ok());  // said again
  EXPECT_EQ(ReasonOf(Decide(planner, *plan, "eve").status()), "PLAN_DECIDED");
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
}

TEST_F(PlannerTest, UnderSelfTheAuthorMayApprove) {
  Planner planner = PlannerWith(ApprovalPolicy::kSelf);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(ReasonOf(ToApply(planner, *plan).status()), "PLAN_NOT_APPROVED");
  ASSERT_TRUE(Decide(planner, *plan, "ann").ok());
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
}

TEST_F(PlannerTest, ARejectedPlanIsNotAppliedAndTheSameOneAnewWantsANewDecision) {
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto begun = ToApply(planner, *plan);  // somebody was about to apply it
  ASSERT_TRUE(begun.ok());
  ASSERT_TRUE(Decide(planner, *plan, "bob", v1::PLAN_DECISION_REJECT).ok());
  EXPECT_EQ(ReasonOf(Run(*begun)), "PLAN_BEGUN");
  EXPECT_EQ(ReasonOf(ToApply(planner, *plan).status()), "PLAN_UNKNOWN");
  EXPECT_EQ(ReasonOf(Decide(planner, *plan, "cid").status()), "PLAN_DECIDED");
  const auto anew = Make(planner, "ann");
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_NE(anew->plan_id(), plan->plan_id());
}

// Hard case 7.
TEST_F(PlannerTest, AnApprovalIsOfTheFingerprintThatWasLookedAt) {
  Planner planner = PlannerWith(ApprovalPolicy::kOther);
  auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  v1::Plan other = *plan;
  other.set_fingerprint(std::string(64, '0'));
  EXPECT_EQ(ReasonOf(Decide(planner, other, "bob").status()), "PLAN_CHANGED");
  ASSERT_TRUE(Decide(planner, *plan, "bob").ok());
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;", "ALTER TABLE a DROP COLUMN b;");
  folder_.Seal();  // the file was edited after the approval
  EXPECT_EQ(ReasonOf(Apply(planner, *plan)), "PLAN_CHANGED");
  const auto anew = Make(planner, "ann");
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_NE(anew->fingerprint(), plan->fingerprint());
  EXPECT_EQ(ReasonOf(ToApply(planner, *anew).status()), "PLAN_NOT_APPROVED");
  EXPECT_EQ(harness_.Query("SHOW TABLES LIKE 'a'"), "");
}

TEST_F(PlannerTest, AnApprovalAcceptsFindingsByName) {
  ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  Planner planner = PlannerWith(ApprovalPolicy::kOther);
  const auto plan = Make(planner, "ann", "-1", Direction::kDown);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto bare = Decide(planner, *plan, "bob");
  EXPECT_EQ(ReasonOf(bare.status()), "DATA_LOSS_NOT_ALLOWED");
  EXPECT_THAT(std::string(bare.status().message()), HasSubstr("0002.sql:7: drops column b of a"));
  ASSERT_TRUE(Decide(planner, *plan, "bob", v1::PLAN_DECISION_APPROVE, {"data-loss"}).ok());
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());  // the approval's word is enough
}

// Hard case 8.
TEST_F(PlannerTest, DriftBetweenPlanAndApplyIsRefusedWithTheExactDifference) {
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  harness_.Query("ALTER TABLE bonnie.a ADD by_hand VARCHAR(10) NULL");
  const absl::Status refused = Apply(planner, *plan);
  EXPECT_EQ(ReasonOf(refused), "SCHEMA_CHANGED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("a: add column by_hand varchar(10)"));
  EXPECT_EQ(harness_.Query("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'bonnie' AND "
                           "TABLE_NAME = 'a' AND COLUMN_NAME = 'b'"),
            "0\n");
  harness_.Query("ALTER TABLE bonnie.a DROP by_hand");
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
}

// The server made the index for a foreign key that is gone, and takes it away when another one will do. Neither SHOW
// CREATE, of which the forecast's clone is made, nor the name tells it from one that somebody asked for.
TEST_F(PlannerTest, AStatementThatLeftSomethingThatWasNotForetoldEndsTheOperation) {
  folder_.AddRevision(
      "0002", "0001",
      "CREATE TABLE c (id INT NOT NULL, a INT, b INT, PRIMARY KEY (id), CONSTRAINT made FOREIGN KEY (a) "
      "REFERENCES a (id));\nALTER TABLE c DROP FOREIGN KEY made;",
      "DROP TABLE c;");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("0002", Direction::kUp), absl::OkStatus());
  ASSERT_THAT(harness_.Query("SHOW CREATE TABLE c"), HasSubstr("KEY `made` (`a`)"));
  folder_.AddRevision("0003", "0002", "ALTER TABLE c ADD COLUMN d INT;\nALTER TABLE c ADD KEY wide (a, b);\n"
                      "ALTER TABLE c ADD COLUMN e INT;", "");
  folder_.Seal();
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const absl::Status ended = Apply(planner, *plan);
  EXPECT_EQ(ReasonOf(ended), "UNFORESEEN_CHANGE");
  EXPECT_THAT(std::string(ended.message()),
              HasSubstr("versions/0003.sql:6 ran, but the result differs from the forecast (c)"));
  EXPECT_THAT(unforeseen_, ::testing::ElementsAre(1));
  EXPECT_THAT(harness_.Query("SHOW CREATE TABLE c"), ::testing::Not(HasSubstr("KEY `made`")));
  EXPECT_THAT(harness_.Query("SHOW CREATE TABLE c"), ::testing::Not(HasSubstr("`e`")));

  const auto rest = Make(planner, "ann");
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(Apply(planner, *rest), absl::OkStatus());
  EXPECT_THAT(unforeseen_, ::testing::IsEmpty());
  EXPECT_THAT(harness_.Query("SHOW CREATE TABLE c"), HasSubstr("`e`"));
}

TEST_F(PlannerTest, AnOperationGoesOnAfterAnUnforeseenChangeThatIsAllowed) {
  folder_.AddRevision(
      "0002", "0001",
      "CREATE TABLE c (id INT NOT NULL, a INT, b INT, PRIMARY KEY (id), CONSTRAINT made FOREIGN KEY (a) "
      "REFERENCES a (id));\nALTER TABLE c DROP FOREIGN KEY made;",
      "DROP TABLE c;");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("0002", Direction::kUp), absl::OkStatus());
  folder_.AddRevision("0003", "0002", "ALTER TABLE c ADD KEY wide (a, b);\nALTER TABLE c ADD COLUMN e INT;", "");
  folder_.Seal();
  Planner planner = PlannerWith(ApprovalPolicy::kSelf);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(Decide(planner, *plan, "ann", v1::PLAN_DECISION_APPROVE, {"unforeseen-change"}).ok());
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
  EXPECT_THAT(unforeseen_, ::testing::ElementsAre(0, 1)) << "the index is missing after both";
  EXPECT_THAT(harness_.Query("SHOW CREATE TABLE c"), HasSubstr("`e`"));
}

TEST_F(PlannerTest, WhereApprovalsAreRequiredWhoAppliesCannotAllowWhatWasNotForecast) {
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD c INT;", "");
  folder_.Seal();
  Planner planner = PlannerWith(ApprovalPolicy::kSelf);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(Decide(planner, *plan, "ann").ok());
  const auto request = ToApply(planner, *plan, {"any-algorithm", "unforeseen-change", "data-loss"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_THAT(request->allow, ::testing::ElementsAre("data-loss"));
}

TEST_F(PlannerTest, RowsThatCameMeanwhileAreNoDrift) {
  folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id));",
                      "DROP TABLE a;");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  harness_.Query("INSERT INTO bonnie.a VALUES (), (), ()");
  EXPECT_EQ(Apply(planner, *plan), absl::OkStatus());
}

TEST_F(PlannerTest, ARunThatWasCutOffIsGoneOnWithByANewPlan) {
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;\nALTER TABLE a ADD b INT;", "");
  folder_.Seal();
  Planner planner = PlannerWith(ApprovalPolicy::kNone);
  const auto plan = Make(planner, "ann");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(ReasonOf(Apply(planner, *plan)), "FINDING_NOT_ALLOWED")
      << "of which it is foretold that the server refuses it";
  EXPECT_EQ(ReasonOf(Apply(planner, *plan, {"refused"})), "STATEMENT_FAILED");
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;\nALTER TABLE a ADD c INT;", "");
  folder_.Seal();
  EXPECT_EQ(ReasonOf(Apply(planner, *plan)), "PLAN_UNKNOWN");
  const auto rest = Make(planner, "ann");
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_TRUE(rest->steps(0).already_done());
  EXPECT_EQ(Apply(planner, *rest), absl::OkStatus());
}

}  // namespace
}  // namespace bonnie::schema
