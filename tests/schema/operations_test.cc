#include "services/schema/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"

namespace bonnie::schema {
namespace {

class OperationsTest : public ::testing::Test {
 protected:
  OperationsTest()
      : harness_(database_, folder_.path()), runner_(harness_.driver(), harness_.dir(), harness_.options()) {
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "");
    folder_.Seal();
  }
  // One that ends by itself, refused: its fingerprint is nobody's.
  static std::string StartAndAwait(Operations& operations, const std::string& plan_id = "") {
    ApplyRequest request{"tester", "head", Direction::kUp, "none", {}};
    if (!plan_id.empty()) request.planned.emplace().plan_id = plan_id;
    const std::shared_ptr<Operation> operation = operations.Start(std::move(request));
    EXPECT_TRUE(operation->Await(absl::Now() + absl::Seconds(30)).has_value());
    return operation->id();
  }
  static std::string ReasonOf(const absl::Status& status) {
    const auto details = server::DetailsOf(status);
    return details.has_value() ? details->reason : status.ToString();
  }

  test_support::TestDatabase database_;
  Folder folder_;
  Harness harness_;
  Runner runner_;
};

TEST_F(OperationsTest, RemembersAsManyAsItIsToldThatEnded) {
  Operations operations(runner_, /*max_ended=*/2);
  const std::string first = StartAndAwait(operations), second = StartAndAwait(operations);
  const std::string third = StartAndAwait(operations), fourth = StartAndAwait(operations);
  EXPECT_EQ(ReasonOf(operations.Find(first).status()), "OPERATION_UNKNOWN");
  EXPECT_TRUE(operations.Find(second).ok());  // counted when the next one began
  EXPECT_TRUE(operations.Find(third).ok());
  ASSERT_TRUE(operations.Find(fourth.substr(0, 12)).ok());
  EXPECT_EQ((*operations.Find(fourth.substr(0, 12)))->id(), fourth);
  EXPECT_EQ(ReasonOf(operations.Find("").status()), "OPERATION_AMBIGUOUS");
}

// An operation has its plan's id, so two who applied one plan once made it ambiguous by its whole id.
TEST_F(OperationsTest, TwoWhoApplyOnePlanAreNotAmbiguous) {
  Operations operations(runner_);
  StartAndAwait(operations, "0123456789abcdef");
  StartAndAwait(operations, "0123456789abcdef");
  EXPECT_TRUE(operations.Find("0123456789abcdef").ok());
}

TEST_F(OperationsTest, WhatBeginsAfterStopEndsAtOnce) {
  Operations operations(runner_);
  operations.Stop();
  const auto plan = harness_.MakePlan("head", Direction::kUp);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto operation = operations.Start({"tester", "head", Direction::kUp, plan->fingerprint, {}});
  const auto outcome = operation->Await(absl::Now() + absl::Seconds(30));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(ReasonOf(*outcome), "SHUTTING_DOWN");
  EXPECT_EQ(harness_.Query("SHOW TABLES LIKE 'a'"), "");
}

}  // namespace
}  // namespace bonnie::schema
