#ifndef BONNIE_TESTS_SCHEMA_OPERATION_SITE_H_
#define BONNIE_TESTS_SCHEMA_OPERATION_SITE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "tests/schema/folder.h"
#include "tests/schema/running_site.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

// A site with two revisions, called as its callers call it, for the suites about operations.
class OperationSite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  OperationSite() {
    EXPECT_EQ(database_->Empty(), absl::OkStatus());
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

  static inline test_support::TestDatabase* database_ = nullptr;
  Folder folder_;
  std::unique_ptr<RunningSite> site_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_OPERATION_SITE_H_
