#include "services/server/periodic.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace bonnie::server {
namespace {

TEST(PeriodicTest, RepeatsAsItsWorkSays) {
  std::atomic<int> calls{0};
  absl::Notification third;
  const Periodic periodic(absl::ZeroDuration(), [&] {
    if (++calls == 3) third.Notify();
    return calls < 3 ? absl::Milliseconds(1) : absl::Hours(1);
  });
  EXPECT_TRUE(third.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_EQ(calls, 3);
}

TEST(PeriodicTest, EndsWithoutWaitingForItsTime) {
  const absl::Time start = absl::Now();
  {
    const Periodic periodic(absl::Hours(1), [] { return absl::Hours(1); });
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST(PeriodicTest, WaitsForTheCallUnderWay) {
  absl::Notification started;
  std::atomic<bool> done{false};
  {
    const Periodic periodic(absl::ZeroDuration(), [&] {
      started.Notify();
      absl::SleepFor(absl::Milliseconds(50));
      done = true;
      return absl::Hours(1);
    });
    started.WaitForNotification();
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace bonnie::server
