#include "services/server/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "services/server/error.h"

namespace bonnie::server {
namespace {

std::string ReasonOf(const absl::Status& status) {
  const absl::optional<ErrorDetails> details = DetailsOf(status);
  return details.has_value() ? details->reason : "";
}

TEST(GateTest, RefusesBeyondTheProcesssLimit) {
  Gate gate({.max_unary = 2});
  Quota a, b;
  EXPECT_EQ(gate.EnterUnary(a), absl::OkStatus());
  EXPECT_EQ(gate.EnterUnary(b), absl::OkStatus());
  const absl::Status refused = gate.EnterUnary(a);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_GT(DetailsOf(refused)->retry_after, absl::ZeroDuration());
  gate.LeaveUnary(b);
  EXPECT_EQ(gate.EnterUnary(a), absl::OkStatus());
  EXPECT_EQ(gate.unary(), 2);
}

TEST(GateTest, RefusesAnIdentityBeyondItsOwnLimit) {
  Gate gate({.max_unary = 10, .max_unary_per_identity = 1});
  Quota greedy, modest;
  EXPECT_EQ(gate.EnterUnary(greedy), absl::OkStatus());
  const absl::Status refused = gate.EnterUnary(greedy);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
  EXPECT_TRUE(DetailsOf(refused)->quota.has_value());
  EXPECT_EQ(gate.EnterUnary(modest), absl::OkStatus());
  EXPECT_EQ(gate.unary(), 2);  // the refused one left nothing behind
}

TEST(GateTest, BoundsStreamsApartFromUnaryCalls) {
  Gate gate({.max_unary = 1, .max_streams = 1});
  Quota quota;
  EXPECT_EQ(gate.EnterUnary(quota), absl::OkStatus());
  EXPECT_EQ(gate.EnterStream(quota, StreamPool::kReading), absl::OkStatus());
  EXPECT_EQ(ReasonOf(gate.EnterStream(quota, StreamPool::kReading)), "OVERLOADED");
  gate.LeaveStream(quota, StreamPool::kReading);
  EXPECT_EQ(gate.EnterStream(quota, StreamPool::kReading), absl::OkStatus());
}

TEST(GateTest, OneIdentitysStreamsLeaveRoomForOthers) {
  Gate gate({.max_streams = 8, .max_streams_per_identity = 2});
  Quota greedy, modest;
  EXPECT_EQ(gate.EnterStream(greedy, StreamPool::kReading), absl::OkStatus());
  EXPECT_EQ(gate.EnterStream(greedy, StreamPool::kReading), absl::OkStatus());
  const absl::Status refused = gate.EnterStream(greedy, StreamPool::kReading);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
  EXPECT_EQ(gate.streams(), 2);  // the refused one left nothing behind
  EXPECT_EQ(gate.EnterStream(modest, StreamPool::kReading), absl::OkStatus());
  gate.LeaveStream(greedy, StreamPool::kReading);
  EXPECT_EQ(gate.EnterStream(greedy, StreamPool::kReading), absl::OkStatus());
}

TEST(GateTest, NoNumberOfReadersRefusesAPlan) {
  Gate gate({.max_streams = 2, .max_operation_streams = 1, .max_streams_per_identity = 2});
  Quota reader, migrator, other;
  EXPECT_EQ(gate.EnterStream(reader, StreamPool::kReading), absl::OkStatus());
  EXPECT_EQ(gate.EnterStream(reader, StreamPool::kReading), absl::OkStatus());
  EXPECT_EQ(gate.EnterStream(reader, StreamPool::kFollowing), absl::OkStatus());
  EXPECT_EQ(ReasonOf(gate.EnterStream(migrator, StreamPool::kReading)), "OVERLOADED");
  EXPECT_EQ(gate.EnterStream(migrator, StreamPool::kApplying), absl::OkStatus());
  EXPECT_EQ(ReasonOf(gate.EnterStream(other, StreamPool::kApplying)), "OVERLOADED");
  EXPECT_EQ(ReasonOf(gate.EnterStream(migrator, StreamPool::kFollowing)), "OVERLOADED");
  EXPECT_EQ(gate.streams(), 4);
  gate.LeaveStream(migrator, StreamPool::kApplying);
  EXPECT_EQ(gate.EnterStream(other, StreamPool::kApplying), absl::OkStatus());
}

TEST(GateTest, BoundsWatchesApartFromCalls) {
  Gate gate({.max_unary = 1, .max_streams = 1, .max_watches = 3, .max_watches_per_identity = 2});
  Quota greedy, modest;
  EXPECT_EQ(gate.EnterWatch(greedy), absl::OkStatus());
  EXPECT_EQ(gate.EnterWatch(greedy), absl::OkStatus());
  EXPECT_EQ(ReasonOf(gate.EnterWatch(greedy)), "QUOTA");
  EXPECT_EQ(gate.EnterWatch(modest), absl::OkStatus());
  EXPECT_EQ(ReasonOf(gate.EnterWatch(modest)), "OVERLOADED");
  EXPECT_EQ(gate.EnterUnary(greedy), absl::OkStatus());
  EXPECT_EQ(gate.EnterStream(greedy, StreamPool::kReading), absl::OkStatus());
  gate.LeaveWatch(greedy);
  EXPECT_EQ(gate.EnterWatch(modest), absl::OkStatus());
  EXPECT_EQ(gate.watches(), 3);
  gate.Close();
  EXPECT_EQ(ReasonOf(gate.EnterWatch(greedy)), "SHUTTING_DOWN");
}

TEST(GateTest, LimitsTheRateOfAnIdentity) {
  absl::Time now = absl::FromUnixSeconds(1700000000);
  Gate gate({.max_rate_per_identity = 2}, [&now] { return now; });
  Quota quota, other;
  const auto call = [&](Quota& caller) {
    const absl::Status status = gate.EnterUnary(caller);
    if (status.ok()) gate.LeaveUnary(caller);
    return status;
  };
  EXPECT_EQ(call(quota), absl::OkStatus());
  EXPECT_EQ(call(quota), absl::OkStatus());
  const absl::Status refused = call(quota);
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
  EXPECT_LE(DetailsOf(refused)->retry_after, absl::Milliseconds(501));
  EXPECT_EQ(call(other), absl::OkStatus());
  now += absl::Milliseconds(500);
  EXPECT_EQ(call(quota), absl::OkStatus());
  EXPECT_EQ(ReasonOf(call(quota)), "QUOTA");
  now += absl::Hours(1);  // saves up one second's worth, not an hour's
  EXPECT_EQ(call(quota), absl::OkStatus());
  EXPECT_EQ(call(quota), absl::OkStatus());
  EXPECT_EQ(ReasonOf(call(quota)), "QUOTA");
}

TEST(GateTest, RefusesAllOnceClosed) {
  Gate gate({});
  Quota quota;
  ASSERT_EQ(gate.EnterUnary(quota), absl::OkStatus());
  gate.Close();
  EXPECT_EQ(ReasonOf(gate.EnterUnary(quota)), "SHUTTING_DOWN");
  EXPECT_EQ(ReasonOf(gate.EnterStream(quota, StreamPool::kReading)), "SHUTTING_DOWN");
  EXPECT_FALSE(gate.WaitUntilEmpty(absl::Now() + absl::Milliseconds(20)));
  gate.LeaveUnary(quota);
  EXPECT_TRUE(gate.WaitUntilEmpty(absl::Now() + absl::Milliseconds(20)));
}

TEST(GateTest, NeverLetsInMoreThanItsLimitHoweverManyTry) {
  Gate gate({.max_unary = 3, .max_unary_per_identity = 3});
  Quota quota;
  std::atomic<int> inside{0}, most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 2000; ++k) {
        if (!gate.EnterUnary(quota).ok()) continue;
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        --inside;
        gate.LeaveUnary(quota);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 1);
  EXPECT_EQ(gate.unary(), 0);
}

}  // namespace
}  // namespace bonnie::server
