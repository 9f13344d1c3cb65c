#include "services/data_access/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

TEST(BudgetTest, EndsFiveMillisecondsBeforeItsDeadline) {
  const absl::Time now = absl::UnixEpoch();
  EXPECT_THAT(Budget{}.Check(now), IsOk());
  EXPECT_THAT((Budget{now + absl::Milliseconds(5), nullptr}).Check(now), IsOk());
  EXPECT_THAT((Budget{now + absl::Milliseconds(4), nullptr}).Check(now), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(BudgetTest, EndsWithItsCancellation) {
  Budget budget{absl::InfiniteFuture(), std::make_shared<Cancellation>()};
  EXPECT_THAT(budget.Check(absl::Now()), IsOk());
  budget.cancellation->Cancel();
  EXPECT_THAT(budget.Check(absl::Now()), StatusIs(absl::StatusCode::kCancelled));
}

TEST(CancellationTest, TellsItsListenerOnce) {
  Cancellation cancellation;
  int told = 0;
  cancellation.Listen([&told] { ++told; });
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_EQ(told, 1);
}

TEST(CancellationTest, TellsAListenerThatCameLate) {
  Cancellation cancellation;
  cancellation.Cancel();
  int told = 0;
  cancellation.Listen([&told] { ++told; });
  EXPECT_EQ(told, 1);
}

TEST(CancellationTest, ForgetsAListenerThatLeft) {
  Cancellation cancellation;
  int told = 0;
  cancellation.Listen([&told] { ++told; });
  cancellation.Listen(nullptr);
  cancellation.Cancel();
  EXPECT_EQ(told, 0);
}

TEST(CancellationTest, NeverTellsAListenerAfterItLeft) {
  for (int round = 0; round < 200; ++round) {
    Cancellation cancellation;
    auto alive = std::make_unique<std::atomic<bool>>(true);
    cancellation.Listen([&alive = *alive] { EXPECT_TRUE(alive); });
    std::thread canceller([&cancellation] { cancellation.Cancel(); });
    cancellation.Listen(nullptr);
    *alive = false;
    canceller.join();
  }
}

}  // namespace
}  // namespace bonnie::data_access
