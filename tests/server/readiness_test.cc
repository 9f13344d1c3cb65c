#include "services/server/readiness.h"

#include <gtest/gtest.h>

namespace bonnie::server {
namespace {

class ReadinessTest : public ::testing::Test {
 protected:
  // A probe `after` the one before.
  bool Probe(bool success, absl::Duration after = absl::Seconds(5)) {
    return readiness_.Probed(success, now_ += after);
  }

  Readiness readiness_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
};

TEST_F(ReadinessTest, StartsNotReadyAndTakesTheFirstSuccess) {
  EXPECT_FALSE(readiness_.ready());
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(readiness_.ever_ready());
  EXPECT_TRUE(Probe(true));
  EXPECT_TRUE(readiness_.ready());
  EXPECT_TRUE(readiness_.ever_ready());
}

TEST_F(ReadinessTest, OutlastsAFailover) {
  Probe(true);
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(Probe(true));
  EXPECT_TRUE(readiness_.ready());
}

TEST_F(ReadinessTest, StopsAfterThreeFailuresOverTenSeconds) {
  Probe(true);
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(Probe(false));
  EXPECT_TRUE(Probe(false));  // 10 s after the first
  EXPECT_FALSE(readiness_.ready());
}

TEST_F(ReadinessTest, WaitsTenSecondsHoweverOftenItFails) {
  Probe(true);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Probe(false, absl::Seconds(1)));
  EXPECT_TRUE(Probe(false, absl::Seconds(1)));
}

TEST_F(ReadinessTest, CountsFailuresInARowOnly) {
  Probe(true);
  Probe(false);
  Probe(false);
  Probe(true);
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(Probe(false));
  EXPECT_TRUE(readiness_.ready());
}

TEST_F(ReadinessTest, ServesAgainAfterTwoSuccesses) {
  Probe(true);
  for (int i = 0; i < 3; ++i) Probe(false);
  ASSERT_FALSE(readiness_.ready());
  EXPECT_FALSE(Probe(true));
  EXPECT_FALSE(Probe(false));
  EXPECT_FALSE(Probe(true));
  EXPECT_TRUE(Probe(true));
  EXPECT_TRUE(readiness_.ready());
}

}  // namespace
}  // namespace bonnie::server
