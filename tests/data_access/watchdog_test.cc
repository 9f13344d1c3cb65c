#include "services/data_access/watchdog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using Outcome = Watchdog::Outcome;

class WatchdogTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> Connect() { return *driver_.Connect({}); }
  // Sleeps for `seconds` on `connection` under `watchdog`.
  static Outcome SleepUnder(Watchdog* watchdog, Connection& connection, const Budget& budget, double seconds) {
    Watchdog::Watch watch(watchdog, connection.facts(), budget);
    (void)connection.Query(Statement(kSleep, seconds), Phase::kReading);
    return watch.End();
  }

  FakeDriver driver_;
};

TEST_F(WatchdogTest, LeavesStatementsAloneThatEndInTime) {
  Watchdog watchdog(driver_, {});
  const auto connection = Connect();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(SleepUnder(&watchdog, *connection, In(absl::Seconds(5)), 0.001), Outcome::kFinished);
  EXPECT_EQ(watchdog.kills(), 0);
  EXPECT_EQ(driver_.connections_opened(), 1);  // the killer connects at the first need
}

TEST_F(WatchdogTest, KillsAtTheDeadlineFromItsOwnConnection) {
  Watchdog watchdog(driver_, {});
  const auto connection = Connect();
  EXPECT_EQ(SleepUnder(&watchdog, *connection, In(absl::Milliseconds(30)), 5), Outcome::kDeadline);
  EXPECT_EQ(driver_.count(absl::StrCat("KILL QUERY ", connection->facts().connection_id)), 1);
  EXPECT_EQ(driver_.connections_opened(), 2);
  EXPECT_EQ(SleepUnder(&watchdog, *connection, In(absl::Milliseconds(30)), 5), Outcome::kDeadline);
  EXPECT_EQ(driver_.connections_opened(), 2);  // kept
  EXPECT_EQ(watchdog.kills(), 2);
}

TEST_F(WatchdogTest, KillsWhenTheCallerLeavesAndAlsoWhenItLeftBefore) {
  Watchdog watchdog(driver_, {});
  const auto connection = Connect();
  const Budget budget = In(absl::Seconds(5));
  budget.cancellation->Cancel();
  EXPECT_EQ(SleepUnder(&watchdog, *connection, budget, 5), Outcome::kCancelled);
}

TEST_F(WatchdogTest, WatchesManyAtOnce) {
  Watchdog watchdog(driver_, {});
  std::vector<std::thread> threads;
  const absl::Time start = absl::Now();
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      const auto connection = Connect();
      const Outcome want = i % 2 == 0 ? Outcome::kDeadline : Outcome::kFinished;
      EXPECT_EQ(
          SleepUnder(&watchdog, *connection, In(absl::Milliseconds(i % 2 == 0 ? 40 + i : 5000)), i % 2 == 0 ? 5 : 0.05),
          want);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));  // of 5
  EXPECT_EQ(watchdog.kills(), 8);
}

TEST_F(WatchdogTest, ConnectsAgainWhenItsOwnConnectionIsLost) {
  Watchdog watchdog(driver_, {});
  EXPECT_EQ(SleepUnder(&watchdog, *Connect(), In(absl::Milliseconds(20)), 5), Outcome::kDeadline);
  driver_.BreakConnections();
  const auto connection = Connect();
  const absl::Time start = absl::Now();
  EXPECT_EQ(SleepUnder(&watchdog, *connection, In(absl::Milliseconds(20)), 5), Outcome::kDeadline);
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));  // of 5
}

TEST_F(WatchdogTest, SaysThatAKillMayStillStrikeWhenTheServerDoesNotAnswer) {
  Watchdog watchdog(driver_, {});
  const auto connection = Connect();
  driver_.FailConnects(2002);
  const Budget budget = In(absl::Milliseconds(20));
  Watchdog::Watch watch(&watchdog, connection->facts(), budget);
  (void)connection->Query(Statement(kSleep, 0.1), Phase::kReading);
  EXPECT_EQ(watch.End(), Outcome::kDeadline);
  EXPECT_TRUE(watch.may_strike_later());
}

TEST_F(WatchdogTest, EndsAConnectionThatItsClientGaveUp) {
  Watchdog watchdog(driver_, {});
  const auto connection = Connect();
  watchdog.KillConnection(connection->facts());
  EXPECT_THAT(connection->Ping(), StatusIs(absl::StatusCode::kUnavailable));
}

// After a restart the number may belong to somebody else.
TEST_F(WatchdogTest, KillsNobodyOnAServerThatWasRestarted) {
  Watchdog watchdog(driver_, {});
  const auto before = Connect();
  driver_.Restart();
  watchdog.KillConnection(before->facts());
  EXPECT_EQ(driver_.count("KILL"), 0);
}

TEST_F(WatchdogTest, WatchesNothingWithoutAWatchdogOrAnEnd) {
  const auto connection = Connect();
  EXPECT_EQ(SleepUnder(nullptr, *connection, In(absl::Milliseconds(6)), 0.02), Outcome::kFinished);
  Watchdog watchdog(driver_, {});
  EXPECT_EQ(SleepUnder(&watchdog, *connection, Budget{}, 0.02), Outcome::kFinished);
}

}  // namespace
}  // namespace bonnie::data_access
