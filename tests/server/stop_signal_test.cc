#include "services/server/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "absl/time/clock.h"

namespace bonnie::server {
namespace {

TEST(StopSignalTest, TimesOutWithoutASignal) {
  StopSignal stop;
  EXPECT_FALSE(stop.Wait(absl::Now() + absl::Milliseconds(10)));
}

TEST(StopSignalTest, TakesAStopFromWithin) {
  StopSignal stop;
  stop.Stop();
  EXPECT_TRUE(stop.Wait(absl::Now() + absl::Seconds(5)));
  EXPECT_FALSE(stop.Wait(absl::Now()));  // once
}

TEST(StopSignalTest, TakesTheSignals) {
  BlockStopSignals();
  StopSignal stop;
  for (int signal : {SIGTERM, SIGINT}) {
    kill(getpid(), signal);
    EXPECT_TRUE(stop.Wait(absl::Now() + absl::Seconds(5)));
  }
  EXPECT_FALSE(stop.Wait(absl::Now()));
}

}  // namespace
}  // namespace bonnie::server
