// What networks and power do to sessions: cuts at many places, silence, kill -9, a server that hangs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
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
#include "tests/support/fault_proxy.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::FaultProxy;
using test_support::IsOk;
using test_support::StatusIs;

class NetworkFaultTest : public testing::Test {
 protected:
  NetworkFaultTest() { server_.Reset(); }

  ConnectOptions ThroughProxy() const {
    ConnectOptions options = server_.options();
    options.port = proxy_.port();
    options.connect_timeout = absl::Seconds(1);
    options.read_timeout = absl::Seconds(1);
    return options;
  }
  std::unique_ptr<Session> Open() {
    absl::StatusOr<std::unique_ptr<Connection>> connection = server_.driver().Connect(ThroughProxy());
    if (!connection.ok()) ADD_FAILURE() << connection.status();
    return std::make_unique<Session>(*std::move(connection), nullptr);
  }
  bool Stored(int id) { return server_.Root(absl::StrCat("SELECT COUNT(*) FROM items WHERE id = ", id)) == "1\n"; }

  RealServer& server_ = RealServer::Shared();
  FaultProxy proxy_{server_.database().port()};
};

// Cuts the connection after each further byte, in either direction, while `write` writes the row of its number. What it
// answers must be true of the table: done is there, Effect::kNone is not.
void TryEveryCut(FaultProxy& proxy, const std::function<std::unique_ptr<Session>()>& open,
                 const std::function<absl::Status(Session&, int id)>& write, const std::function<std::string()>& stored,
                 bool client_side) {
  std::map<int, absl::Status> answers;
  int id = 0;
  // Steps of 5 bytes: TLS records have 29 bytes around their content.
  for (std::int64_t cut = 1;; cut += 5) {
    const std::unique_ptr<Session> session = open();
    client_side ? proxy.CutAfterClientBytes(cut) : proxy.CutAfterServerBytes(cut);
    const absl::Status status = write(*session, ++id);
    proxy.CutAfterClientBytes(-1);
    proxy.CutAfterServerBytes(-1);
    answers[id] = status;
    if (status.ok()) break;
    ASSERT_LT(cut, 5000);
  }
  absl::SleepFor(absl::Milliseconds(100));  // the server notices the last cuts
  std::map<int, int> rows;
  for (const absl::string_view line : absl::StrSplit(stored(), '\n', absl::SkipEmpty()))
    ++rows[std::stoi(std::string(line))];
  int unknown = 0;
  for (const auto& [number, status] : answers) {
    const bool there = rows.count(number) > 0;
    const absl::optional<Fault> fault = FaultOf(status);
    if (status.ok()) {
      EXPECT_TRUE(there) << "acknowledged and lost: " << number;
    } else if (fault.has_value() && fault->effect == Effect::kUnknown) {
      ++unknown;
    } else {
      EXPECT_FALSE(there) << "said not to be done, and is: " << number << " " << status;
    }
  }
  EXPECT_GT(unknown, 0);
}

TEST_F(NetworkFaultTest, SaysTheTruthAboutTransactionsCutAnywhere) {
  for (const bool client_side : {true, false}) {
    server_.Reset();
    TryEveryCut(
        proxy_, [this] { return Open(); },
        [](Session& session, int id) {
          return RunInTransaction(session, {}, [id](Transaction& transaction) {
            return transaction.Execute(Statement(kInsertItem, id, "x")).status();
          });
        },
        [this] { return server_.Root("SELECT id FROM items"); }, client_side);
  }
}

TEST_F(NetworkFaultTest, SaysTheTruthAboutSingleWritesCutAnywhere) {
  for (const bool client_side : {true, false}) {
    server_.Reset();
    TryEveryCut(
        proxy_, [this] { return Open(); },
        [](Session& session, int id) { return session.Execute(Statement(kInsertItem, id, "x")).status(); },
        [this] { return server_.Root("SELECT id FROM items"); }, client_side);
  }
}

TEST_F(NetworkFaultTest, EndsAReadThatGetsNoAnswer) {
  const auto session = Open();
  ASSERT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  proxy_.SetMode(FaultProxy::Mode::kHole);
  const absl::Time start = absl::Now();
  const absl::Status status = session->Query(Statement(kGetItem, 1)).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(status)->effect, Effect::kNone);
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  EXPECT_EQ(session->fate(), SessionFate::kDiscard);
}

TEST_F(NetworkFaultTest, CallsACommitWithoutAnAnswerUnknown) {
  const auto session = Open();
  const absl::Status status = RunInTransaction(*session, {}, [this](Transaction& transaction) {
    const absl::Status inserted = transaction.Execute(Statement(kInsertItem, 1, "x")).status();
    proxy_.CutAfterServerBytes(1);  // COMMIT reaches the server, its answer does not come back
    return inserted;
  });
  EXPECT_EQ(FaultOf(status)->effect, Effect::kUnknown) << status;
  EXPECT_EQ(FaultOf(status)->caller_code, StatusCode::kUnknown);
  EXPECT_TRUE(Stored(1));  // as it happens
}

TEST_F(NetworkFaultTest, ConnectsWithinItsTimeToAServerThatIsSilent) {
  proxy_.SetMode(FaultProxy::Mode::kHole);
  const absl::Time start = absl::Now();
  EXPECT_THAT(server_.driver().Connect(ThroughProxy()), StatusIs(StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(NetworkFaultTest, PoolRecoversByItselfFromResets) {
  Watchdog watchdog(server_.driver(), ThroughProxy());
  PoolOptions options;
  options.connect = ThroughProxy();
  options.backoff_max = absl::Milliseconds(200);
  Pool pool(server_.driver(), &watchdog, options);
  ASSERT_THAT((*pool.Acquire(In(absl::Seconds(5))))->Query(Statement(kGetItem, 1)), IsOk());
  proxy_.SetMode(FaultProxy::Mode::kReset);
  absl::Status status;
  for (int i = 0; i < 200 && (status.ok() || pool.ready()); ++i) {
    absl::StatusOr<Lease> lease = pool.Acquire(In(absl::Seconds(1)));
    status = lease.ok() ? (*lease)->Query(Statement(kGetItem, 1)).status() : lease.status();
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  const absl::Time start = absl::Now();
  EXPECT_THAT(pool.Acquire(In(absl::Seconds(5))), StatusIs(StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));  // the breaker, not the deadline
  proxy_.SetMode(FaultProxy::Mode::kPass);
  for (int i = 0; i < 300 && !pool.ready(); ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_THAT((*pool.Acquire(In(absl::Seconds(5))))->Query(Statement(kGetItem, 1)), IsOk());
}

// redis/redis-py #2624: after a fault, one user's answer reached another.
TEST_F(NetworkFaultTest, PointReaderGivesEachCallerItsOwnRowThroughCutsAnywhere) {
  std::string insert = "INSERT INTO items VALUES (0, 'n0')";
  for (int id = 1; id < 64; ++id) absl::StrAppend(&insert, ",(", id, ",'n", id, "')");
  server_.Root(insert);
  Watchdog watchdog(server_.driver(), server_.options());
  PoolOptions options;
  options.connect = ThroughProxy();
  options.backoff_min = options.backoff_max = absl::Milliseconds(2);
  Pool pool(server_.driver(), &watchdog, options);
  Executor executor(pool, ExecutorOptions{});
  Reader reader(executor, {}, ReadItems);
  std::atomic<int> answered = 0, right = 0, wrong = 0;
  int asked = 0;
  for (std::int64_t cut = 1; cut < 3000; cut += 37) {
    for (int i = 0; i < 1000 && pool.stats().idle < 2; ++i) absl::SleepFor(absl::Milliseconds(1));
    proxy_.CutAfterServerBytes(cut);
    for (int i = 0; i < 40; ++i, ++asked) {
      const std::int64_t id = asked % 64;
      reader.Get(id, In(absl::Seconds(5)), [&, id](absl::StatusOr<absl::optional<std::string>> item) {
        if (item.ok()) ++(item->has_value() && **item == absl::StrCat("n", id) ? right : wrong);
        ++answered;
      });
    }
    for (int i = 0; i < 10000 && answered < asked; ++i) absl::SleepFor(absl::Milliseconds(1));
    proxy_.CutAfterServerBytes(-1);
  }
  EXPECT_EQ(answered, asked);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(right, asked * 9 / 10);
  EXPECT_GT(reader.stats().alone, 0);
}

// A machine that loses its power under load: reads fail soon, nothing acknowledged is lost, all goes on by itself.
TEST(PowerFaultTest, LosesNothingAcknowledgedWhenTheServerIsKilled) {
  RealServer server;
  Watchdog watchdog(server.driver(), server.options());
  PoolOptions options;
  options.connect = server.options();
  options.backoff_max = absl::Milliseconds(300);
  Pool pool(server.driver(), &watchdog, options);
  absl::Mutex mu;
  std::vector<int> acknowledged, refused;
  std::atomic<int> next = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (int w = 0; w < 6; ++w) {
    writers.emplace_back([&] {
      while (!stop) {
        const int id = ++next;
        absl::Status status;
        {
          absl::StatusOr<Lease> lease = pool.Acquire(In(absl::Seconds(3)));
          status = lease.status();
          if (lease.ok()) {
            status = RunInTransaction(**lease, {}, [id](Transaction& transaction) {
              return transaction.Execute(Statement(kInsertItem, id, "x")).status();
            });
          }
        }
        absl::MutexLock lock(&mu);
        const absl::optional<Fault> fault = FaultOf(status);
        if (status.ok())
          acknowledged.push_back(id);
        else if (!fault.has_value() || fault->effect == Effect::kNone)
          refused.push_back(id);
        if (!status.ok()) absl::SleepFor(absl::Milliseconds(1));
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    absl::SleepFor(absl::Milliseconds(400));
    ASSERT_THAT(server.database().Kill(), IsOk());
    const absl::Time dead = absl::Now();
    absl::Status status;
    {
      absl::StatusOr<Lease> lease = pool.Acquire(In(absl::Seconds(5)));
      status = lease.ok() ? (*lease)->Query(Statement(kGetItem, 1)).status() : lease.status();
    }
    EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
    EXPECT_LT(absl::Now() - dead, absl::Seconds(4));
    ASSERT_THAT(server.database().Restart(), IsOk());
    for (int i = 0; i < 500 && !pool.ready(); ++i) absl::SleepFor(absl::Milliseconds(10));
    EXPECT_TRUE(pool.ready());
  }
  absl::SleepFor(absl::Milliseconds(300));
  stop = true;
  for (std::thread& writer : writers) writer.join();
  std::map<int, int> rows;
  for (const absl::string_view line : absl::StrSplit(server.Root("SELECT id FROM items"), '\n', absl::SkipEmpty()))
    ++rows[std::stoi(std::string(line))];
  EXPECT_GT(acknowledged.size(), 50);
  for (const int id : acknowledged) EXPECT_EQ(rows[id], 1) << "acknowledged and lost: " << id;
  for (const int id : refused) EXPECT_EQ(rows.count(id), 0) << "refused and stored: " << id;
}

// ForestGEO #385: all sessions stuck. The server hangs; calls end, and service goes on when it does.
TEST(PowerFaultTest, OutlivesAServerThatHangs) {
  RealServer server;
  ConnectOptions connect = server.options();
  connect.read_timeout = absl::Seconds(1);
  connect.connect_timeout = absl::Seconds(1);
  Watchdog watchdog(server.driver(), connect);
  PoolOptions options;
  options.connect = connect;
  options.backoff_max = absl::Milliseconds(300);
  Pool pool(server.driver(), &watchdog, options);
  ASSERT_THAT((*pool.Acquire(In(absl::Seconds(5))))->Query(Statement(kGetItem, 1)), IsOk());
  ASSERT_THAT(server.database().Freeze(), IsOk());
  const absl::Time start = absl::Now();
  {
    absl::StatusOr<Lease> lease = pool.Acquire(In(absl::Milliseconds(500)));
    const absl::Status status = lease.ok() ? (*lease)->Query(Statement(kGetItem, 1)).status() : lease.status();
    EXPECT_FALSE(status.ok());
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  ASSERT_THAT(server.database().Thaw(), IsOk());
  absl::Status status;
  for (int i = 0; i < 300; ++i) {
    absl::StatusOr<Lease> lease = pool.Acquire(In(absl::Seconds(3)));
    status = lease.ok() ? (*lease)->Query(Statement(kGetItem, 1)).status() : lease.status();
    if (status.ok()) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_THAT(status, IsOk());
}

}  // namespace
}  // namespace bonnie::data_access
