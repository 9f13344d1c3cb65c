// Pool, executor, watchdog and point reader on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/data_access/executor.h"
#include "services/data_access/fault.h"
#include "services/data_access/point_reader.h"
#include "services/data_access/pool.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/data_access/watchdog.h"
#include "tests/data_access/items.h"
#include "tests/data_access/real_server.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;

// Two that wait for as long as item 1 is locked (LockedItem): a KILL always ends them with an error, where it makes
// SLEEP() answer. All SLEEP()s of MariaDB share a lock besides, at which a KILL may wait for seconds.
constexpr Sql kLockItem{"items.lock", "SELECT id FROM items WHERE id = ? FOR UPDATE"};
constexpr Sql kRenameItem{"items.rename", "UPDATE items SET name = 'waited' WHERE id = ?"};
// On a busy machine. What these tests ask is whether something ends long before the lock does.
constexpr absl::Duration kSoon = absl::Seconds(20), kLocked = absl::Minutes(2);

class RealPoolTest : public testing::Test {
 protected:
  RealPoolTest() {
    server_.Reset();
    PoolOptions options;
    options.connect = server_.options();
    options.connect.lock_wait_timeout = kLocked;
    options.acquire_timeout = kSoon;
    pool_ = std::make_unique<Pool>(server_.driver(), watchdog_.get(), options);
  }

  // How many statements that contain `text` the server runs now.
  int Running(const char* text) {
    const std::string count =
        server_.Root(absl::StrCat("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%", text,
                                  "%' AND INFO NOT LIKE '%PROCESSLIST%'"));
    int number = -1;
    return absl::SimpleAtoi(count, &number) ? number : -1;
  }
  // Whether within some time so many of them run.
  bool WillRun(const char* text, int statements) {
    const absl::Time until = absl::Now() + kSoon;
    while (Running(text) != statements && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    return Running(text) == statements;
  }

  RealServer& server_ = RealServer::Shared();
  const std::unique_ptr<Watchdog> watchdog_ = std::make_unique<Watchdog>(server_.driver(), server_.options());
  std::unique_ptr<Pool> pool_;
};

// Item 1, locked until the end of its scope by a session of its own.
class LockedItem {
 public:
  explicit LockedItem(RealServer& server) {
    server.Root("INSERT INTO items VALUES (1, 'a')");
    absl::StatusOr<std::unique_ptr<Connection>> connection = server.driver().Connect(server.options());
    if (!connection.ok()) {
      ADD_FAILURE() << connection.status();
      return;
    }
    holder_ = *std::move(connection);
    EXPECT_THAT(holder_->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
    EXPECT_THAT(holder_->Query(Statement(kLockItem, 1), Phase::kInTransaction), IsOk());
  }

 private:
  std::unique_ptr<Connection> holder_;
};

TEST_F(RealPoolTest, CutsReadsAndWritesAtTheirDeadline) {
  const LockedItem locked(server_);
  for (const bool writes : {false, true}) {  // MySQL has no limit of its own for writes
    absl::StatusOr<Lease> lease = pool_->Acquire(In(kSoon));
    ASSERT_THAT(lease, IsOk());
    (*lease)->StartLease(In(absl::Milliseconds(300)));
    const absl::Time start = absl::Now();
    const absl::Status status = writes ? (*lease)->Execute(Statement(kRenameItem, 1)).status()
                                       : (*lease)->Query(Statement(kLockItem, 1)).status();
    EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded));
    EXPECT_LT(absl::Now() - start, kSoon);
  }
  EXPECT_TRUE(WillRun("items", 0));
  EXPECT_THAT((*pool_->Acquire(In(kSoon)))->Query(Statement(kGetItem, 1)), IsOk());
}

TEST_F(RealPoolTest, LeavesNoStatementRunningForACallerWhoLeft) {
  const LockedItem locked(server_);
  const Budget budget = In(kLocked);
  std::thread caller([&] {
    absl::StatusOr<Lease> lease = pool_->Acquire(budget);
    ASSERT_THAT(lease, IsOk());
    EXPECT_THAT((*lease)->Query(Statement(kLockItem, 1)), StatusIs(StatusCode::kCancelled));
  });
  EXPECT_TRUE(WillRun("FOR UPDATE", 1));
  budget.cancellation->Cancel();
  const absl::Time left = absl::Now();
  caller.join();
  EXPECT_LT(absl::Now() - left, kSoon);
  EXPECT_TRUE(WillRun("FOR UPDATE", 0));
}

// jackc/pgx #2425, knex/knex #4324: mass timeouts make no more sessions, and the killer does not starve.
TEST_F(RealPoolTest, HoldsItsLimitUnderMassTimeouts) {
  const LockedItem locked(server_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 24; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 3; ++n) {
        absl::StatusOr<Lease> lease = pool_->Acquire(In(absl::Seconds(1)));
        if (!lease.ok()) continue;
        const absl::Time start = absl::Now();
        EXPECT_THAT((*lease)->Query(Statement(kLockItem, 1)), StatusIs(StatusCode::kDeadlineExceeded));
        EXPECT_LT(absl::Now() - start, kSoon);
      }
    });
  }
  int most = 0;
  for (int i = 0; i < 20; ++i) {
    int sessions = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        server_.Root("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'bonnie_records'"), &sessions));
    most = std::max(most, sessions);
    absl::SleepFor(absl::Milliseconds(50));
  }
  for (std::thread& thread : threads) thread.join();
  // Besides the pool's 8: the killer, the lock's holder, and some that a busy server still lists after their end.
  EXPECT_LE(most, 8 + 2 + 4);
  EXPECT_THAT((*pool_->Acquire(In(kSoon)))->Query(Statement(kGetItem, 1)), IsOk());
}

// A lease must not carry anything to the next borrower.
TEST_F(RealPoolTest, LendsSessionsWithoutOpenTransactions) {
  for (int i = 0; i < 4; ++i) {
    absl::StatusOr<Lease> lease = pool_->Acquire(In(kSoon));
    ASSERT_THAT(lease, IsOk());
    EXPECT_THAT(RunInTransaction(**lease, {},
                                 [i](Transaction& transaction) -> absl::Status {
                                   BONNIE_RETURN_IF_ERROR(transaction.Execute(Statement(kInsertItem, i, "x")).status());
                                   return i % 2 == 0 ? absl::OkStatus() : absl::NotFoundError("no");
                                 }),
                StatusIs(i % 2 == 0 ? StatusCode::kOk : StatusCode::kNotFound));
  }
  EXPECT_EQ(server_.Root("SELECT id FROM items ORDER BY id"), "0\n2\n");
}

// Two transactions that always meet: each runs to its end, none is applied by halves or twice.
TEST_F(RealPoolTest, RunsDeadlockedTransactionsAgainUntilAllAreDone) {
  server_.Root(
      "DROP TABLE IF EXISTS counters; CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO "
      "counters VALUES (1, 0), (2, 0)");
  const Sql add{"counters.add", "UPDATE counters SET n = n + 1 WHERE id = ?"};
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        absl::StatusOr<Lease> lease = pool_->Acquire(In(kSoon));
        TransactionOptions options;
        options.max_attempts = 50;
        const absl::Status status = RunInTransaction(**lease, options, [&](Transaction& transaction) -> absl::Status {
          BONNIE_RETURN_IF_ERROR(transaction.Execute(Statement(add, t % 2 == 0 ? 1 : 2)).status());
          return transaction.Execute(Statement(add, t % 2 == 0 ? 2 : 1)).status();
        });
        EXPECT_THAT(status, IsOk());
        done += status.ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 200);
  EXPECT_EQ(server_.Root("SELECT n FROM counters"), "200\n200\n");
}

// ---- point reads ----


// Whoever asks after a write was acknowledged sees it, merged or not.
TEST_F(RealPoolTest, MergedReadsSeeEveryWriteAcknowledgedBeforeThem) {
  server_.Root("INSERT INTO items VALUES (1, '0')");
  Executor executor(*pool_, ExecutorOptions{});
  PointReaderOptions options;
  Reader reader(executor, options, ReadItems);
  std::atomic<std::int64_t> acknowledged = 0;
  std::atomic<bool> stop = false;
  std::atomic<int> stale = 0, reads = 0, failed = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 6; ++r) {
    readers.emplace_back([&] {
      while (!stop) {
        const std::int64_t before = acknowledged;
        absl::Notification done;
        reader.Get(1, In(kSoon), [&](absl::StatusOr<absl::optional<std::string>> item) {
          std::int64_t seen = -1;
          if (!item.ok() || !item->has_value() || !absl::SimpleAtoi(**item, &seen))
            ++failed;
          else if (seen < before)
            ++stale;
          ++reads;
          done.Notify();
        });
        done.WaitForNotification();
      }
    });
  }
  // Three seconds, or what a busy machine needs for as much.
  const absl::Time start = absl::Now();
  const auto enough = [&] { return reads > 1000 && acknowledged > 100 && absl::Now() - start > absl::Seconds(3); };
  for (std::int64_t value = 1; !enough() && absl::Now() - start < absl::Minutes(1); ++value) {
    absl::StatusOr<Lease> lease = pool_->Acquire(In(kSoon));
    ASSERT_THAT((*lease)->Execute(Statement(kUpdateItem, absl::StrCat(value), 1)), IsOk());
    acknowledged = value;
  }
  stop = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(stale, 0) << "of " << reads;
  EXPECT_EQ(failed, 0);
  EXPECT_GT(reads, 1000);
  EXPECT_GT(acknowledged, 100);
  EXPECT_LT(reader.stats().statements, reader.stats().reads);  // some were merged
}

TEST_F(RealPoolTest, MergedAnswersEqualSingleOnes) {
  std::string insert = "INSERT INTO items VALUES (0, 'zero')";
  for (int id = 1; id < 300; id += 2) absl::StrAppend(&insert, ",(", id, ",'n", id, "')");  // every other one
  server_.Root(insert);
  Executor executor(*pool_, ExecutorOptions{});
  PointReaderOptions options;
  Reader reader(executor, options, ReadItems);
  std::atomic<int> wrong = 0, answered = 0;
  std::minstd_rand random(3);
  for (int i = 0; i < 20000; ++i) {
    const std::int64_t id = random() % 300 + 1;
    while (i - answered > 200) absl::SleepFor(absl::Microseconds(50));
    reader.Get(id, In(kSoon), [&, id](absl::StatusOr<absl::optional<std::string>> item) {
      const bool exists = id % 2 == 1 && id < 300;
      if (!item.ok() || item->has_value() != exists || (exists && **item != absl::StrCat("n", id))) ++wrong;
      ++answered;
    });
  }
  while (answered < 20000) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(reader.stats().strays, 0);
}

}  // namespace
}  // namespace bonnie::data_access
