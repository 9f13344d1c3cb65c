// Lending: who gets a session, when, and what becomes of it on return. pool_life_test.cc: opening, ageing, closing.
#include "services/data_access/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "services/data_access/fault.h"
#include "services/data_access/watchdog.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::HasSubstr;

PoolOptions Sized(int sessions) {
  PoolOptions options;
  options.max_sessions = sessions;
  options.min_idle = 0;
  options.backoff_min = options.backoff_max = absl::Milliseconds(1);
  return options;
}

// Holds a lease on a thread of its own, because one thread may hold one only.
class Borrower {
 public:
  Borrower(Pool& pool, Budget budget)
      : thread_([this, &pool, budget] {
          absl::StatusOr<Lease> lease = pool.Acquire(budget);
          absl::MutexLock lock(&mu_);
          status_ = lease.status();
          if (lease.ok()) id_ = (*lease)->facts().connection_id;
          answered_ = true;
          if (lease.ok()) mu_.Await(absl::Condition(&released_));
          // the lease goes back here, outside mu_'s users' interest
        }) {}
  ~Borrower() {
    Release();
    thread_.join();
  }
  absl::Status Wait() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&answered_));
    return status_;
  }
  bool answered() {
    absl::MutexLock lock(&mu_);
    return answered_;
  }
  std::uint64_t id() {
    absl::MutexLock lock(&mu_);
    return id_;
  }
  void Release() {
    absl::MutexLock lock(&mu_);
    released_ = true;
  }

 private:
  absl::Mutex mu_;
  bool answered_ = false, released_ = false;
  absl::Status status_;
  std::uint64_t id_ = 0;
  std::thread thread_;
};

TEST(PoolTest, LendsTheSessionThatCameBackLast) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(2));
  auto first = std::make_unique<Borrower>(pool, Budget{});
  auto second = std::make_unique<Borrower>(pool, Budget{});
  ASSERT_THAT(first->Wait(), IsOk());
  ASSERT_THAT(second->Wait(), IsOk());
  const std::uint64_t last = first->id();
  second.reset();
  first.reset();
  for (int i = 0; i < 3; ++i) EXPECT_EQ((*pool.Acquire({}))->facts().connection_id, last);
  EXPECT_EQ(driver.connections_opened(), 2);
}

TEST(PoolTest, ReplacesASessionThatBroke) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(1));
  {
    absl::StatusOr<Lease> lease = pool.Acquire({});
    ASSERT_THAT(lease, IsOk());
    driver.Fail("SELECT", 2026);
    EXPECT_THAT((*lease)->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kUnavailable));
  }  // returned here, and retired rather than lent again
  EXPECT_THAT(pool.Acquire({}), IsOk());
  EXPECT_EQ(driver.connections_opened(), 2);
  EXPECT_EQ(pool.stats().closed_broken, 1);
}

TEST(PoolTest, ServesWaitersInTheirOrder) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(1));
  auto holder = std::make_unique<Borrower>(pool, Budget{});
  ASSERT_THAT(holder->Wait(), IsOk());
  std::vector<std::unique_ptr<Borrower>> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.push_back(std::make_unique<Borrower>(pool, Budget{}));
    ASSERT_TRUE(Eventually([&] { return pool.stats().waiting == i + 1; }));
  }
  holder.reset();
  for (size_t i = 0; i < waiters.size(); ++i) {
    EXPECT_THAT(waiters[i]->Wait(), IsOk());
    for (size_t later = i + 1; later < waiters.size(); ++later) EXPECT_FALSE(waiters[later]->answered());
    waiters[i].reset();
  }
}

TEST(PoolTest, WaitsUntilTheDeadlineOrItsOwnLimitWhicheverIsFirst) {
  FakeDriver driver;
  PoolOptions options = Sized(1);
  options.acquire_timeout = absl::Milliseconds(80);
  Pool pool(driver, nullptr, options);
  Borrower holder(pool, Budget{});
  ASSERT_THAT(holder.Wait(), IsOk());
  EXPECT_THAT(pool.Acquire(In(absl::Milliseconds(30))), StatusIs(StatusCode::kDeadlineExceeded));
  const absl::Status own = pool.Acquire(In(absl::Seconds(30))).status();
  EXPECT_THAT(own, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(own)->reason, "OVERLOADED");
  EXPECT_EQ(pool.stats().timeouts, 2);
}

TEST(PoolTest, RefusesAtOnceWhenTooManyWait) {
  FakeDriver driver;
  PoolOptions options = Sized(1);
  options.max_waiters = 2;
  Pool pool(driver, nullptr, options);
  Borrower holder(pool, Budget{});
  ASSERT_THAT(holder.Wait(), IsOk());
  Borrower first(pool, Budget{}), second(pool, Budget{});
  ASSERT_TRUE(Eventually([&] { return pool.stats().waiting == 2; }));
  const absl::Status refused = pool.Acquire({}).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kResourceExhausted));
  EXPECT_EQ(FaultOf(refused)->caller_code, StatusCode::kUnavailable);
  EXPECT_EQ(FaultOf(refused)->reason, "OVERLOADED");
  holder.Release();
  first.Release();
}

// github/vitess-gh #238: sessions handed to waiters who had left.
TEST(PoolTest, PassesOverWaitersWhoLeft) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(1));
  auto holder = std::make_unique<Borrower>(pool, Budget{});
  ASSERT_THAT(holder->Wait(), IsOk());
  const Budget cancelled = In(absl::Seconds(30));
  Borrower expires(pool, In(absl::Milliseconds(300)));
  ASSERT_TRUE(Eventually([&] { return pool.stats().waiting == 1; }));
  Borrower leaves(pool, cancelled);
  ASSERT_TRUE(Eventually([&] { return pool.stats().waiting == 2; }));
  Borrower stays(pool, In(absl::Seconds(30)));
  ASSERT_TRUE(Eventually([&] { return pool.stats().waiting == 3; }));
  cancelled.cancellation->Cancel();
  EXPECT_THAT(leaves.Wait(), StatusIs(StatusCode::kCancelled));
  EXPECT_THAT(expires.Wait(), StatusIs(StatusCode::kDeadlineExceeded));
  holder.reset();
  EXPECT_THAT(stays.Wait(), IsOk());
}

TEST(PoolTest, RefusesAThreadThatWouldWaitForItself) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(4));
  absl::StatusOr<Lease> lease = pool.Acquire({});
  ASSERT_THAT(lease, IsOk());
  EXPECT_THAT(pool.Acquire({}), StatusIs(StatusCode::kInternal, HasSubstr("holds a lease")));
  { const Lease moved = *std::move(lease); }
  EXPECT_THAT(pool.Acquire({}), IsOk());
}

TEST(PoolTest, StartsNothingWithoutTime) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(1));
  EXPECT_THAT(pool.Acquire(In(absl::Milliseconds(1))), StatusIs(StatusCode::kDeadlineExceeded));
  const Budget cancelled = In(absl::Seconds(1));
  cancelled.cancellation->Cancel();
  EXPECT_THAT(pool.Acquire(cancelled), StatusIs(StatusCode::kCancelled));
}

TEST(PoolTest, RollsBackBeforeItLendsAgain) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(1));
  driver.Fail("SELECT", 1213);
  EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kAborted));
  EXPECT_EQ(driver.count("ROLLBACK"), 1);
  EXPECT_EQ(pool.stats().idle, 1);
  driver.Fail("SELECT", 1213);
  driver.Fail("ROLLBACK", 2026);
  EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kAborted));
  EXPECT_EQ(pool.stats().closed_broken, 1);
}

TEST(PoolTest, PingsASessionThatLayIdle) {
  FakeDriver driver;
  PoolOptions options = Sized(1);
  options.validate_after = absl::Milliseconds(10);
  Pool pool(driver, nullptr, options);
  ASSERT_THAT(pool.Acquire({}), IsOk());
  ASSERT_THAT(pool.Acquire({}), IsOk());
  EXPECT_EQ(driver.count("PING"), 0);
  absl::SleepFor(absl::Milliseconds(20));
  driver.BreakConnections();
  EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), IsOk());  // on a new one
  EXPECT_EQ(driver.connections_opened(), 2);
}

// brettwooldridge/HikariCP #2185: a demoted primary stayed in the pool for half an hour.
TEST(PoolTest, LeavesADemotedPrimaryAfterOneFailure) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(4));
  {
    Borrower a(pool, {}), b(pool, {}), c(pool, {});
    for (Borrower* borrower : {&a, &b, &c}) ASSERT_THAT(borrower->Wait(), IsOk());
  }
  driver.SetReadOnly(true);
  EXPECT_THAT((*pool.Acquire({}))->Execute(Statement(kInsertItem, 1, "a")), StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(pool.stats().evicted_site, 2);
  driver.SetReadOnly(false);  // the new primary answers under the same name
  EXPECT_THAT((*pool.Acquire({}))->Execute(Statement(kInsertItem, 1, "a")), IsOk());
}

TEST(PoolTest, ServesReadsFromAReadOnlyServerWithoutLeavingItAgain) {
  FakeDriver driver;
  driver.SetReadOnly(true);
  Pool pool(driver, nullptr, Sized(2));
  for (int i = 0; i < 3; ++i) {
    const absl::Status status = (*pool.Acquire({}))->Execute(Statement(kInsertItem, 1, "a")).status();
    EXPECT_EQ(FaultOf(status)->reason, "DATABASE_READ_ONLY");
    EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), IsOk());
  }
  EXPECT_EQ(driver.connections_opened(), 1);
  EXPECT_EQ(pool.stats().evicted_site, 0);
}

TEST(PoolTest, LeavesASiteThatLosesThreeSessionsWithinASecond) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(6));
  {
    std::vector<std::unique_ptr<Borrower>> all;
    for (int i = 0; i < 6; ++i) all.push_back(std::make_unique<Borrower>(pool, Budget{}));
    for (auto& borrower : all) ASSERT_THAT(borrower->Wait(), IsOk());
  }
  driver.BreakConnections();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE((*pool.Acquire({}))->Query(Statement(kGetItem, 1)).ok());
  EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), IsOk());
  EXPECT_EQ(pool.stats().evicted_site, 3);
}

TEST(PoolTest, ClosesLentSessionsOfAnEvictedGenerationOnReturn) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(2));
  {
    absl::StatusOr<Lease> lease = pool.Acquire({});
    pool.EvictGeneration("rotated credentials");
    EXPECT_THAT((*lease)->Query(Statement(kGetItem, 1)), IsOk());  // it may finish
  }
  EXPECT_EQ(pool.stats().evicted_site, 1);
  EXPECT_TRUE(Eventually([&] { return driver.connections_open() == 0; }));
}

TEST(PoolTest, DrainsAndRefusesNewLeases) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(2));
  auto holder = std::make_unique<Borrower>(pool, Budget{});
  ASSERT_THAT(holder->Wait(), IsOk());
  std::thread returns([&holder] {
    absl::SleepFor(absl::Milliseconds(50));
    holder.reset();
  });
  EXPECT_THAT(pool.Drain(absl::Now() + absl::Seconds(5)), IsOk());
  returns.join();
  EXPECT_THAT(pool.Acquire({}), StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(Eventually([&] { return driver.connections_open() == 0; }));
}

TEST(PoolTest, KillsWhatIsStillRunningWhenDrainingEnds) {
  FakeDriver driver;
  Watchdog watchdog(driver, {});
  Pool pool(driver, &watchdog, Sized(1));
  absl::Status status;
  std::thread worker([&] { status = (*pool.Acquire({}))->Query(Statement(kSleep, 30.0)).status(); });
  ASSERT_TRUE(Eventually([&] { return driver.count("SLEEP") == 1; }));
  EXPECT_THAT(pool.Drain(absl::Now() + absl::Milliseconds(50)), StatusIs(StatusCode::kDeadlineExceeded));
  worker.join();
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
}

// vitessio/vitess #17675, brettwooldridge/HikariCP #1909: lost wake-ups and starvation.
TEST(PoolTest, ServesEveryoneWhoStaysAmongManyWhoLeave) {
  FakeDriver driver;
  PoolOptions options = Sized(1);
  options.max_waiters = 1000;
  options.acquire_timeout = absl::Seconds(30);
  Pool pool(driver, nullptr, options);
  std::atomic<int> served = 0, left = 0, wrong = 0;
  std::vector<std::thread> threads;
  std::minstd_rand random(7);
  for (int i = 0; i < 200; ++i) {
    const int kind = static_cast<int>(random() % 3);  // stays, expires, is cancelled
    const absl::Duration patience = absl::Microseconds(random() % 20000);
    threads.emplace_back([&, kind, patience] {
      Budget budget = In(kind == 1 ? patience + absl::Milliseconds(5) : absl::Seconds(30));
      std::thread canceller;
      if (kind == 2) {
        canceller = std::thread([&budget, patience] {
          absl::SleepFor(patience);
          budget.cancellation->Cancel();
        });
      }
      {
        absl::StatusOr<Lease> lease = pool.Acquire(budget);
        if (lease.ok() && absl::Now() > budget.deadline + absl::Seconds(1)) ++wrong;  // handed to one who had left
        if (lease.ok()) absl::SleepFor(absl::Microseconds(100));
        if (kind == 0 && !lease.ok()) ++wrong;
        ++(lease.ok() ? served : left);
      }
      if (canceller.joinable()) canceller.join();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(served + left, 200);
  EXPECT_EQ(pool.stats().in_use, 0);
  EXPECT_EQ(pool.stats().waiting, 0);
}

}  // namespace
}  // namespace bonnie::data_access
