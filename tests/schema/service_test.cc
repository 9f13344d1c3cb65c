// The schema service as its callers see it: a whole Site on a real server, called over plaintext loopback.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/config/v1/config.pb.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "tests/schema/folder.h"
#include "tests/schema/running_site.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  ServiceTest() {
    EXPECT_EQ(database_->Empty(), absl::OkStatus());
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP COLUMN b;");
    folder_.Seal();
    site_ = std::make_unique<RunningSite>(*database_, folder_, "azure");
  }

  absl::StatusOr<v1::Plan> Plan(const std::string& target, v1::Direction direction) {
    grpc::ClientContext context;
    v1::PlanMigrationRequest request;
    request.set_target(target);
    request.set_direction(direction);
    v1::PlanMigrationResponse response;
    const grpc::Status status = site_->migrations->PlanMigration(&context, request, &response);
    if (!status.ok()) return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
    return response.plan();
  }
  grpc::Status Apply(const v1::ApplyPlanRequest& request, std::vector<v1::ApplyPlanResponse>* events = nullptr) {
    grpc::ClientContext context;
    auto reader = site_->migrations->ApplyPlan(&context, request);
    v1::ApplyPlanResponse event;
    while (reader->Read(&event)) {
      if (events != nullptr) events->push_back(event);
    }
    return reader->Finish();
  }
  v1::ApplyPlanRequest Approve(const std::string& target, v1::Direction direction) {
    const auto plan = Plan(target, direction);
    EXPECT_TRUE(plan.ok()) << plan.status();
    v1::ApplyPlanRequest request;
    request.set_target(target);
    request.set_direction(direction);
    request.set_fingerprint(plan.ok() ? plan->fingerprint() : "");
    return request;
  }
  v1::GetCurrentResponse Current() {
    grpc::ClientContext context;
    v1::GetCurrentResponse response;
    const grpc::Status status = site_->migrations->GetCurrent(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::CheckSiteResponse Check() {
    grpc::ClientContext context;
    v1::CheckSiteResponse response;
    const grpc::Status status = site_->schema->CheckSite(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  std::unique_ptr<RunningSite> site_;
};

test_support::TestDatabase* ServiceTest::database_ = nullptr;

TEST_F(ServiceTest, PlansShowsAndApplies) {
  EXPECT_EQ(Current().revisions_size(), 0);
  EXPECT_EQ(Current().pending(), 2);
  EXPECT_TRUE(Check().ledger_present());
  const auto plan = Plan("head", v1::DIRECTION_UP);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->site(), "azure");
  ASSERT_EQ(plan->steps_size(), 2);
  EXPECT_EQ(plan->steps(1).sql(), "ALTER TABLE a ADD b INT");
  EXPECT_EQ(plan->steps(1).line(), 5);
  EXPECT_EQ(plan->findings_size(), 0);

  std::vector<v1::ApplyPlanResponse> events;
  const grpc::Status applied = Apply(Approve("head", v1::DIRECTION_UP), &events);
  ASSERT_TRUE(applied.ok()) << applied.error_message();
  ASSERT_GE(events.size(), 2u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i) + 1);
  EXPECT_EQ(events.front().started().fingerprint(), plan->fingerprint());
  EXPECT_THAT(events.back().done().current(), ElementsAre("0002"));

  ASSERT_EQ(Current().revisions_size(), 1);
  EXPECT_EQ(Current().revisions(0).id(), "0002");
  EXPECT_TRUE(Current().revisions(0).is_head());
  EXPECT_EQ(Current().pending(), 0);
}

TEST_F(ServiceTest, DowngradesOnlyWithLeaveToDropData) {
  ASSERT_TRUE(Apply(Approve("head", v1::DIRECTION_UP)).ok());
  const auto plan = Plan("-1", v1::DIRECTION_DOWN);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->findings_size(), 2);
  EXPECT_EQ(plan->findings(0).code(), "data-loss");
  EXPECT_TRUE(plan->findings(0).wants_allow());
  // Without a scratch account nothing is foretold; the table is small.
  EXPECT_THAT(plan->findings(1).description(), HasSubstr("not foretold"));
  EXPECT_FALSE(plan->findings(1).wants_allow());
  EXPECT_TRUE(plan->steps(0).drops_data());
  v1::ApplyPlanRequest request = Approve("-1", v1::DIRECTION_DOWN);
  const grpc::Status refused = Apply(request);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_details(), HasSubstr("DATA_LOSS_NOT_ALLOWED"));
  request.add_allow("data-loss");
  EXPECT_TRUE(Apply(request).ok());
  EXPECT_EQ(Current().revisions(0).id(), "0001");
}

TEST_F(ServiceTest, ListsAndShowsRevisions) {
  ASSERT_TRUE(Apply(Approve("0001", v1::DIRECTION_UP)).ok());
  grpc::ClientContext first_context, second_context, get_context;
  v1::ListRevisionsRequest request;
  request.set_page_size(1);
  v1::ListRevisionsResponse first, second;
  ASSERT_TRUE(site_->migrations->ListRevisions(&first_context, request, &first).ok());
  ASSERT_EQ(first.revisions_size(), 1);
  EXPECT_EQ(first.revisions(0).id(), "0002");
  EXPECT_TRUE(first.revisions(0).has_is_applied());
  EXPECT_FALSE(first.revisions(0).is_applied());
  EXPECT_THAT(first.heads(), ElementsAre("0002"));
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(site_->migrations->ListRevisions(&second_context, request, &second).ok());
  ASSERT_EQ(second.revisions_size(), 1);
  EXPECT_EQ(second.revisions(0).id(), "0001");
  EXPECT_TRUE(second.revisions(0).is_current());
  EXPECT_EQ(second.next_page_token(), "");

  v1::GetRevisionRequest get;
  get.set_revision("head");
  v1::GetRevisionResponse got;
  ASSERT_TRUE(site_->migrations->GetRevision(&get_context, get, &got).ok());
  EXPECT_EQ(got.revision().id(), "0002");
  EXPECT_THAT(got.revision().text(), HasSubstr("ALTER TABLE a ADD b INT;"));
}

TEST_F(ServiceTest, RefusesBadRequestsByName) {
  grpc::ClientContext site, unknown, empty, token;
  v1::CheckSiteRequest check;
  check.set_site("gcp");
  v1::CheckSiteResponse checked;
  const grpc::Status not_local = site_->schema->CheckSite(&site, check, &checked);
  EXPECT_EQ(not_local.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(not_local.error_details(), HasSubstr("SITE_NOT_LOCAL"));

  v1::GetRevisionRequest get;
  get.set_revision("nowhere");
  v1::GetRevisionResponse got;
  const grpc::Status not_found = site_->migrations->GetRevision(&unknown, get, &got);
  EXPECT_EQ(not_found.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(not_found.error_details(), HasSubstr("REVISION_UNKNOWN"));

  v1::PlanMigrationRequest plan;
  v1::PlanMigrationResponse planned;
  const grpc::Status invalid = site_->migrations->PlanMigration(&empty, plan, &planned);
  EXPECT_EQ(invalid.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(invalid.error_message(), HasSubstr("target: want"));
  EXPECT_THAT(invalid.error_message(), HasSubstr("direction: want"));

  v1::ListRevisionsRequest list;
  list.set_page_token("forged");
  v1::ListRevisionsResponse listed;
  EXPECT_THAT(site_->migrations->ListRevisions(&token, list, &listed).error_details(), HasSubstr("PAGE_TOKEN_INVALID"));
}

TEST_F(ServiceTest, NamesAnEditedFileUntilItIsPutBack) {
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;", "");
  const auto refused = Plan("head", v1::DIRECTION_UP);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("versions/0002.sql was edited"));
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP COLUMN b;");
  EXPECT_TRUE(Plan("head", v1::DIRECTION_UP).ok());
}

TEST_F(ServiceTest, ChecksTheSite) {
  ASSERT_TRUE(Apply(Approve("head", v1::DIRECTION_UP)).ok());
  const v1::CheckSiteResponse check = Check();
  EXPECT_EQ(check.site(), "azure");
  EXPECT_EQ(check.database(), "bonnie");
  EXPECT_EQ(check.server_flavour(), database_->is_mysql() ? "MySQL" : "MariaDB");
  EXPECT_NE(check.server_version(), "");
  EXPECT_THAT(check.tls_version(), HasSubstr("TLSv1."));
  EXPECT_EQ(check.variables().count("lower_case_table_names"), 1u);
  EXPECT_EQ(check.variables().count("sql_mode"), 1u);
  EXPECT_TRUE(check.ledger_present());
  EXPECT_THAT(check.current_revisions(), ElementsAre("0002"));
  EXPECT_FALSE(check.has_lease());
  EXPECT_FALSE(check.has_unfinished());
  for (const v1::Grant& grant : check.grants()) EXPECT_TRUE(grant.present()) << grant.privilege();
  ASSERT_TRUE(database_->RootQuery("REVOKE EVENT ON bonnie.* FROM 'bonnie_schema'@'%'").ok());
  const v1::CheckSiteResponse without = Check();
  for (const v1::Grant& grant : without.grants())
    EXPECT_EQ(grant.present(), grant.privilege() != "EVENT") << grant.privilege();
  ASSERT_TRUE(database_->RootQuery("GRANT EVENT ON bonnie.* TO 'bonnie_schema'@'%'").ok());
}

TEST_F(ServiceTest, SaysWhatIsUnfinished) {
  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD c INT;\nALTER TABLE a ADD c INT;", "");
  folder_.Seal();
  const grpc::Status failed = Apply(Approve("head", v1::DIRECTION_UP));
  EXPECT_EQ(failed.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(failed.error_details(), HasSubstr("STATEMENT_FAILED"));
  EXPECT_THAT(failed.error_message(), HasSubstr("versions/0003.sql:6"));
  EXPECT_EQ(Current().unfinished_revision(), "0003");
  const v1::CheckSiteResponse check = Check();
  EXPECT_EQ(check.unfinished().revision(), "0003");
  EXPECT_EQ(check.unfinished().statements_done(), 1);
  EXPECT_EQ(check.unfinished().statements_total(), 2);
}

TEST_F(ServiceTest, TwoServicesOfOneFolderSeeTheSame) {
  RunningSite other(*database_, folder_, "azure");
  ASSERT_TRUE(Apply(Approve("head", v1::DIRECTION_UP)).ok());
  grpc::ClientContext context;
  v1::GetCurrentResponse current;
  ASSERT_TRUE(other.migrations->GetCurrent(&context, {}, &current).ok());
  EXPECT_EQ(current.revisions(0).id(), "0002");
}

TEST_F(ServiceTest, TooManyCallsThatWaitForTheDatabaseAreTurnedAwayInsteadOfReadingFilesOnGrpcsThreads) {
  RunningSite narrow(*database_, folder_, "azure", [](config::v1::SchemaConfig& config) {
    config.mutable_database()->mutable_pool()->set_max_sessions(1);
    config.mutable_database()->mutable_pool()->set_max_queued(1);
  });
  ASSERT_EQ(database_->Freeze(), absl::OkStatus());
  std::vector<grpc::Status> answers(8);
  std::vector<std::thread> callers;
  for (grpc::Status& answer : answers) {
    callers.emplace_back([&] {
      grpc::ClientContext context;
      v1::ListRevisionsResponse listed;
      answer = narrow.migrations->ListRevisions(&context, {}, &listed);
    });
  }
  for (std::thread& caller : callers) caller.join();
  ASSERT_EQ(database_->Thaw(), absl::OkStatus());
  int served = 0, turned_away = 0;
  for (const grpc::Status& answer : answers) {
    served += answer.ok() ? 1 : 0;
    turned_away += answer.error_details().find("OVERLOADED") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(turned_away, 0);
  EXPECT_EQ(served + turned_away, 8);
}

TEST_F(ServiceTest, AnOperationGoesOnWhenItsStreamEnds) {
  std::string up;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&up, "ALTER TABLE a ADD c", i, " INT;\n");
  folder_.AddRevision("0003", "0002", up, "");
  folder_.Seal();
  const v1::ApplyPlanRequest request = Approve("head", v1::DIRECTION_UP);
  {
    grpc::ClientContext context;
    auto reader = site_->migrations->ApplyPlan(&context, request);
    v1::ApplyPlanResponse event;
    ASSERT_TRUE(reader->Read(&event));
    context.TryCancel();
  }
  const absl::Time give_up = absl::Now() + absl::Seconds(60);
  while (Current().pending() > 0 && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(Current().pending(), 0);
}

TEST_F(ServiceTest, AStoppedServiceLeavesAnOperationThatTheNextOneFinishes) {
  std::string up;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&up, "ALTER TABLE a ADD c", i, " INT;\n");
  folder_.AddRevision("0003", "0002", up, "");
  folder_.Seal();
  const v1::ApplyPlanRequest request = Approve("head", v1::DIRECTION_UP);
  {
    grpc::ClientContext context;
    auto reader = site_->migrations->ApplyPlan(&context, request);
    v1::ApplyPlanResponse event;
    ASSERT_TRUE(reader->Read(&event));
    site_.reset();
  }
  site_ = std::make_unique<RunningSite>(*database_, folder_, "azure");
  const grpc::Status finished = Apply(Approve("head", v1::DIRECTION_UP));
  ASSERT_TRUE(finished.ok()) << finished.error_message();
  EXPECT_EQ(Current().revisions(0).id(), "0003");
}

}  // namespace
}  // namespace bonnie::schema
