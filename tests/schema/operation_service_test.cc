// Operations as the service's callers see them: listed, watched, cancelled, recovered.
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
#include "tests/schema/folder.h"
#include "tests/schema/running_site.h"
#include "tests/support/test_database.h"

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

class OperationServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  OperationServiceTest() {
    Query("DROP DATABASE bonnie; CREATE DATABASE bonnie");
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP COLUMN b;");
    folder_.Seal();
    site_ = std::make_unique<RunningSite>(*database_, folder_, "azure");
  }
  std::string Query(const std::string& sql) {
    const auto answer = database_->RootQuery(sql);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or("");
  }
  // A revision 0003 of `count` statements, then `more`.
  void AddAlters(int count, const std::string& more = "") {
    std::string up;
    for (int i = 0; i < count; ++i) absl::StrAppend(&up, "ALTER TABLE a ADD c", i, " INT;\n");
    if (!more.empty()) absl::StrAppend(&up, more, ";\n");
    folder_.AddRevision("0003", "0002", up, "");
    folder_.Seal();
  }
  v1::ApplyPlanRequest Planned(const std::string& target) {
    grpc::ClientContext context;
    v1::PlanMigrationRequest request;
    request.set_target(target);
    request.set_direction(v1::DIRECTION_UP);
    v1::PlanMigrationResponse response;
    const grpc::Status status = site_->migrations->PlanMigration(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    v1::ApplyPlanRequest apply;
    apply.set_target(target);
    apply.set_direction(v1::DIRECTION_UP);
    apply.set_fingerprint(response.plan().fingerprint());
    return apply;
  }
  // The newest plan, which must be of this fingerprint.
  void ApproveNewest(const std::string& fingerprint) {
    grpc::ClientContext context;
    v1::ApprovePlanRequest request;
    request.set_plan_id(List().operations(0).operation_id());
    request.set_fingerprint(fingerprint);
    request.set_decision(v1::PLAN_DECISION_APPROVE);
    v1::ApprovePlanResponse response;
    const grpc::Status status = site_->migrations->ApprovePlan(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  // From here on the site wants plans to be approved; the author may.
  void WantApprovals() {
    site_.reset();
    site_ = std::make_unique<RunningSite>(*database_, folder_, "azure", [](config::v1::SchemaConfig& config) {
      config.set_approval(config::v1::APPROVAL_POLICY_SELF);
    });
  }
  grpc::Status Apply(const std::string& target) { return Apply(Planned(target)); }
  grpc::Status Apply(const v1::ApplyPlanRequest& request) {
    grpc::ClientContext context;
    auto reader = site_->migrations->ApplyPlan(&context, request);
    for (v1::ApplyPlanResponse event; reader->Read(&event);) {
    }
    return reader->Finish();
  }
  // Applies, and goes away after the first event for which `until` is true. Answers the operation's id.
  template <class Until>
  std::string ApplyAndLeave(const std::string& target, Until until) {
    grpc::ClientContext context;
    auto reader = site_->migrations->ApplyPlan(&context, Planned(target));
    v1::ApplyPlanResponse event;
    while (reader->Read(&event)) {
      if (until(event)) break;
    }
    context.TryCancel();
    return event.operation_id();
  }
  grpc::Status Watch(const std::string& id, int64_t from, std::vector<v1::ApplyPlanResponse>* events = nullptr) {
    grpc::ClientContext context;
    v1::WatchOperationRequest request;
    request.set_operation_id(id);
    request.set_from_sequence(from);
    auto reader = site_->migrations->WatchOperation(&context, request);
    for (v1::WatchOperationResponse response; reader->Read(&response);) {
      if (events != nullptr) events->push_back(response.event());
    }
    return reader->Finish();
  }
  v1::ListOperationsResponse List(const v1::ListOperationsRequest& request = {}) {
    grpc::ClientContext context;
    v1::ListOperationsResponse response;
    const grpc::Status status = site_->migrations->ListOperations(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Cancel(const std::string& id, v1::CancelOperationResponse* response) {
    grpc::ClientContext context;
    v1::CancelOperationRequest request;
    request.set_operation_id(id);
    return site_->migrations->CancelOperation(&context, request, response);
  }
  grpc::Status Recover(const v1::RecoverOperationRequest& request, v1::RecoverOperationResponse* response) {
    grpc::ClientContext context;
    return site_->migrations->RecoverOperation(&context, request, response);
  }
  std::string WaitForStatement(const std::string& like) {
    std::string id;
    for (const absl::Time give_up = absl::Now() + absl::Seconds(60); id.empty() && absl::Now() < give_up;) {
      id = Query("SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '" + like +
                 "' HAVING MAX(ID) IS NOT NULL");
    }
    EXPECT_NE(id, "") << like << " did not begin";
    return id;
  }
  std::string Columns() {
    return Query("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'bonnie' AND TABLE_NAME = 'a'");
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  std::unique_ptr<RunningSite> site_;
};

test_support::TestDatabase* OperationServiceTest::database_ = nullptr;

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
  EXPECT_EQ(Apply("head").error_code(), grpc::StatusCode::INTERNAL);
  const v1::ListOperationsResponse listed = List();
  ASSERT_EQ(listed.operations_size(), 1);
  const grpc::Status watched = Watch(listed.operations(0).operation_id(), 0);
  EXPECT_EQ(watched.error_code(), grpc::StatusCode::INTERNAL);
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
  EXPECT_EQ(Query("SELECT state FROM bonnie_journal ORDER BY entry DESC LIMIT 1"), "undone\n");
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

TEST_F(OperationServiceTest, RecoverLooksAndResumes) {
  v1::RecoverOperationResponse report;
  ASSERT_TRUE(Recover({}, &report).ok());
  EXPECT_EQ(report.operation_id(), "");
  v1::RecoverOperationRequest resume;
  resume.set_decision(v1::RECOVERY_DECISION_RESUME);
  const grpc::Status nothing = Recover(resume, &report);
  EXPECT_EQ(nothing.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(nothing.error_details(), HasSubstr("NOTHING_UNFINISHED"));

  AddAlters(2, "ALTER TABLE a ADD c0 INT");
  ASSERT_FALSE(Apply("head").ok());
  ASSERT_TRUE(Recover({}, &report).ok());
  EXPECT_EQ(report.operation_id(), List().operations(0).operation_id());
  EXPECT_EQ(report.revision(), "0003");
  EXPECT_EQ(report.statements_total(), 3);
  EXPECT_THAT(report.to(), ElementsAre("0003"));
  ASSERT_EQ(report.steps_size(), 2);
  EXPECT_EQ(report.steps(0).state(), v1::STEP_STATE_DONE);

  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD c0 INT;\nALTER TABLE a ADD c1 INT;\nALTER TABLE a ADD c2 INT;",
                      "");
  folder_.Seal();
  report.Clear();
  const grpc::Status resumed = Recover(resume, &report);
  ASSERT_TRUE(resumed.ok()) << resumed.error_message();
  const grpc::Status watched = Watch(report.new_operation_id(), 0);
  ASSERT_TRUE(watched.ok()) << watched.error_message();
  EXPECT_EQ(Columns(), "5\n");
  v1::RecoverOperationRequest ended;
  ended.set_operation_id(report.new_operation_id());
  EXPECT_THAT(Recover(ended, &report).error_details(), HasSubstr("OPERATION_ENDED"));
}

TEST_F(OperationServiceTest, AnApprovedPlanCanBeResumedAgainAndAgain) {
  ASSERT_TRUE(Apply("head").ok());
  WantApprovals();
  AddAlters(1, "ALTER TABLE a ADD UNIQUE KEY one (b);\nALTER TABLE a ADD UNIQUE KEY two (c0)");
  const v1::ApplyPlanRequest apply = Planned("head");
  ApproveNewest(apply.fingerprint());
  Query("INSERT INTO bonnie.a (id, b) VALUES (1, 5), (2, 5)");
  EXPECT_THAT(Apply(apply).error_details(), HasSubstr("STATEMENT_FAILED"));

  v1::RecoverOperationRequest resume;
  resume.set_decision(v1::RECOVERY_DECISION_RESUME);
  v1::RecoverOperationResponse report;
  Query("UPDATE bonnie.a SET b = id, c0 = 7");  // of use to the second statement, and in the way of the third
  grpc::Status resumed = Recover(resume, &report);
  ASSERT_TRUE(resumed.ok()) << resumed.error_message();
  EXPECT_THAT(Watch(report.new_operation_id(), 0).error_details(), HasSubstr("STATEMENT_FAILED"));
  Query("UPDATE bonnie.a SET c0 = id");
  resumed = Recover(resume, &report);
  ASSERT_TRUE(resumed.ok()) << resumed.error_message();
  const grpc::Status watched = Watch(report.new_operation_id(), 0);
  EXPECT_TRUE(watched.ok()) << watched.error_message();
}

TEST_F(OperationServiceTest, WhatWasNotApprovedIsNotResumed) {
  WantApprovals();
  AddAlters(1, "ALTER TABLE a ADD c0 INT");
  const v1::ApplyPlanRequest apply = Planned("head");
  ApproveNewest(apply.fingerprint());
  EXPECT_THAT(Apply(apply).error_details(), HasSubstr("STATEMENT_FAILED"));
  AddAlters(1, "ALTER TABLE a ADD mended INT");
  v1::RecoverOperationRequest resume;
  resume.set_decision(v1::RECOVERY_DECISION_RESUME);
  v1::RecoverOperationResponse report;
  EXPECT_THAT(Recover(resume, &report).error_details(), HasSubstr("PLAN_NOT_APPROVED"));
}

TEST_F(OperationServiceTest, AStatementIsNotAssumedDoneBeforeThoseThatComeBeforeIt) {
  AddAlters(1, "ALTER TABLE a ADD c0 INT;\nALTER TABLE a ADD e INT");
  ASSERT_FALSE(Apply("head").ok());
  v1::RecoverOperationRequest assume;
  assume.set_decision(v1::RECOVERY_DECISION_ASSUME_DONE);
  assume.set_ordinal(3);
  v1::RecoverOperationResponse report;
  const grpc::Status refused = Recover(assume, &report);
  EXPECT_THAT(refused.error_details(), HasSubstr("ORDINAL_TOO_EARLY"));
  EXPECT_THAT(refused.error_message(), HasSubstr("statement 2 of revision 0003"));
  assume.set_ordinal(2);
  EXPECT_TRUE(Recover(assume, &report).ok());
  ASSERT_TRUE(Apply("head").ok());
  EXPECT_EQ(Columns(), "4\n");
}

TEST_F(OperationServiceTest, AStatementOfTheOtherFlavourIsNotAssumedDone) {
  const std::string other = database_->is_mysql() ? "mariadb" : "mysql";
  AddAlters(1, absl::StrCat("-- only: ", other, "\nALTER TABLE a ADD d INT;\nALTER TABLE a ADD c0 INT"));
  ASSERT_FALSE(Apply("head").ok());
  v1::RecoverOperationRequest assume;
  assume.set_decision(v1::RECOVERY_DECISION_ASSUME_DONE);
  assume.set_ordinal(2);
  v1::RecoverOperationResponse report;
  const grpc::Status refused = Recover(assume, &report);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.error_message(), HasSubstr(absl::StrCat("is for ", other, " alone")));
  assume.set_ordinal(3);
  ASSERT_TRUE(Recover(assume, &report).ok());
  EXPECT_TRUE(Apply("head").ok());
}

TEST_F(OperationServiceTest, AStatementIsAssumedDoneAndARevisionAbandonedAndBothAreOnRecord) {
  AddAlters(1, "ALTER TABLE a ADD c0 INT");
  ASSERT_FALSE(Apply("head").ok());
  v1::RecoverOperationRequest assume;
  assume.set_decision(v1::RECOVERY_DECISION_ASSUME_DONE);
  assume.set_ordinal(3);
  v1::RecoverOperationResponse report;
  EXPECT_EQ(Recover(assume, &report).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  assume.set_ordinal(2);
  grpc::Status decided = Recover(assume, &report);
  ASSERT_TRUE(decided.ok()) << decided.error_message();
  ASSERT_EQ(report.steps_size(), 2);
  EXPECT_EQ(report.steps(1).state(), v1::STEP_STATE_DONE);
  EXPECT_THAT(report.to(), ElementsAre("0003"));
  EXPECT_EQ(List().operations(0).outcome(), "assumed-done");
  EXPECT_EQ(List().operations(0).state(), v1::OPERATION_STATE_DECIDED);
  EXPECT_EQ(List().operations(0).operation_id(), report.new_operation_id());
  ASSERT_TRUE(Apply("head").ok());
  EXPECT_EQ(Columns(), "3\n");

  folder_.AddRevision("0004", "0003", "ALTER TABLE a ADD d INT;\nALTER TABLE a ADD d INT;", "");
  folder_.Seal();
  ASSERT_FALSE(Apply("head").ok());
  v1::RecoverOperationRequest abandon;
  abandon.set_decision(v1::RECOVERY_DECISION_ABANDON);
  decided = Recover(abandon, &report);
  ASSERT_TRUE(decided.ok()) << decided.error_message();
  EXPECT_EQ(report.operation_id(), "");
  EXPECT_EQ(List().operations(0).outcome(), "abandoned");
  Query("ALTER TABLE a DROP COLUMN d");  // put back by hand
  folder_.AddRevision("0004", "0003", "ALTER TABLE a ADD d INT;\nALTER TABLE a ADD e INT;", "");
  folder_.Seal();
  ASSERT_TRUE(Apply("head").ok());
  EXPECT_EQ(Columns(), "5\n");
}

}  // namespace
}  // namespace bonnie::schema
