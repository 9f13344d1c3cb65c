#ifndef BONNIE_TESTS_SCHEMA_PLANNER_SITE_H_
#define BONNIE_TESTS_SCHEMA_PLANNER_SITE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "services/data_access/pool.h"
#include "services/schema/canonical.h"
#include "services/schema/forecast.h"
#include "services/schema/planner.h"
#include "services/schema/runner.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

// A site with two revisions, none of them applied, and what makes, approves and applies its plans.
class PlannerSite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  PlannerSite() : harness_(*database_, folder_.path()) {
    harness_.Reset();
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP COLUMN b;");
    folder_.Seal();
    data_access::ConnectOptions scratch = harness_.Connect();
    scratch.credentials = data_access::PasswordFile("bonnie_scratch", database_->password_file("scratch"));
    canonical_ = std::make_unique<Canonical>(harness_.driver(), scratch);
    forecaster_ = std::make_unique<Forecaster>(harness_.driver(), harness_.Connect(), *canonical_);
    data_access::PoolOptions pool;
    pool.connect = harness_.Connect();
    pool_ = std::make_unique<data_access::Pool>(harness_.driver(), nullptr, pool);
  }

  Planner PlannerWith(ApprovalPolicy policy) {
    return Planner(*pool_, harness_.dir(), *forecaster_, harness_.options().site, policy);
  }
  static data_access::Budget Soon() { return {absl::Now() + absl::Seconds(60), nullptr}; }
  absl::StatusOr<v1::Plan> Make(Planner& planner, const std::string& identity, const std::string& target = "head",
                                Direction direction = Direction::kUp) {
    return planner.Make(target, direction, identity, Soon());
  }
  absl::StatusOr<v1::Plan> Decide(const Planner& planner, const v1::Plan& plan, const std::string& identity,
                                  v1::PlanDecision decision = v1::PLAN_DECISION_APPROVE,
                                  const std::vector<std::string>& allow = {}) {
    auto session = pool_->Acquire(Soon());
    if (!session.ok()) return session.status();
    v1::ApprovePlanRequest request;
    request.set_plan_id(plan.plan_id());
    request.set_fingerprint(plan.fingerprint());
    request.set_decision(decision);
    *request.mutable_allow() = {allow.begin(), allow.end()};
    return planner.Decide(**session, request, identity);
  }
  absl::StatusOr<ApplyRequest> ToApply(const Planner& planner, const v1::Plan& plan,
                                       const std::vector<std::string>& allow = {}) {
    v1::ApplyPlanRequest request;
    request.set_fingerprint(plan.fingerprint());
    *request.mutable_allow() = {allow.begin(), allow.end()};
    return planner.ToApply(request, "applier", Soon());
  }
  // As Operations does: the operation has the plan's id.
  absl::Status Run(const ApplyRequest& request) {
    Runner runner(harness_.driver(), harness_.dir(), harness_.options());
    OperationControl control;
    unforeseen_.clear();
    return runner.Run(
        request, request.planned->plan_id,
        [this](const OperationEvent& event) {
          const auto* done = std::get_if<StepDone>(&event);
          if (done != nullptr && done->unforeseen) unforeseen_.push_back(done->index);
        },
        control);
  }
  absl::Status Apply(Planner& planner, const v1::Plan& plan, const std::vector<std::string>& allow = {}) {
    auto request = ToApply(planner, plan, allow);
    return request.ok() ? Run(*request) : request.status();
  }
  std::string Rows() { return harness_.Query("SELECT COUNT(*) FROM bonnie_ledger.bonnie_plans"); }

  static inline test_support::TestDatabase* database_ = nullptr;
  Folder folder_;
  Harness harness_;
  std::unique_ptr<Canonical> canonical_;
  std::unique_ptr<Forecaster> forecaster_;
  std::unique_ptr<data_access::Pool> pool_;
  std::vector<int> unforeseen_;  // steps of the last Run that left something else than was foretold
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_PLANNER_SITE_H_
