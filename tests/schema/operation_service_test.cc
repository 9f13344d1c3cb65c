// Operations as the service's callers see them: listed, watched, cancelled.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "tests/schema/operation_site.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A statement of 20 s: 40 rows of half a second, no sleep so long that the server looks for its client.
std::string SlowCreate(const std::string& table) {
  std::string rows = "SELECT 1 AS id";
  for (int i = 2; i <= 40; ++i) absl::StrAppend(&rows, " UNION ALL SELECT ", i);
  return absl::StrCat("CREATE TABLE ", table, " (PRIMARY KEY (id)) AS SELECT id, SLEEP(0.5) AS slept FROM (", rows,
                      ") numbers");
}

using OperationServiceTest = OperationSite;

TEST_F(OperationServiceTest, WhoLostTheStreamHearsTheRest) {
  AddAlters(40);
  int64_t seen = 0;
  const std::string id = ApplyAndLeave("head", [&](const v1::ApplyPlanResponse& event) {
    seen = event.sequence();
    return event.has_step_done();
  });
  std::vector<v1::ApplyPlanResponse> rest;
  const grpc::Status watched = Watch(id.substr(0, 8), seen + 1, &rest);
  ASSERT_TRUE(watched.ok()) << watched.error_message();
  ASSERT_FALSE(rest.empty());
  for (size_t i = 0; i < rest.size(); ++i) EXPECT_EQ(rest[i].sequence(), seen + 1 + static_cast<int64_t>(i));
  EXPECT_THAT(rest.back().done().current(), ElementsAre("0003"));
  // And whoever comes later hears all of it.
  std::vector<v1::ApplyPlanResponse> all;
  ASSERT_TRUE(Watch(id, 0, &all).ok());
  EXPECT_EQ(all.front().sequence(), 1);
  EXPECT_TRUE(all.front().has_started());
  EXPECT_EQ(all.back().sequence(), rest.back().sequence());
}

TEST_F(OperationServiceTest, WhoAppliesAPlanThatIsInWorkIsRefusedAndDoesNotHideItsOperation) {
  AddAlters(120);
  const v1::ApplyPlanRequest request = Planned("head");
  grpc::ClientContext first_context, second_context;
  auto first = site_->migrations->ApplyPlan(&first_context, request);
  v1::ApplyPlanResponse event;
  ASSERT_TRUE(first->Read(&event));
  const std::string id = event.operation_id();
  auto second = site_->migrations->ApplyPlan(&second_context, request);
  EXPECT_FALSE(second->Read(&event));
  EXPECT_FALSE(second->Finish().ok());
  std::vector<v1::ApplyPlanResponse> all;
  const grpc::Status watched = Watch(id, 0, &all);
  EXPECT_TRUE(watched.ok()) << watched.error_message();
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(all.back().has_done());
  first_context.TryCancel();
}

TEST_F(OperationServiceTest, AWatcherIsToldHowItFailed) {
  AddAlters(1, "ALTER TABLE a ADD c0 INT");
  EXPECT_EQ(Apply("head").error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const v1::ListOperationsResponse listed = List();
  ASSERT_EQ(listed.operations_size(), 1);
  const grpc::Status watched = Watch(listed.operations(0).operation_id(), 0);
  EXPECT_EQ(watched.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(watched.error_details(), HasSubstr("STATEMENT_FAILED"));
}

TEST_F(OperationServiceTest, AnUnknownOperationIsNamed) {
  const grpc::Status unknown = Watch("ffff0000", 0);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(unknown.error_details(), HasSubstr("OPERATION_UNKNOWN"));
  EXPECT_THAT(unknown.error_message(), HasSubstr("bonnie schema operations"));
  EXPECT_EQ(Watch("fff", 0).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Watch("' OR 1", 0).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::CancelOperationResponse cancelled;
  EXPECT_EQ(Cancel("ffff0000", &cancelled).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(OperationServiceTest, ListsWhatHappenedNewestFirst) {
  EXPECT_THAT(List().operations(), IsEmpty());
  EXPECT_EQ(Query("SHOW TABLES"), "");  // reading makes no tables
  ASSERT_TRUE(Apply("0001").ok());
  {
    grpc::ClientContext context;
    v1::StampRevisionRequest stamp;
    stamp.add_revisions("0001");
    v1::StampRevisionResponse stamped;
    ASSERT_TRUE(site_->migrations->StampRevision(&context, stamp, &stamped).ok());
  }
  AddAlters(2, "ALTER TABLE a ADD c0 INT");
  ASSERT_FALSE(Apply("head").ok());

  const v1::ListOperationsResponse all = List();
  ASSERT_EQ(all.operations_size(), 3);
  const v1::Operation& failed = all.operations(0);
  EXPECT_EQ(failed.state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.outcome(), "STATEMENT_FAILED");
  EXPECT_EQ(failed.statements(), 4);
  EXPECT_EQ(failed.statements_done(), 3);
  EXPECT_THAT(failed.from(), ElementsAre("0001"));
  EXPECT_THAT(failed.to(), ElementsAre("0003"));
  EXPECT_EQ(failed.identity(), "insecure");
  EXPECT_FALSE(failed.is_downgrade());
  EXPECT_GE(failed.end_time().seconds(), failed.begin_time().seconds());
  EXPECT_EQ(all.operations(1).state(), v1::OPERATION_STATE_STAMPED);
  EXPECT_EQ(all.operations(2).state(), v1::OPERATION_STATE_SUCCEEDED);
  EXPECT_EQ(all.operations(2).statements_done(), 1);
  EXPECT_GT(all.operations(1).fence(), all.operations(2).fence());

  v1::ListOperationsRequest page;
  page.set_page_size(2);
  const v1::ListOperationsResponse first = List(page);
  ASSERT_EQ(first.operations_size(), 2);
  page.set_page_token(first.next_page_token());
  const v1::ListOperationsResponse second = List(page);
  ASSERT_EQ(second.operations_size(), 1);
  EXPECT_EQ(second.operations(0).operation_id(), all.operations(2).operation_id());
  EXPECT_EQ(second.next_page_token(), "");

  v1::ListOperationsRequest one;
  one.set_operation_id(failed.operation_id().substr(0, 10));
  ASSERT_EQ(List(one).operations_size(), 1);
  EXPECT_EQ(List(one).operations(0).operation_id(), failed.operation_id());
}

TEST_F(OperationServiceTest, AnOperationIsCancelledBetweenTwoStatementsAndTheNextGoesOn) {
  AddAlters(120);
  const std::string id =
      ApplyAndLeave("head", [&](const v1::ApplyPlanResponse& event) { return event.step_done().index() == 5; });
  v1::CancelOperationResponse cancelled;
  const grpc::Status status = Cancel(id.substr(0, 6), &cancelled);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(cancelled.ended());
  EXPECT_EQ(cancelled.outcome(), "OPERATION_CANCELLED");
  EXPECT_EQ(cancelled.operation_id(), id);
  const grpc::Status watched = Watch(id, 0);
  EXPECT_EQ(watched.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_THAT(watched.error_details(), HasSubstr("OPERATION_CANCELLED"));
  EXPECT_EQ(List().operations(0).state(), v1::OPERATION_STATE_CANCELLED);
  EXPECT_NE(Columns(), "122\n");
  ASSERT_TRUE(Apply("head").ok());
  EXPECT_EQ(Columns(), "122\n");
  // Again, and one that is done.
  EXPECT_TRUE(Cancel(id, &cancelled).ok());
  const grpc::Status late = Cancel(List().operations(0).operation_id(), &cancelled);
  EXPECT_EQ(late.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(late.error_details(), HasSubstr("OPERATION_ENDED"));
}

TEST_F(OperationServiceTest, ARunningStatementIsStoppedAndUndone) {
  Query("GRANT CREATE, INSERT ON slow TO 'bonnie_schema'@'%'");
  AddAlters(1, SlowCreate("slow"));
  const std::string id =
      ApplyAndLeave("head", [](const v1::ApplyPlanResponse& event) { return event.step_started().index() == 3; });
  WaitForStatement("CREATE TABLE slow%");
  EXPECT_EQ(List().operations(0).state(), v1::OPERATION_STATE_RUNNING);
  const absl::Time begin = absl::Now();
  v1::CancelOperationResponse cancelled;
  const grpc::Status status = Cancel(id, &cancelled);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(cancelled.ended());
  EXPECT_EQ(cancelled.outcome(), "OPERATION_CANCELLED");
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  EXPECT_EQ(Query("SHOW TABLES LIKE 'slow'"), "");
  EXPECT_EQ(Query("SELECT state FROM bonnie_ledger.bonnie_journal ORDER BY entry DESC LIMIT 1"), "undone\n");
  EXPECT_EQ(List().operations(0).statements_done(), 3);
}

TEST_F(OperationServiceTest, AnOperationOfAnotherServiceIsCancelledByItsConnection) {
  Query("GRANT CREATE, INSERT ON slow TO 'bonnie_schema'@'%'");
  AddAlters(1, SlowCreate("slow"));
  const std::string id =
      ApplyAndLeave("head", [](const v1::ApplyPlanResponse& event) { return event.step_started().index() == 3; });
  WaitForStatement("CREATE TABLE slow%");
  const std::unique_ptr<RunningSite> first = std::move(site_);
  site_ = std::make_unique<RunningSite>(*database_, folder_, "azure");
  EXPECT_EQ(Watch(id, 0).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(List().operations(0).state(), v1::OPERATION_STATE_RUNNING);
  v1::CancelOperationResponse cancelled;
  const grpc::Status status = Cancel(id, &cancelled);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(cancelled.ended());
  EXPECT_EQ(Query("SHOW TABLES LIKE 'slow'"), "");
}

}  // namespace
}  // namespace bonnie::schema
