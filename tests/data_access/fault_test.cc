#include "services/data_access/fault.h"

#include <gtest/gtest.h>

namespace bonnie::data_access {
namespace {

TEST(FaultTest, TravelsWithAStatus) {
  Fault fault;
  fault.number = 1062;
  fault.effect = Effect::kUnknown;
  fault.fate = SessionFate::kDiscardSite;
  fault.retry_transaction = true;
  fault.alarm = true;
  fault.caller_code = absl::StatusCode::kNotFound;
  fault.reason = "REASON";
  fault.constraint = "key";
  fault.column = "column";
  const absl::Status status = FaultStatus(absl::StatusCode::kAborted, "message", fault);
  const absl::Status copy = status;
  const absl::optional<Fault> read = FaultOf(copy);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(copy.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(copy.message(), "message");
  EXPECT_EQ(read->number, 1062);
  EXPECT_EQ(read->effect, Effect::kUnknown);
  EXPECT_EQ(read->fate, SessionFate::kDiscardSite);
  EXPECT_TRUE(read->retry_transaction);
  EXPECT_TRUE(read->alarm);
  EXPECT_EQ(read->caller_code, absl::StatusCode::kNotFound);
  EXPECT_EQ(read->reason, "REASON");
  EXPECT_EQ(read->constraint, "key");
  EXPECT_EQ(read->column, "column");
}

TEST(FaultTest, IsAbsentFromOtherStatuses) {
  EXPECT_FALSE(FaultOf(absl::OkStatus()).has_value());
  EXPECT_FALSE(FaultOf(absl::InternalError("x")).has_value());
  EXPECT_EQ(WithEffect(absl::InternalError("x"), Effect::kUnknown), absl::InternalError("x"));
}

TEST(FaultTest, ChangesItsEffectAlone) {
  const absl::Status status = WithEffect(OverloadedError("full"), Effect::kUnknown);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FaultOf(status)->effect, Effect::kUnknown);
  EXPECT_EQ(FaultOf(status)->reason, "OVERLOADED");
}

}  // namespace
}  // namespace bonnie::data_access
