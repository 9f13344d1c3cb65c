#include "services/data_access/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "services/data_access/fault.h"
#include "services/data_access/pool.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::ElementsAre;

class ExecutorTest : public testing::Test {
 protected:
  static PoolOptions OneSession() {
    PoolOptions options;
    options.max_sessions = 1;
    options.min_idle = 1;
    return options;
  }
  static ExecutorOptions OneThread(int max_queued = 1024) {
    ExecutorOptions options;
    options.threads = 1;
    options.max_queued = max_queued;
    return options;
  }

  FakeDriver driver_;
  Pool pool_{driver_, nullptr, OneSession()};
};

TEST_F(ExecutorTest, RunsTasksInTheirOrderWithASession) {
  Executor executor(pool_, OneThread());
  std::vector<int> order;
  absl::BlockingCounter done(3);
  for (int i = 0; i < 3; ++i) {
    executor.Run({}, [&, i](absl::StatusOr<Session*> session) {
      EXPECT_THAT((*session)->Execute(Statement(kInsertItem, i, "x")), IsOk());
      order.push_back(i);
      done.DecrementCount();
    });
  }
  done.Wait();
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(ExecutorTest, RefusesAtOnceWhenItsQueueIsFull) {
  Executor executor(pool_, OneThread(2));
  absl::Notification running, go;
  executor.Run({}, [&](absl::StatusOr<Session*>) {
    running.Notify();
    go.WaitForNotification();
  });
  running.WaitForNotification();
  std::atomic<int> served = 0;
  for (int i = 0; i < 2; ++i) executor.Run({}, [&](absl::StatusOr<Session*> session) { served += session.ok(); });
  EXPECT_EQ(executor.queued(), 2);
  absl::Status refused;
  executor.Run({}, [&](absl::StatusOr<Session*> session) { refused = session.status(); });
  EXPECT_THAT(refused, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(refused)->reason, "OVERLOADED");
  EXPECT_FALSE(executor.RunWork([] {}));
  go.Notify();
  executor.Drain();
  EXPECT_EQ(served, 2);
}

TEST_F(ExecutorTest, TellsTasksThatWaitedForTooLong) {
  Executor executor(pool_, OneThread());
  absl::Notification go;
  executor.Run({}, [&](absl::StatusOr<Session*>) { go.WaitForNotification(); });
  absl::Status late, left;
  executor.Run({absl::Now() + absl::Milliseconds(20), nullptr},
               [&](absl::StatusOr<Session*> session) { late = session.status(); });
  const auto cancellation = std::make_shared<Cancellation>();
  executor.Run({absl::InfiniteFuture(), cancellation},
               [&](absl::StatusOr<Session*> session) { left = session.status(); });
  cancellation->Cancel();
  absl::SleepFor(absl::Milliseconds(30));
  go.Notify();
  executor.Drain();
  EXPECT_THAT(late, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_THAT(left, StatusIs(StatusCode::kCancelled));
}

TEST_F(ExecutorTest, DrainsWhatWasQueuedAndRefusesTheRest) {
  Executor executor(pool_, OneThread());
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) executor.Run({}, [&](absl::StatusOr<Session*>) { ++ran; });
  executor.Drain();
  EXPECT_EQ(ran, 50);
  absl::Status refused;
  executor.Run({}, [&](absl::StatusOr<Session*> session) { refused = session.status(); });
  EXPECT_THAT(refused, StatusIs(StatusCode::kUnavailable));
}

TEST_F(ExecutorTest, WakesTheThreadThatWorkedLast) {
  PoolOptions options;
  options.max_sessions = 4;
  Pool pool(driver_, nullptr, options);
  ExecutorOptions four;
  four.threads = 4;
  Executor executor(pool, four);
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 8; ++i) {
    absl::SleepFor(absl::Milliseconds(20));  // all asleep
    absl::Notification done;
    executor.RunWork([&] {
      threads.push_back(std::this_thread::get_id());
      done.Notify();
    });
    done.WaitForNotification();
  }
  EXPECT_THAT(threads, testing::Each(threads[0]));
}

TEST_F(ExecutorTest, RunsEveryTaskOnceUnderManyCallers) {
  PoolOptions options;
  options.max_sessions = 4;
  Pool pool(driver_, nullptr, options);
  std::atomic<int> ran = 0;
  {
    ExecutorOptions four;
    four.threads = 4;
    four.max_queued = 100000;
    Executor executor(pool, four);
    std::vector<std::thread> callers;
    for (int c = 0; c < 4; ++c) {
      callers.emplace_back([&] {
        for (int i = 0; i < 500; ++i) executor.Run({}, [&](absl::StatusOr<Session*> session) { ran += session.ok(); });
      });
    }
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(ran, 2000);
}

}  // namespace
}  // namespace bonnie::data_access
