#include "clients/cli/schema_apply.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "clients/cli/app.h"

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;

// Plans one statement, and notes what is applied.
class FakeMigrations : public schema::v1::MigrationService::Service {
 public:
  grpc::Status ListRevisions(grpc::ServerContext*, const schema::v1::ListRevisionsRequest* request,
                             schema::v1::ListRevisionsResponse* response) override {
    if (request->range().empty()) response->add_revisions()->set_id("0001");
    return grpc::Status::OK;
  }
  grpc::Status PlanMigration(grpc::ServerContext*, const schema::v1::PlanMigrationRequest* request,
                             schema::v1::PlanMigrationResponse* response) override {
    schema::v1::Plan& plan = *response->mutable_plan();
    plan.set_fingerprint("f");
    plan.add_from("0002");
    plan.add_to("0001");
    plan.set_direction(request->direction());
    schema::v1::PlanStep& step = *plan.add_steps();
    step.set_revision("0002");
    step.set_file_name("0002_x.sql");
    step.set_line(8);
    step.set_sql(sql);
    step.set_drops_data(drops_data);
    if (is_kept) plan.set_plan_id("3f9a2c7b5d");
    response->set_is_kept(is_kept);
    plan.set_approval_policy(policy);
    plan.set_author("ann");
    for (const char* id : {"0001", "0002"}) {
      schema::v1::PlanRevision& revision = *plan.add_revisions();
      revision.set_id(id);
      revision.add_pushed_by("bob");
    }
    if (!drops_data) return grpc::Status::OK;
    schema::v1::PlanFinding& finding = *plan.add_findings();
    finding.set_code("data-loss");
    finding.set_wants_allow(true);
    return grpc::Status::OK;
  }
  grpc::Status ApprovePlan(grpc::ServerContext*, const schema::v1::ApprovePlanRequest* request,
                           schema::v1::ApprovePlanResponse* response) override {
    approved.push_back(absl::StrCat(request->plan_id(), " ", request->fingerprint()));
    response->mutable_plan()->set_plan_id(request->plan_id());
    return grpc::Status::OK;
  }
  grpc::Status ApplyPlan(grpc::ServerContext*, const schema::v1::ApplyPlanRequest* request,
                         grpc::ServerWriter<schema::v1::ApplyPlanResponse>* writer) override {
    applied.push_back(request->fingerprint() + " " + (request->allow().empty() ? "" : request->allow(0)));
    schema::v1::ApplyPlanResponse event;
    event.mutable_step_done()->mutable_elapsed()->set_nanos(120'000'000);
    event.mutable_step_done()->set_unforeseen(unforeseen);
    writer->Write(event);
    event.mutable_done()->add_current("0001");
    writer->Write(event);
    return grpc::Status::OK;
  }

  std::string sql = "ALTER TABLE patients\n  DROP COLUMN is_deceased";
  bool drops_data = false, unforeseen = false, is_kept = true;
  schema::v1::ApprovalPolicy policy = schema::v1::APPROVAL_POLICY_NONE;
  std::vector<std::string> applied, approved;
};

class SchemaApplyTest : public ::testing::Test {
 protected:
  SchemaApplyTest() : config_((std::filesystem::temp_directory_path() / absl::StrCat("apply-", getpid())).string()) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    std::ofstream(config_) << "default_site: \"azure\"\nsites { name: \"azure\" schema_address: \"localhost:" << port
                           << "\" }\ntls { insecure_loopback: true }\n";
  }
  ~SchemaApplyTest() override {
    server_->Shutdown();
    std::filesystem::remove(config_);
  }

  // `answer`: what the person types; null: no terminal.
  int Bonnie(std::vector<const char*> arguments, const char* answer) {
    std::vector<const char*> all = {"bonnie", "--config", config_.c_str(), "schema"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::istringstream in(answer == nullptr ? "" : answer);
    out_.str("");
    err_.str("");
    Console console{in, out_, err_, answer != nullptr, false, false};
    return cli::Run(static_cast<int>(all.size()), all.data(), console);
  }

  const std::string config_;
  FakeMigrations service_;
  std::unique_ptr<grpc::Server> server_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(SchemaApplyTest, UpgradesWithoutAQuestion) {
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 0);
  EXPECT_THAT(service_.applied, ::testing::ElementsAre("f "));
  EXPECT_THAT(out_.str(), HasSubstr("azure: 0002 -> 0001, 1 statement, plan 3f9a2c7b5d\n"
                                    "  0002_x.sql:8  ALTER TABLE patients DROP COLUMN is_deceased\n"));
  EXPECT_THAT(err_.str(), HasSubstr("  0002  ALTER TABLE patients DROP COLUMN is_deceased  0.12 s\n"));
  EXPECT_THAT(out_.str(), HasSubstr("azure: now at 0001"));
}

TEST_F(SchemaApplyTest, SaysThatAStatementLeftSomethingElseThanWasForetold) {
  service_.unforeseen = true;
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 0);
  EXPECT_THAT(err_.str(), HasSubstr("0.12 s\n  ! it left something else than was foretold: `bonnie --site azure schema "
                                    "check` says what\n"));
}

TEST_F(SchemaApplyTest, ADowngradeAsksAndTakesYesOnly) {
  EXPECT_EQ(Bonnie({"downgrade", "-1"}, "y\n"), 0);
  EXPECT_THAT(err_.str(), HasSubstr("Apply to azure? [y/N] "));
  EXPECT_EQ(service_.applied.size(), 1u);
  for (const char* answer : {"n\n", "\n", "", "ye\n"}) {
    EXPECT_EQ(Bonnie({"downgrade", "-1"}, answer), 2) << answer;
    EXPECT_THAT(err_.str(), HasSubstr("nothing was done"));
  }
  EXPECT_EQ(service_.applied.size(), 1u);
}

TEST_F(SchemaApplyTest, APlanSaysWhatToDoNextAndWhatItWants) {
  service_.drops_data = true;
  EXPECT_EQ(Bonnie({"plan", "head"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr("  ! data-loss: "));
  EXPECT_THAT(out_.str(), HasSubstr("  (wants --allow data-loss)\n"));
  EXPECT_THAT(err_.str(), HasSubstr("to apply it: `bonnie --site azure schema apply 3f9a2c7b5d"));
  service_.policy = schema::v1::APPROVAL_POLICY_OTHER;
  EXPECT_EQ(Bonnie({"plan", "head"}, nullptr), 0);
  EXPECT_THAT(err_.str(), HasSubstr("somebody else: `bonnie --site azure schema approve 3f9a2c7b5d"));
  EXPECT_EQ(Bonnie({"--migrations", "/nowhere", "plan", "head"}, nullptr), 0);
}

// The attack: the part of an approved statement that destroyed something stood behind the 90th column.
TEST_F(SchemaApplyTest, APlanShowsAllThatRuns) {
  const std::string columns(120, 'c');
  service_.sql = absl::StrCat("CREATE TABLE ", columns, " (\n  id INT,\n  PRIMARY KEY (id)\n)");
  const std::string whole =
      absl::StrCat("\n      CREATE TABLE ", columns, " (\n        id INT,\n        PRIMARY KEY (id)\n      )\n");
  EXPECT_EQ(Bonnie({"plan", "head"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr("…\n"));
  EXPECT_THAT(out_.str(), HasSubstr(whole));
  EXPECT_EQ(Bonnie({"approve", "3f9a2c7b5d", "--yes"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr(whole));
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 0);
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr(whole))) << "nobody approves";
  service_.policy = schema::v1::APPROVAL_POLICY_SELF;
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr(whole)) << "whoever applies approves";
}

TEST_F(SchemaApplyTest, APlanThatIsOnlyLookedAtSaysThatItIsNotKept) {
  service_.is_kept = false;
  EXPECT_EQ(Bonnie({"plan", "head"}, nullptr), 0);
  EXPECT_THAT(err_.str(), HasSubstr("this plan is not kept, because your roles may not apply plans"));
  EXPECT_THAT(err_.str(), ::testing::Not(HasSubstr("schema apply")));
}

TEST_F(SchemaApplyTest, ShowsWhoPlannedAndWhoPushed) {
  service_.policy = schema::v1::APPROVAL_POLICY_OTHER;
  EXPECT_EQ(Bonnie({"plan", "head"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr("  planned by ann; pushed by bob (0001, 0002)\n"));
}

TEST_F(SchemaApplyTest, WithoutATerminalADowngradeWantsYes) {
  EXPECT_EQ(Bonnie({"downgrade", "-1"}, nullptr), 2);
  EXPECT_THAT(err_.str(), HasSubstr("add --yes"));
  EXPECT_TRUE(service_.applied.empty());
  EXPECT_EQ(Bonnie({"downgrade", "-1", "--yes"}, nullptr), 0);
  EXPECT_EQ(service_.applied.size(), 1u);
}

TEST_F(SchemaApplyTest, WhatDropsDataWantsAllowBesidesTheQuestion) {
  service_.drops_data = true;
  EXPECT_EQ(Bonnie({"downgrade", "-1", "--yes"}, nullptr), 2);
  EXPECT_THAT(err_.str(), HasSubstr("add --allow data-loss"));
  EXPECT_EQ(Bonnie({"upgrade", "head", "--allow", "data-loss"}, nullptr), 2);  // asks, whatever the direction
  EXPECT_TRUE(service_.applied.empty());
  EXPECT_EQ(Bonnie({"downgrade", "-1", "--yes", "--allow", "data-loss"}, nullptr), 0);
  EXPECT_THAT(service_.applied, ::testing::ElementsAre("f data-loss"));
}

TEST_F(SchemaApplyTest, AFolderThatIsNoCheckoutIsRefused) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  for (const char* verb : {"upgrade", "downgrade"}) {
    EXPECT_EQ(Bonnie({verb, "0001", "--yes", "--migrations", folder.c_str()}, nullptr), 2);
    EXPECT_THAT(err_.str(), HasSubstr("--migrations: " + folder + ": holds no versions/"));
  }
  EXPECT_TRUE(service_.applied.empty());
}

TEST_F(SchemaApplyTest, OnlyWhatIsKnownCanBeAllowed) {
  EXPECT_EQ(Bonnie({"downgrade", "-1", "--yes", "--allow", "everything"}, nullptr), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--allow: 'everything', want data-loss"));
  EXPECT_TRUE(service_.applied.empty());
  EXPECT_EQ(Bonnie({"downgrade", "-1", "--yes", "--allow", "MY130", "--allow", "blocks-writes"}, nullptr), 0);
}

TEST_F(SchemaApplyTest, WhereSomebodyElseHasToApproveThePlansIdIsPrintedAndNothingApplied) {
  service_.policy = schema::v1::APPROVAL_POLICY_OTHER;
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 64 + 9);
  EXPECT_THAT(err_.str(), HasSubstr("bonnie --site azure schema approve 3f9a2c7b5d"));
  EXPECT_TRUE(service_.applied.empty());
  EXPECT_TRUE(service_.approved.empty());
}

TEST_F(SchemaApplyTest, WhereTheAuthorsWordIsEnoughApplyingIsApproving) {
  service_.policy = schema::v1::APPROVAL_POLICY_SELF;
  EXPECT_EQ(Bonnie({"upgrade", "head"}, nullptr), 0);
  EXPECT_THAT(service_.approved, ::testing::ElementsAre("3f9a2c7b5d f"));
  EXPECT_EQ(service_.applied.size(), 1u);
}

TEST_F(SchemaApplyTest, APlanIsShownApprovedAndRejectedByItsId) {
  EXPECT_EQ(Bonnie({"plan", "--show", "3f9a"}, nullptr), 0);
  EXPECT_THAT(out_.str(), HasSubstr("1 statement, plan 3f9a2c7b5d"));
  EXPECT_EQ(Bonnie({"approve", "3f9a"}, nullptr), 2);  // nobody to ask
  EXPECT_EQ(Bonnie({"approve", "3f9a"}, "n\n"), 2);
  EXPECT_TRUE(service_.approved.empty());
  EXPECT_EQ(Bonnie({"approve", "3f9a"}, "y\n"), 0);
  EXPECT_EQ(Bonnie({"reject", "3f9a", "-m", "not today"}, nullptr), 0);
  EXPECT_EQ(service_.approved.size(), 2u);
}

TEST_F(SchemaApplyTest, ARangeThatHoldsNothingIsSaidToHoldNothing) {
  EXPECT_EQ(Bonnie({"history", "0005:0002"}, nullptr), 0);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "(no revisions in 0005:0002; a range goes from the older one to the newer)\n");
}

TEST_F(SchemaApplyTest, JsonIsThePlanAndThenTheEvents) {
  EXPECT_EQ(Bonnie({"upgrade", "head", "--output", "json"}, nullptr), 0);
  EXPECT_EQ(out_.str().rfind("{\"fingerprint\":\"f\"", 0), 0u);
  EXPECT_THAT(out_.str(), HasSubstr("\n{\"stepDone\":"));
  EXPECT_THAT(out_.str(), HasSubstr("\n{\"done\":{\"current\":[\"0001\"]}}\n"));
}

TEST_F(SchemaApplyTest, OfAllSitesThoseAfterAFailureAreNotTouched) {
  service_.drops_data = true;  // nobody said --allow
  std::ofstream(config_, std::ios::app) << "sites { name: \"gcp\" schema_address: \"localhost:1\" }\n"
                                        << "sites { name: \"aws\" schema_address: \"localhost:1\" }\n";
  EXPECT_EQ(Bonnie({"--site", "all", "upgrade", "head"}, nullptr), 2);
  EXPECT_THAT(err_.str(), HasSubstr("bonnie: stopped at azure; not touched: gcp, aws\n"));
  EXPECT_TRUE(service_.applied.empty());
}

TEST_F(SchemaApplyTest, AVerbThatOnlyReadsGoesOnToTheNextSite) {
  std::ofstream(config_)
      << "sites { name: \"gcp\" schema_address: \"localhost:1\" }\n"
      << "sites { name: \"aws\" schema_address: \"localhost:1\" }\ntls { insecure_loopback: true }\n";
  EXPECT_EQ(Bonnie({"--site", "all", "--timeout", "2s", "current"}, nullptr), 78);
  EXPECT_THAT(err_.str(), ::testing::AllOf(HasSubstr("gcp (schema service"), HasSubstr("aws (schema service")));
}

}  // namespace
}  // namespace bonnie::cli
