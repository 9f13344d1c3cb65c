// How a pool's sessions come and go: opening, replacement, pings, closing. pool_test.cc: lending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "services/data_access/fault.h"
#include "services/data_access/pool.h"
#include "services/data_access/watchdog.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

PoolOptions Sized(int sessions, int min_idle) {
  PoolOptions options;
  options.max_sessions = sessions;
  options.min_idle = min_idle;
  options.backoff_min = options.backoff_max = absl::Milliseconds(1);
  return options;
}

TEST(PoolLifeTest, StartsWithoutWaitingForTheDatabase) {
  FakeDriver driver;
  driver.DelayConnects(absl::Seconds(1));
  const absl::Time start = absl::Now();
  Pool pool(driver, nullptr, Sized(2, 2));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(900));
  EXPECT_FALSE(pool.ready());
  EXPECT_EQ(pool.server(), absl::nullopt);
  EXPECT_THAT(pool.Acquire({}), IsOk());  // waits for the first connection
  EXPECT_TRUE(pool.ready());
  EXPECT_EQ(pool.server()->version, "10.11.0-Fake");
}

TEST(PoolLifeTest, OpensAFewAtATime) {
  FakeDriver driver;
  driver.DelayConnects(absl::Milliseconds(5));
  Pool pool(driver, nullptr, Sized(8, 8));
  EXPECT_TRUE(Eventually([&] { return pool.stats().idle == 8; }));
  EXPECT_EQ(driver.most_connecting(), 2);
}

TEST(PoolLifeTest, ProbesAloneAndPausesLongerWhileTheSiteIsDown) {
  FakeDriver driver;
  driver.FailConnects(2002);
  driver.DelayConnects(absl::Milliseconds(2));
  PoolOptions options = Sized(8, 8);
  options.backoff_min = absl::Milliseconds(10);
  options.backoff_max = absl::Seconds(10);
  Pool pool(driver, nullptr, options);
  absl::SleepFor(absl::Milliseconds(700));
  // Full jitter over 10, 20, 40 … ms: some seven tries in this time, and never a hundred.
  EXPECT_GE(driver.connect_attempts(), 3);
  EXPECT_LE(driver.connect_attempts(), 25);
  EXPECT_EQ(driver.most_connecting(), 1);
  EXPECT_FALSE(pool.ready());
  EXPECT_THAT(pool.last_error(), StatusIs(StatusCode::kUnavailable, HasSubstr("2002")));
}

TEST(PoolLifeTest, FailsAtOnceWhileTheSiteIsDownAndRecoversByItself) {
  FakeDriver driver;
  Pool pool(driver, nullptr, Sized(2, 1));
  ASSERT_THAT(pool.Acquire({}), IsOk());
  driver.FailConnects(2002, "connect to 10.0.0.1");
  driver.BreakConnections();
  EXPECT_FALSE((*pool.Acquire({}))->Query(Statement(kGetItem, 1)).ok());
  ASSERT_TRUE(Eventually([&] { return !pool.last_error().ok(); }));
  const absl::Time start = absl::Now();
  const absl::Status refused = pool.Acquire({}).status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));  // and not acquire_timeout
  EXPECT_THAT(refused, StatusIs(StatusCode::kUnavailable, Not(HasSubstr("10.0.0.1"))));
  EXPECT_EQ(FaultOf(refused)->reason, "DATABASE_UNAVAILABLE");
  driver.FailConnects(0);
  ASSERT_TRUE(Eventually([&] { return pool.ready(); }));
  EXPECT_THAT(pool.last_error(), IsOk());
  EXPECT_THAT(pool.Acquire({}), IsOk());
}

TEST(PoolLifeTest, FailsThoseWhoWaitWhenTheFirstConnectFails) {
  FakeDriver driver;
  driver.FailConnects(1045, "Access denied for user 'x'");
  driver.DelayConnects(absl::Milliseconds(50));
  Pool pool(driver, nullptr, Sized(2, 1));
  const absl::Status status = pool.Acquire({}).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(status)->reason, "DATABASE_AUTH");
}

TEST(PoolLifeTest, TriesRefusedLoginsOnceMoreAndThenSeldom) {
  FakeDriver driver;
  driver.FailConnects(1045);
  PoolOptions options = Sized(4, 4);
  options.auth_backoff = absl::Seconds(30);
  Pool pool(driver, nullptr, options);
  absl::SleepFor(absl::Milliseconds(200));
  EXPECT_EQ(driver.connect_attempts(), 2);
}

TEST(PoolLifeTest, ReplacesSessionsOneByOneAndOpensBeforeItCloses) {
  FakeDriver driver;
  PoolOptions options = Sized(4, 2);
  options.max_lifetime = absl::Milliseconds(300);
  Pool pool(driver, nullptr, options);
  ASSERT_TRUE(Eventually([&] { return pool.stats().idle == 2; }));
  int fewest = 2, most = 0;
  const absl::Time until = absl::Now() + absl::Milliseconds(800);
  while (absl::Now() < until) {
    fewest = std::min(fewest, driver.connections_open());
    most = std::max(most, driver.connections_open());
    absl::SleepFor(absl::Microseconds(200));
  }
  EXPECT_EQ(fewest, 2);
  EXPECT_LE(most, 3);
  EXPECT_GE(pool.stats().closed_lifetime, 3);
  EXPECT_LE(pool.stats().closed_lifetime, 8);
}

TEST(PoolLifeTest, ReplacesSessionsOfAFullPoolToo) {
  FakeDriver driver;
  PoolOptions options = Sized(2, 2);
  options.max_lifetime = absl::Milliseconds(100);
  Pool pool(driver, nullptr, options);
  EXPECT_TRUE(Eventually([&] { return pool.stats().closed_lifetime >= 4; }));
  EXPECT_LE(driver.most_connections_open(), 2);
  EXPECT_TRUE(Eventually([&] { return pool.stats().idle == 2; }));
}

TEST(PoolLifeTest, ClosesWhatLiesIdleDownToItsMinimum) {
  FakeDriver driver;
  PoolOptions options = Sized(4, 1);
  options.idle_timeout = absl::Milliseconds(50);
  Pool pool(driver, nullptr, options);
  {
    std::atomic<int> holding = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        absl::StatusOr<Lease> lease = pool.Acquire({});
        ++holding;
        while (holding < 4) absl::SleepFor(absl::Milliseconds(1));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_TRUE(Eventually([&] { return pool.stats().open == 1; }));
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(pool.stats().open, 1);
  EXPECT_EQ(pool.stats().closed_idle, 3);
}

TEST(PoolLifeTest, PingsIdleSessionsAndDiscardsThoseThatDoNotAnswer) {
  FakeDriver driver;
  PoolOptions options = Sized(2, 2);
  options.keepalive = absl::Milliseconds(50);
  Pool pool(driver, nullptr, options);
  ASSERT_TRUE(Eventually([&] { return driver.count("PING") >= 4; }));
  EXPECT_EQ(driver.connections_opened(), 2);
  driver.BreakConnections();
  EXPECT_TRUE(Eventually([&] { return driver.connections_opened() == 4 && pool.stats().idle == 2; }));
  EXPECT_EQ(pool.stats().closed_broken, 2);
}

TEST(PoolLifeTest, PingsMoreOftenThanTheServerForgets) {
  FakeDriver driver;
  driver.SetWaitTimeout(absl::Milliseconds(150));
  PoolOptions options = Sized(1, 1);
  options.keepalive = absl::Minutes(1);
  options.leak_warning = absl::Milliseconds(100);  // makes the upkeep look often
  Pool pool(driver, nullptr, options);
  EXPECT_TRUE(Eventually([&] { return driver.count("PING") >= 3; }));
}

TEST(PoolLifeTest, AsksAReadOnlyServerAnewSoon) {
  FakeDriver driver;
  driver.SetReadOnly(true);
  PoolOptions options = Sized(2, 1);
  options.backoff_max = absl::Milliseconds(50);
  options.keepalive = absl::Milliseconds(100);
  Pool pool(driver, nullptr, options);
  ASSERT_TRUE(Eventually([&] { return pool.server().has_value(); }));
  EXPECT_TRUE(pool.server()->read_only);
  driver.SetReadOnly(false);
  EXPECT_TRUE(Eventually([&] { return !pool.server()->read_only; }));
}

// jackc/pgx #2425: cancelled statements made more sessions than the limit.
TEST(PoolLifeTest, NeverHoldsMoreSessionsThanItsLimitUnderMassTimeouts) {
  FakeDriver driver;
  driver.IgnoreKillQuery();  // so that every timeout costs its session
  driver.DelayKills(absl::Milliseconds(5));
  Watchdog watchdog(driver, {});
  PoolOptions options = Sized(3, 0);
  options.max_waiters = 100;
  Pool pool(driver, &watchdog, options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2; ++n) {
        absl::StatusOr<Lease> lease = pool.Acquire(Budget{absl::Now() + absl::Milliseconds(300), nullptr});
        if (lease.ok()) (void)(*lease)->Query(Statement(kSleep, 30.0));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(driver.most_connections_open(), 3 + 1);  // and the killer
  EXPECT_GE(watchdog.kills(), 3);
  EXPECT_THAT(pool.Acquire({}), IsOk());
}

// A client that stops reading does not stop the server: the statement, and its locks, would go on.
TEST(PoolLifeTest, KillsWhatALostSessionMayStillRun) {
  FakeDriver driver;
  Watchdog watchdog(driver, {});
  Pool pool(driver, &watchdog, Sized(1, 0));
  driver.Fail("SELECT", 2013, "timeout reading");
  EXPECT_THAT((*pool.Acquire({}))->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(Eventually([&] { return driver.count("KILL 1") == 1; }));
  EXPECT_THAT(pool.Acquire({}), IsOk());
}

TEST(PoolLifeTest, ReportsALeaseThatIsOutForTooLong) {
  FakeDriver driver;
  PoolOptions options = Sized(1, 0);
  options.leak_warning = absl::Milliseconds(30);
  absl::Mutex mu;
  std::string event;
  options.log = [&](absl::string_view text) {
    absl::MutexLock lock(&mu);
    event = std::string(text);
  };
  Pool pool(driver, nullptr, options);
  absl::StatusOr<Lease> lease = pool.Acquire({});
  ASSERT_THAT(lease, IsOk());
  ASSERT_THAT((*lease)->Query(Statement(kGetItem, 1)), IsOk());
  ASSERT_TRUE(Eventually([&] { return pool.stats().leaks == 1; }));
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(pool.stats().leaks, 1);  // told once
  absl::MutexLock lock(&mu);
  EXPECT_THAT(event, AllOf(HasSubstr("a lease is out"), HasSubstr("items.get")));
}

// PostHog/posthog #49745, boostorg/mysql #200: everybody comes back at once.
TEST(PoolLifeTest, ComesBackAfterAnOutageAtRandomTimes) {
  FakeDriver driver;
  driver.FailConnects(2002);
  PoolOptions options = Sized(1, 1);
  options.backoff_min = options.backoff_max = absl::Milliseconds(400);
  std::vector<std::unique_ptr<Pool>> clients;
  for (int i = 0; i < 24; ++i) clients.push_back(std::make_unique<Pool>(driver, nullptr, options));
  ASSERT_TRUE(Eventually([&] { return driver.connect_attempts() >= 24; }));
  driver.FailConnects(0);
  std::vector<int> opened_after;
  for (int i = 0; i < 4; ++i) {
    absl::SleepFor(absl::Milliseconds(100));
    opened_after.push_back(driver.connections_opened());
  }
  EXPECT_LT(opened_after[0], 20);  // not all at once
  EXPECT_TRUE(Eventually([&] { return driver.connections_opened() == 24; }));
}

}  // namespace
}  // namespace bonnie::data_access
