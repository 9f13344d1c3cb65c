#include "services/schema/fair_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/pool.h"
#include "services/server/error.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using data_access::Budget;
using test_support::IsOk;
using test_support::StatusIs;

class FairJobsTest : public testing::Test {
 protected:
  ~FairJobsTest() override { threads_.Drain(); }

  data_access::FakeDriver driver_;
  data_access::Pool pool_{driver_, nullptr, {}};
  data_access::Executor threads_{pool_, {.threads = 2, .max_queued = 4}};
  FairJobs jobs_{threads_};
};

TEST_F(FairJobsTest, SlowJobsOfOneCallerDoNotHoldUpAnother) {
  absl::Notification go;
  std::atomic<int> running{0}, most{0};
  absl::BlockingCounter slow(4);
  for (int i = 0; i < 4; ++i) {
    jobs_.Run("greedy", {}, [&](absl::Status start) {
      EXPECT_THAT(start, IsOk());
      most = std::max<int>(most, ++running);
      go.WaitForNotification();
      --running;
      slow.DecrementCount();
    });
  }
  absl::Notification done;
  jobs_.Run("modest", {}, [&](absl::Status start) {
    EXPECT_THAT(start, IsOk());
    done.Notify();
  });
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(5)));
  go.Notify();
  slow.Wait();
  EXPECT_EQ(most, 1);
}

TEST_F(FairJobsTest, RunsTheJobsOfOneCallerInTheirOrder) {
  std::vector<int> order;
  absl::BlockingCounter done(6);
  for (int i = 0; i < 6; ++i) {
    jobs_.Run("one", {}, [&, i](absl::Status) {
      order.push_back(i);
      done.DecrementCount();
    });
  }
  done.Wait();
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(FairJobsTest, RefusesACallerWhoseJobsPileUp) {
  absl::Notification go;
  absl::BlockingCounter ran(9);
  const auto job = [&](absl::Status start) {
    EXPECT_THAT(start, IsOk());
    go.WaitForNotification();
    ran.DecrementCount();
  };
  for (int i = 0; i < 9; ++i) jobs_.Run("greedy", {}, job);
  absl::Status refused;
  jobs_.Run("greedy", {}, [&](absl::Status start) { refused = std::move(start); });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("8 jobs of this identity")));
  EXPECT_EQ(server::DetailsOf(refused)->reason, "QUOTA");
  go.Notify();
  ran.Wait();
}

TEST_F(FairJobsTest, RefusesWhenTheThreadsQueueIsFullAndWhenTheyAreDrained) {
  absl::Notification go;
  absl::BlockingCounter running(2);
  for (const char* caller : {"a", "b"}) {
    jobs_.Run(caller, {}, [&](absl::Status) {
      running.DecrementCount();
      go.WaitForNotification();
    });
  }
  running.Wait();
  for (const char* caller : {"c", "d", "e", "f"}) {
    jobs_.Run(caller, {}, [](absl::Status start) { EXPECT_THAT(start, IsOk()); });
  }
  absl::Status refused;
  jobs_.Run("late", {}, [&](absl::Status start) { refused = std::move(start); });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, testing::HasSubstr("too many calls of this kind")));
  go.Notify();
  threads_.Drain();
  jobs_.Run("after", {}, [&](absl::Status start) { refused = std::move(start); });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, testing::_));
}

TEST_F(FairJobsTest, AJobWhoseCallerHasGoneDoesNotRun) {
  absl::Notification go;
  jobs_.Run("one", {}, [&](absl::Status) { go.WaitForNotification(); });
  absl::Status late;
  absl::Notification done;
  jobs_.Run("one", {absl::Now() + absl::Milliseconds(20), nullptr}, [&](absl::Status start) {
    late = std::move(start);
    done.Notify();
  });
  absl::SleepFor(absl::Milliseconds(30));
  go.Notify();
  done.WaitForNotification();
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kDeadlineExceeded, testing::_));
}

TEST_F(FairJobsTest, WaitsForAJobButForItsTurnNoLongerThanTheCallerDoes) {
  EXPECT_THAT(jobs_.RunAndWait("one", {}, [] { return absl::NotFoundError("its own answer"); }),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("its own answer")));
  absl::Notification go;
  jobs_.Run("one", {}, [&](absl::Status) { go.WaitForNotification(); });
  bool ran = false;
  const auto work = [&ran] {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_THAT(jobs_.RunAndWait("one", {absl::Now() + absl::Milliseconds(50), nullptr}, work),
              StatusIs(absl::StatusCode::kDeadlineExceeded, testing::_));
  const Budget cancelled{absl::InfiniteFuture(), std::make_shared<data_access::Cancellation>()};
  std::thread caller([&] {
    absl::SleepFor(absl::Milliseconds(20));
    cancelled.cancellation->Cancel();
  });
  EXPECT_THAT(jobs_.RunAndWait("one", cancelled, work), StatusIs(absl::StatusCode::kCancelled, testing::_));
  caller.join();
  go.Notify();
  threads_.Drain();
  EXPECT_FALSE(ran);  // not later either
}

}  // namespace
}  // namespace bonnie::schema
