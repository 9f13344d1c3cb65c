#include "services/schema/plan_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/schema/convert.h"
#include "services/schema/create_table.h"
#include "services/server/error.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A plan of one revision with these statements on table t.
Plan PlanOf(const std::vector<std::string>& statements) {
  Plan plan{.site = "azure"};
  PlanRevision revision{.id = "0002"};
  for (const std::string& sql : statements) {
    PlanStep step{.revision = "0002", .ordinal = 1, .sql = sql, .file_name = "0002.sql", .line = 7};
    step.facts = *LookAt(sql);
    step.loss = step.facts.loss;
    revision.steps.push_back(step);
  }
  plan.revisions.push_back(revision);
  return plan;
}

v1::Plan MessageOf(const Plan& plan, const std::vector<StepForecast>& forecasts) {
  v1::Plan message = ToProto(plan);
  AddFindings(plan, {.steps = forecasts}, data_access::Flavour::kMySql, {}, &message);
  return message;
}

StepForecast Blocking(std::int64_t rows) {
  StepForecast forecast{.algorithm = Algorithm::kCopy, .lock = LockLevel::kShared};
  forecast.blocks_writes = true;
  forecast.rows = rows;
  return forecast;
}

TEST(PlanFindingsTest, WhatDropsDataWantsToBeAllowed) {
  const v1::Plan plan = MessageOf(PlanOf({"ALTER TABLE t DROP COLUMN a"}), {{}});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).code(), "data-loss");
  EXPECT_EQ(plan.findings(0).description(), "0002.sql:7: drops column a of t");
  const absl::Status refused = CheckFindings(plan, {"blocks-writes"});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server::DetailsOf(refused)->reason, "DATA_LOSS_NOT_ALLOWED");
  EXPECT_EQ(CheckFindings(plan, {"data-loss"}), absl::OkStatus());
}

TEST(PlanFindingsTest, WhatTheFileSaysToBeHeldElsewhereIsShownInItsWordsAndRequiresItsOwnCode) {
  Plan kept = PlanOf({"ALTER TABLE t DROP COLUMN a"});
  kept.revisions[0].steps[0].loss = "";
  kept.revisions[0].steps[0].keeps = "b has it";
  const v1::Plan plan = MessageOf(kept, {{}});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).code(), "kept-elsewhere");
  EXPECT_EQ(plan.findings(0).description(),
            "0002.sql:7: drops column a of t; the file says that it is held elsewhere: b has it");
  EXPECT_EQ(server::DetailsOf(CheckFindings(plan, {"data-loss"}))->reason, "FINDING_NOT_ALLOWED");
  EXPECT_EQ(CheckFindings(plan, {"kept-elsewhere"}), absl::OkStatus());
}

TEST(PlanFindingsTest, WhatTheServerRefusedWantsToBeAllowedAndSaysNothingElse) {
  StepForecast forecast{.algorithm = Algorithm::kUnknown};
  forecast.refused = true;
  forecast.bytes = 1 << 30;
  const v1::Plan plan = MessageOf(PlanOf({"ALTER TABLE t ADD a INT"}), {forecast});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).code(), "refused");
  EXPECT_THAT(plan.findings(0).description(), HasSubstr("0002.sql:7: the server refused"));
  EXPECT_EQ(server::DetailsOf(CheckFindings(plan, {"blocks-writes"}))->reason, "FINDING_NOT_ALLOWED");
  EXPECT_EQ(CheckFindings(plan, {"refused"}), absl::OkStatus());
}

TEST(PlanFindingsTest, WhatKeepsWritesOfABigTableWaitingWantsToBeAllowedByItsCodeOrTheOneForAll) {
  const v1::Plan plan = MessageOf(PlanOf({"ALTER TABLE t MODIFY a BIGINT NOT NULL"}), {Blocking(1000000)});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).code(), "MY130");
  EXPECT_THAT(plan.findings(0).description(), HasSubstr("0002.sql:7: writes to t wait"));
  const absl::Status refused = CheckFindings(plan, {"data-loss"});
  EXPECT_EQ(server::DetailsOf(refused)->reason, "FINDING_NOT_ALLOWED");
  EXPECT_EQ(server::DetailsOf(refused)->metadata.at("codes"), "MY130");
  EXPECT_EQ(CheckFindings(plan, {"MY130"}), absl::OkStatus());
  EXPECT_EQ(CheckFindings(plan, {"blocks-writes"}), absl::OkStatus());
}

TEST(PlanFindingsTest, AFileCannotKeepQuietAboutWhatWantsToBeAllowed) {
  Plan plan = PlanOf({"ALTER TABLE t MODIFY a BIGINT NOT NULL"});
  plan.revisions[0].steps[0].nolint = {"MY130"};
  EXPECT_EQ(MessageOf(plan, {Blocking(1000000)}).findings_size(), 1);
  plan = PlanOf({"ALTER TABLE t DROP COLUMN a"});
  plan.revisions[0].steps[0].nolint = {"data-loss", "DS103"};  // a loss wants `keeps` or --allow
  EXPECT_EQ(MessageOf(plan, {{}}).findings_size(), 1);
}

TEST(PlanFindingsTest, WhatIsNotForetoldOfATableThatIsThereCountsAsTheWorst) {
  StepForecast unknown;
  unknown.rows = 1000000;
  unknown.bytes = 1 << 30;
  const v1::Plan plan = MessageOf(PlanOf({"ALTER TABLE t MODIFY a BIGINT NOT NULL"}), {unknown});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_TRUE(plan.findings(0).wants_allow());
  EXPECT_THAT(plan.findings(0).description(), HasSubstr("not foretold"));
}

TEST(PlanFindingsTest, ASmallTableIsDoneBeforeAnybodyWaits) {
  const v1::Plan plan = MessageOf(PlanOf({"ALTER TABLE t MODIFY a BIGINT NOT NULL"}), {Blocking(500)});
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).severity(), v1::FINDING_SEVERITY_NOTICE);
  EXPECT_EQ(CheckFindings(plan, {}), absl::OkStatus());
}

TEST(PlanFindingsTest, SaysWhatTheRulesSayOfATableThatIsAltered) {
  const Plan plan = PlanOf({"ALTER TABLE t ADD UNIQUE KEY a (a)"});
  const auto before = ParseCreateTable("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n) ENGINE=InnoDB");
  const auto after =
      ParseCreateTable("CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  UNIQUE KEY `a` (`a`)\n) ENGINE=InnoDB");
  ASSERT_TRUE(before.ok() && after.ok());
  v1::Plan message = ToProto(plan);
  AddFindings(plan, {.steps = {{}}, .altered = {{*before, *after}}}, data_access::Flavour::kMySql, {}, &message);
  ASSERT_EQ(message.findings_size(), 1);
  EXPECT_EQ(message.findings(0).code(), "MF101");
  EXPECT_FALSE(message.findings(0).wants_allow());
  Plan quiet = plan;
  quiet.revisions[0].steps[0].nolint = {"MF101"};
  v1::Plan said = ToProto(quiet);
  AddFindings(quiet, {.steps = {{}}, .altered = {{*before, *after}}}, data_access::Flavour::kMySql, {}, &said);
  EXPECT_EQ(said.findings_size(), 0);
}

TEST(PlanFindingsTest, ARenamedColumnIsNoNewOne) {
  const Plan plan = PlanOf({"ALTER TABLE t CHANGE a b int NOT NULL"});
  const auto before = ParseCreateTable("CREATE TABLE `t` (\n  `a` int NOT NULL\n) ENGINE=InnoDB");
  const auto after = ParseCreateTable("CREATE TABLE `t` (\n  `b` int NOT NULL\n) ENGINE=InnoDB");
  ASSERT_TRUE(before.ok() && after.ok());
  v1::Plan message = ToProto(plan);
  AddFindings(plan, {.steps = {{}}, .altered = {{*before, *after}}}, data_access::Flavour::kMySql, {}, &message);
  ASSERT_EQ(message.findings_size(), 1);
  EXPECT_EQ(message.findings(0).code(), "BC102");
}

TEST(PlanFindingsTest, WhatIsDoneAlreadyIsNoFinding) {
  Plan plan = PlanOf({"ALTER TABLE t DROP COLUMN a"});
  plan.revisions[0].steps[0].already_done = true;
  EXPECT_EQ(MessageOf(plan, {Blocking(1000000)}).findings_size(), 0);
}

}  // namespace
}  // namespace bonnie::schema
