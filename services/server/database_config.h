#ifndef BONNIE_SERVICES_SERVER_DATABASE_CONFIG_H_
#define BONNIE_SERVICES_SERVER_DATABASE_CONFIG_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/driver.h"
#include "services/data_access/executor.h"
#include "services/data_access/pool.h"
#include "services/server/probe.h"

namespace bonnie::server {

class Log;
class Metrics;

// How to connect, as the configuration says; `program_name` shows in the server's list of sessions.
// `read_timeout` is left at its default.
data_access::ConnectOptions ConnectOptionsFrom(const config::v1::Database& database, const std::string& program_name);
data_access::PoolOptions PoolOptionsFrom(const config::v1::Database& database, const std::string& program_name);
// As many threads as the pool has sessions.
data_access::ExecutorOptions ExecutorOptionsFrom(const config::v1::Database& database);

// Puts the pool's gauges and counters (bonnie_db_pool_*) on the metrics page. `pool` and `executor` outlive the page
// (Server::Run closes it before it returns).
void AddPoolMetrics(Metrics& metrics, const data_access::Pool& pool, const data_access::Executor& executor);

// What a pool tells of itself, for the log and the metrics page: each failed connect, eviction and leak as a line
// "database", and every statement's time as bonnie_db_query_seconds by its name. No SQL and no values.
//
// Pools outlive the server whose log and metrics these are: Stop first. Thread-safe.
class PoolReports {
 public:
  PoolReports(Log& log, Metrics& metrics);
  // Stops.
  ~PoolReports();
  PoolReports(const PoolReports&) = delete;
  PoolReports& operator=(const PoolReports&) = delete;

  // The options with log and observer set; a pool made of them may outlive this.
  data_access::PoolOptions For(data_access::PoolOptions options) const;
  // When this returns, log and metrics are not in use and will not be. Blocks for calls under way, which do not block.
  void Stop();

 private:
  class State;
  const std::shared_ptr<State> state_;
};

// Asks the database whether it can be worked with, on a connection of its own: the pool's may all be lent, and a full
// pool must not look like a dead database (openfga/openfga#2422).
//
// Copyable, as std::function wants it; copies share the connection. Called by one thread at a time. `driver` outlives
// it.
class DatabaseProbe {
 public:
  // `wanted_revision`: the lowest revision that the binary works with, or empty for any, the empty database included.
  // Revisions are compared as text: 0001, 0002, … and then UTC timestamps, which sort as they were made.
  DatabaseProbe(data_access::Driver& driver, data_access::ConnectOptions options, std::string wanted_revision = "");

  // Connects when needed, asks for read_only and the heads in the ledger. Blocks for about a second at most.
  // kFailedPrecondition SCHEMA_MISMATCH: the schema is older than wanted; the message says both. LEDGER_MISSING: the
  // ledger is not there, or not for this account. Others: the database's.
  absl::StatusOr<ProbeResult> operator()(absl::Time deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_DATABASE_CONFIG_H_
