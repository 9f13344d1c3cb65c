#include "services/schema/operation_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/schema/lock_waits.h"

namespace bonnie::schema {
namespace {

TEST(OperationListTest, ItsRowAndTheLeaseSayWhatBecameOfAnOperation) {
  const struct {
    const char* name;
    bool begun, ended;
    const char* outcome;
    const char* holder;
    OperationState want;
  } kCases[] = {
      {"kept", false, false, "", "", OperationState::kPlanned},
      {"in work", true, false, "", "one", OperationState::kRunning},
      {"somebody else is in work", true, false, "", "another", OperationState::kCutOff},
      {"nobody is in work", true, false, "", "", OperationState::kCutOff},
      {"done", true, true, "done", "", OperationState::kSucceeded},
      {"stamped", true, true, "stamped", "", OperationState::kStamped},
      {"cancelled", true, true, "OPERATION_CANCELLED", "", OperationState::kCancelled},
      {"the service stopped", true, true, "SHUTTING_DOWN", "", OperationState::kCutOff},
      {"failed", true, true, "STATEMENT_FAILED", "", OperationState::kFailed},
      {"decided", true, true, "abandoned", "", OperationState::kDecided},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    OperationRow row;
    row.operation_id = "one";
    if (c.begun) row.begin_time = absl::UnixEpoch();
    if (c.ended) row.end_time = absl::UnixEpoch();
    row.outcome = c.outcome;
    EXPECT_EQ(StateOf(row, c.holder), c.want);
  }
}

TEST(OperationListTest, APlanThatNobodyHasBegunIsWhatWasDecidedAboutIt) {
  OperationRow row;
  EXPECT_EQ(StateOf(row, ""), OperationState::kPlanned);
  row.decision = "approve";
  EXPECT_EQ(StateOf(row, ""), OperationState::kApproved);
  row.is_expired = true;
  EXPECT_EQ(StateOf(row, ""), OperationState::kExpired);
  row.decision = "reject";
  EXPECT_EQ(StateOf(row, ""), OperationState::kRejected);
}

TEST(LockWaitsTest, NamesAFewBlockersAndCountsTheOthers) {
  EXPECT_EQ(BlockersText({}), "");
  EXPECT_EQ(BlockersText({{7, "bonnie_records", absl::Seconds(40), "Sleep"}}),
            "connection 7 (bonnie_records, Sleep for 40 s)");
  EXPECT_THAT(BlockersText(std::vector<Blocker>(7, {7, "u", absl::Seconds(1), "Query: Sending data"})),
              ::testing::EndsWith("for 1 s), connection 7 (u, Query: Sending data for 1 s), and 2 more"));
}

}  // namespace
}  // namespace bonnie::schema
