// RecoverOperation as its callers see it: what was cut off is looked at, resumed, settled.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "tests/schema/operation_site.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using RecoveryServiceTest = OperationSite;

TEST_F(RecoveryServiceTest, RecoverLooksAndResumes) {
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

TEST_F(RecoveryServiceTest, AnApprovedPlanCanBeResumedAgainAndAgain) {
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

TEST_F(RecoveryServiceTest, WhatWasNotApprovedIsNotResumed) {
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

TEST_F(RecoveryServiceTest, AStatementIsNotAssumedDoneBeforeThoseThatComeBeforeIt) {
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

TEST_F(RecoveryServiceTest, AStatementOfTheOtherFlavourIsNotAssumedDone) {
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

TEST_F(RecoveryServiceTest, AStatementIsAssumedDoneAndARevisionAbandonedAndBothAreOnRecord) {
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
