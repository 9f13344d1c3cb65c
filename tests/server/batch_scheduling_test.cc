#include "services/server/batch_scheduling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace bonnie::server {
namespace {

int PolicyOfNewThread() {
  int policy = -1;
  std::thread([&policy] { policy = sched_getscheduler(0); }).join();
  return policy;
}

TEST(BatchSchedulingTest, ThreadsStartedMeanwhileInheritBatch) {
  const int before = sched_getscheduler(0);
  ASSERT_EQ(before, SCHED_OTHER) << "the test itself runs under another policy";
  {
    const BatchScheduling batch;
    EXPECT_EQ(PolicyOfNewThread(), SCHED_BATCH);
  }
  EXPECT_EQ(PolicyOfNewThread(), SCHED_OTHER);
  EXPECT_EQ(sched_getscheduler(0), before);
}

}  // namespace
}  // namespace bonnie::server
