#include "services/server/database_config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/fault.h"
#include "services/data_access/session.h"
#include "services/data_access/status_macros.h"
#include "services/server/config.h"
#include "services/server/error.h"
#include "services/server/ledger.h"
#include "services/server/log.h"
#include "services/server/metrics.h"

namespace bonnie::server {
namespace {

using data_access::Phase;
using data_access::Rows;

constexpr absl::Duration kProbeConnectTime = absl::Seconds(1);

// Table scan: one row for each head, normally one.
constexpr data_access::Sql kHeads{"probe.heads", "SELECT revision FROM ledger.bonnie_revisions ORDER BY revision"};
constexpr data_access::Sql kReadOnly{"probe.read_only", "SELECT @@GLOBAL.read_only"};

absl::Status SchemaTooOld(const std::string& have, const std::string& want) {
  const std::string found = have.empty() ? "has no revision applied" : absl::StrCat("is at ", have);
  ErrorDetails details;
  details.reason = "SCHEMA_MISMATCH";
  details.metadata = {{"have", have}, {"want", want}};
  details.preconditions.push_back({"SCHEMA_MISMATCH", "schema", absl::StrCat("upgrade to ", want, " or later")});
  return Error(absl::StatusCode::kFailedPrecondition,
               absl::StrCat("the database's schema ", found, ", this binary wants ", want, " or later: upgrade it"),
               std::move(details));
}

}  // namespace

data_access::ConnectOptions ConnectOptionsFrom(const config::v1::Database& given, const std::string& program_name) {
  config::v1::Database database = given;
  SetDefaults(&database);
  data_access::ConnectOptions options;
  options.host = database.host();
  options.port = database.port();
  options.unix_socket = database.unix_socket();
  options.schema = database.schema();
  if (database.has_tls()) {
    data_access::TlsOptions tls;
    tls.ca_file = database.tls().ca_file();
    tls.cert_file = database.tls().cert_file();
    tls.key_file = database.tls().key_file();
    tls.plugin_dir = database.tls().plugin_dir();
    options.tls = std::move(tls);
  }
  options.credentials =
      data_access::PasswordFile(database.credentials().user(), database.credentials().password_file());
  options.program_name = program_name;
  options.connect_timeout = ToDuration(database.pool().connect_timeout());
  options.statement_cache = database.pool().statement_cache();
  return options;
}

data_access::PoolOptions PoolOptionsFrom(const config::v1::Database& given, const std::string& program_name) {
  config::v1::Database database = given;
  SetDefaults(&database);
  data_access::PoolOptions options;
  options.connect = ConnectOptionsFrom(database, program_name);
  options.max_sessions = database.pool().max_sessions();
  options.min_idle = std::min(database.pool().min_idle(), options.max_sessions);
  options.acquire_timeout = ToDuration(database.pool().acquire_timeout());
  return options;
}

data_access::ExecutorOptions ExecutorOptionsFrom(const config::v1::Database& given) {
  config::v1::Database database = given;
  SetDefaults(&database);
  data_access::ExecutorOptions options;
  options.threads = database.pool().max_sessions();
  options.max_queued = database.pool().max_queued();
  return options;
}

void AddPoolMetrics(Metrics& metrics, const data_access::Pool& pool, const data_access::Executor& executor) {
  const auto gauge = [&](const char* name, const char* help, std::int64_t data_access::PoolStats::*field) {
    metrics.AddGauge(name, help, [&pool, field] { return static_cast<double>(pool.stats().*field); });
  };
  const auto counter = [&](const char* name, const char* help, std::int64_t data_access::PoolStats::*field,
                           const std::map<std::string, std::string>& labels = {}) {
    metrics.AddCounter(
        name, help, [&pool, field] { return static_cast<double>(pool.stats().*field); }, labels);
  };
  using Stats = data_access::PoolStats;
  gauge("bonnie_db_pool_in_use", "Sessions lent.", &Stats::in_use);
  gauge("bonnie_db_pool_idle", "Sessions open and not lent.", &Stats::idle);
  gauge("bonnie_db_pool_waiters", "Threads that wait for a session.", &Stats::waiting);
  metrics.AddGauge("bonnie_db_queue", "Calls that wait for a database thread.",
                   [&executor] { return static_cast<double>(executor.queued()); });
  counter("bonnie_db_pool_acquired_total", "Leases.", &Stats::acquired);
  counter("bonnie_db_pool_timeouts_total", "Waits for a session that ended without one.", &Stats::timeouts);
  counter("bonnie_db_pool_opened_total", "Sessions opened.", &Stats::opened);
  counter("bonnie_db_pool_open_failures_total", "Sessions that could not be opened.", &Stats::open_failures);
  const char* closed = "Sessions closed, by reason.";
  counter("bonnie_db_pool_closed_total", closed, &Stats::closed_broken, {{"why", "broken"}});
  counter("bonnie_db_pool_closed_total", closed, &Stats::closed_idle, {{"why", "idle"}});
  counter("bonnie_db_pool_closed_total", closed, &Stats::closed_lifetime, {{"why", "lifetime"}});
  counter("bonnie_db_pool_leaks_total", "Leases held for longer than the leak warning.", &Stats::leaks);
}

class PoolReports::State {
 public:
  State(Log& log, Metrics& metrics) : log_(&log), metrics_(&metrics) {}

  void Stop() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    log_ = nullptr;
    metrics_ = nullptr;
    seconds_.clear();
  }

  void Tell(absl::string_view event) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::ReaderMutexLock lock(&mu_);
    if (log_ != nullptr) log_->Write(LogLevel::kWarn, "database", LogFields().Add("message", event));
  }

  void Observe(absl::string_view statement, absl::Duration took) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::ReaderMutexLock lock(&mu_);
      if (const auto found = seconds_.find(statement); found != seconds_.end()) {
        return found->second->Observe(absl::ToDoubleSeconds(took));
      }
    }
    absl::MutexLock lock(&mu_);
    if (metrics_ == nullptr) return;
    prometheus::Histogram& seconds =
        metrics_->Seconds("bonnie_db_query_seconds", "From a statement's start to its answer, failed ones too.",
                          {{"statement", std::string(statement)}});
    seconds_[std::string(statement)] = &seconds;
    seconds.Observe(absl::ToDoubleSeconds(took));
  }

 private:
  absl::Mutex mu_;
  Log* log_ ABSL_GUARDED_BY(mu_);          // null once stopped
  Metrics* metrics_ ABSL_GUARDED_BY(mu_);  // likewise
  // By name: a statement's name is a constant of ours.
  absl::flat_hash_map<std::string, prometheus::Histogram*> seconds_ ABSL_GUARDED_BY(mu_);
};

PoolReports::PoolReports(Log& log, Metrics& metrics) : state_(std::make_shared<State>(log, metrics)) {}

PoolReports::~PoolReports() { Stop(); }

void PoolReports::Stop() { state_->Stop(); }

data_access::PoolOptions PoolReports::For(data_access::PoolOptions options) const {
  options.log = [state = state_](absl::string_view event) { state->Tell(event); };
  options.observer = [state = state_](absl::string_view statement, absl::Duration took, const absl::Status&) {
    state->Observe(statement, took);
  };
  return options;
}

struct DatabaseProbe::State {
  data_access::Driver& driver;
  data_access::ConnectOptions options;
  std::string wanted_revision;
  std::unique_ptr<data_access::Connection> connection;  // null: to be opened
};

DatabaseProbe::DatabaseProbe(data_access::Driver& driver, data_access::ConnectOptions options,
                             std::string wanted_revision)
    : state_(std::make_shared<State>(State{driver, std::move(options), std::move(wanted_revision), nullptr})) {
  // The driver's limits are whole seconds and fixed at connect; the deadline of a probe is one second.
  state_->options.connect_timeout = kProbeConnectTime;
  state_->options.read_timeout = kProbeConnectTime;
}

absl::StatusOr<ProbeResult> DatabaseProbe::operator()(absl::Time /*deadline: the connection's own limits keep it*/) {
  if (state_->connection == nullptr) {
    BONNIE_ASSIGN_OR_RETURN(state_->connection, state_->driver.Connect(state_->options));
  }
  data_access::Connection& connection = *state_->connection;
  ProbeResult result;
  result.server = absl::StrCat(data_access::FlavourName(connection.facts().flavour), " ", connection.facts().version);
  absl::StatusOr<Rows> read_only = connection.Query(data_access::Statement(kReadOnly), Phase::kReading);
  if (!read_only.ok()) {
    state_->connection.reset();  // whatever it was, the next probe starts afresh
    return read_only.status();
  }
  while (read_only->Next()) result.read_only = read_only->Int64(0) != 0;
  const std::string& schema = state_->options.schema;
  absl::StatusOr<Rows> heads = connection.Query(data_access::Statement(InLedger(kHeads, schema)), Phase::kReading);
  if (!heads.ok()) {
    state_->connection.reset();
    return LedgerMissing(heads.status(), schema);
  }
  std::vector<std::string> revisions;
  while (heads->Next()) revisions.emplace_back(heads->Text(0));
  result.schema_revision = absl::StrJoin(revisions, ",");
  const std::string newest = revisions.empty() ? "" : *std::max_element(revisions.begin(), revisions.end());
  if (newest < state_->wanted_revision) return SchemaTooOld(result.schema_revision, state_->wanted_revision);
  return result;
}

}  // namespace bonnie::server
