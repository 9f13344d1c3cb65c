// What merging costs and saves below the RPC: one point read, alone and with many in flight, against the bare driver's.
// Starts a database of its own. Compare within one run.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/executor.h"
#include "services/data_access/mysql_driver.h"
#include "services/data_access/point_reader.h"
#include "services/data_access/pool.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"
#include "tests/support/test_database.h"

namespace bonnie::bench {
namespace {

using namespace data_access;  // NOLINT: a program, not a header

struct Patient {
  std::string first_name, last_name;
};
using Reader = PointReader<std::int64_t, Patient>;

const char* SelectFor(size_t keys) {
  static const std::vector<std::string>* const texts = [] {
    auto* made = new std::vector<std::string>();
    for (size_t n = 0; n <= 128; ++n) {
      std::string text = "SELECT id, first_name, last_name FROM patients WHERE id IN (?";
      for (size_t i = 1; i < n; ++i) text += ",?";
      made->push_back(text + ")");
    }
    return made;
  }();
  return (*texts)[keys].c_str();
}

absl::Status ReadPatients(Querier& querier, absl::Span<const std::int64_t> keys,
                          std::vector<std::pair<std::int64_t, Patient>>* patients) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(Sql{"bench.read", SelectFor(keys.size())},
                                                             std::vector<Value>(keys.begin(), keys.end()))));
  while (rows.Next()) {
    patients->emplace_back(rows.Int64(0), Patient{std::string(rows.Text(1)), std::string(rows.Text(2))});
  }
  return rows.status();
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::exit(1);
}

// A server with 1,000 patients, and everything below the RPC.
struct Bench {
  Bench() {
    Require(database
                .RootQuery("CREATE TABLE patients (id BIGINT NOT NULL PRIMARY KEY, first_name VARCHAR(50) NOT NULL,"
                           " last_name VARCHAR(50) NOT NULL); GRANT SELECT ON patients TO bonnie_records;"
                           "INSERT INTO patients WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < 1000) SELECT i, CONCAT('First', i), CONCAT('Last', i) FROM n")
                .status());
    connect.host = "127.0.0.1";
    connect.port = database.port();
    connect.schema = "bonnie";
    connect.tls = TlsOptions{database.ca_file(), "", "", ""};
    connect.credentials = PasswordFile("bonnie_records", database.password_file("records"));
    watchdog = std::make_unique<Watchdog>(*driver, connect);
    PoolOptions options;
    options.connect = connect;
    options.min_idle = options.max_sessions;
    pool = std::make_unique<Pool>(*driver, watchdog.get(), options);
    executor = std::make_unique<Executor>(*pool, ExecutorOptions{});
  }

  test_support::TestDatabase database;
  std::unique_ptr<Driver> driver = MakeMySqlDriver();
  ConnectOptions connect;
  std::unique_ptr<Watchdog> watchdog;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<Executor> executor;
};

Bench& TheBench() {
  static Bench* const bench = new Bench;
  return *bench;
}

void BM_BareSelect(benchmark::State& state) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = TheBench().driver->Connect(TheBench().connect);
  Require(connection.status());
  std::int64_t id = 0;
  for (auto _ : state) {
    Require(
        (*connection)->Query(Statement(Sql{"bench.bare", SelectFor(1)}, id++ % 1000 + 1), Phase::kReading).status());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_BareSelect)->UseRealTime();

// Calls in flight: each answer asks again from a thread that is not the database's, as an RPC library would.
void BM_Reader(benchmark::State& state) {
  const int in_flight = static_cast<int>(state.range(0));
  PointReaderOptions options;
  options.max_batch = static_cast<int>(state.range(1));
  options.max_statements = static_cast<int>(state.range(2));
  Reader reader(*TheBench().executor, options, ReadPatients);
  absl::Mutex mu;
  int free = in_flight;
  const auto one_free = [&free] { return free > 0; };
  const auto all_free = [&free, in_flight] { return free == in_flight; };
  std::int64_t id = 0;
  for (auto _ : state) {
    {
      absl::MutexLock lock(&mu);
      mu.Await(absl::Condition(&one_free));
      --free;
    }
    reader.Get(id++ * 7919 % 1000 + 1, Budget{absl::Now() + absl::Seconds(2), std::make_shared<Cancellation>()},
               [&mu, &free](absl::StatusOr<absl::optional<Patient>> patient) {
                 Require(patient.status());
                 absl::MutexLock lock(&mu);
                 ++free;
               });
  }
  absl::MutexLock lock(&mu);
  mu.Await(absl::Condition(&all_free));
  state.SetItemsProcessed(state.iterations());
  const PointReaderStats stats = reader.stats();
  if (stats.statements > 0) state.counters["per_statement"] = static_cast<double>(stats.reads) / stats.statements;
}
BENCHMARK(BM_Reader)
    ->ArgNames({"in_flight", "max_batch", "statements"})
    ->UseRealTime()
    ->Args({1, 1, 2})
    ->Args({1, 64, 2})
    ->Args({16, 64, 2})
    ->Args({64, 1, 2})
    ->Args({64, 64, 1})
    ->Args({64, 64, 2})
    ->Args({256, 64, 1})
    ->Args({256, 64, 2});

}  // namespace
}  // namespace bonnie::bench

BENCHMARK_MAIN();
