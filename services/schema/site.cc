#include "services/schema/site.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/executor.h"
#include "services/data_access/mysql_driver.h"
#include "services/data_access/pool.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"
#include "services/schema/canonical.h"
#include "services/schema/fair_jobs.h"
#include "services/schema/forecast.h"
#include "services/schema/lint_config.h"
#include "services/schema/migration_service.h"
#include "services/schema/operations.h"
#include "services/schema/peers.h"
#include "services/schema/planner.h"
#include "services/schema/runner.h"
#include "services/schema/schema_service.h"
#include "services/schema/schema_sources.h"
#include "services/server/database_config.h"
#include "services/server/server.h"

namespace bonnie::schema {

namespace {

// Each proof keeps a scratch database and one core of the server busy. As many callers as there are threads are served
// at once, and one job of each other caller waits.
constexpr data_access::ExecutorOptions kJobs{.threads = 4, .max_queued = 64};
constexpr data_access::ExecutorOptions kControls{.threads = 2, .max_queued = 64};
constexpr data_access::ExecutorOptions kDrops{.threads = 1, .max_queued = 64};  // of scratch databases

data_access::PoolOptions PoolFor(const config::v1::SchemaConfig& config) {
  return server::PoolOptionsFrom(config.database(), kProgram.binary);
}

data_access::ConnectOptions ConnectFor(const config::v1::SchemaConfig& config) {
  return server::ConnectOptionsFrom(config.database(), kProgram.binary);
}

// The server of the scratch databases under the scratch account; without credentials where the configuration names
// none.
data_access::ConnectOptions ScratchFor(const config::v1::SchemaConfig& config) {
  config::v1::Database database = config.database();
  if (const config::v1::ScratchServer& other = config.scratch_server(); config.has_scratch_server()) {
    database.set_host(other.host());
    database.set_port(other.port());
    database.set_unix_socket(other.unix_socket());
    *database.mutable_tls() = other.tls();
    if (!other.has_tls()) database.clear_tls();
  }
  data_access::ConnectOptions options = server::ConnectOptionsFrom(database, kProgram.binary);
  options.credentials = config.has_scratch()
                            ? data_access::PasswordFile(config.scratch().user(), config.scratch().password_file())
                            : nullptr;
  return options;
}

std::string ScratchPrefixFor(const config::v1::SchemaConfig& config) {
  return config.scratch_database_prefix().empty() ? kScratchPrefix : config.scratch_database_prefix();
}

RunnerOptions RunnerFor(const config::v1::SchemaConfig& config) {
  RunnerOptions options;
  options.site = config.site();
  options.connect = ConnectFor(config);
  return options;
}

ApprovalPolicy ApprovalFor(const config::v1::SchemaConfig& config) {
  switch (config.approval()) {
    case config::v1::APPROVAL_POLICY_NONE:
      return ApprovalPolicy::kNone;
    case config::v1::APPROVAL_POLICY_SELF:
      return ApprovalPolicy::kSelf;
    default:
      return ApprovalPolicy::kOther;
  }
}

}  // namespace

class Site::Impl {
 public:
  Impl(const config::v1::SchemaConfig& config, std::unique_ptr<server::Server> server, std::unique_ptr<Peers> peers)
      : driver_(data_access::MakeMySqlDriver()),
        watchdog_(*driver_, ConnectFor(config)),
        reports_(server->log(), server->metrics()),
        pool_(*driver_, &watchdog_, reports_.For(PoolFor(config))),
        executor_(pool_, server::ExecutorOptionsFrom(config.database())),
        job_threads_(pool_, kJobs),
        peer_job_threads_(pool_, kJobs),
        jobs_(job_threads_),
        peer_jobs_(peer_job_threads_),
        controls_(pool_, kControls),
        drops_(pool_, kDrops),
        dir_(config.migrations_dir()),
        canonical_(
            *driver_, ScratchFor(config),
            [this](std::function<void()> drop) { return drops_.RunWork(std::move(drop)); }, ScratchPrefixFor(config)),
        sources_(*driver_, ConnectFor(config), dir_, canonical_, LintFor(config)),
        runner_(*driver_, dir_, RunnerFor(config)),
        forecaster_(*driver_, ConnectFor(config), canonical_),
        planner_(pool_, dir_, forecaster_, config.site(), ApprovalFor(config), LintFor(config)),
        peers_(std::move(peers)),
        server_(std::move(server)),
        operations_(runner_),
        parts_{config.site(), kProgram.version, server_->calls(), executor_, dir_,   jobs_,
               peer_jobs_,    controls_,        sources_,         planner_,  *peers_},
        schema_(parts_),
        migrations_(parts_, operations_, Stamper(*driver_, RunnerFor(config)),
                    Recovery(*driver_, dir_, RunnerFor(config)), Canceller(*driver_, ConnectFor(config))) {
    server_->Add(&schema_);
    server_->Add(&migrations_);
    server_->SetProbe(server::DatabaseProbe(*driver_, ConnectFor(config)));
    server_->OnDrain([this] { operations_.Stop(); });
    server_->OnDrain([this] { peers_->EndStreams(); });
    server_->OnReload("peer certificates", [this] { return peers_->Reload(); });
    (void)job_threads_.RunWork([this] { (void)canonical_.Sweep(); });  // else by the next scratch database
    server::AddPoolMetrics(server_->metrics(), pool_, executor_);
  }

  ~Impl() {
    // Their threads use what goes before them.
    for (data_access::Executor* threads : {&executor_, &job_threads_, &peer_job_threads_, &controls_, &drops_})
      threads->Drain();
    reports_.Stop();  // the pool goes after the server, whose log it writes
  }

  server::Server& server() { return *server_; }

 private:
  const std::unique_ptr<data_access::Driver> driver_;
  data_access::Watchdog watchdog_;
  server::PoolReports reports_;
  data_access::Pool pool_;
  data_access::Executor executor_;
  data_access::Executor job_threads_;
  data_access::Executor peer_job_threads_;
  FairJobs jobs_;
  FairJobs peer_jobs_;
  data_access::Executor controls_;
  data_access::Executor drops_;
  MigrationDir dir_;
  Canonical canonical_;
  SchemaSources sources_;
  Runner runner_;
  Forecaster forecaster_;
  Planner planner_;
  const std::unique_ptr<Peers> peers_;
  const std::unique_ptr<server::Server> server_;
  Operations operations_;  // ends while the runner is there; who watched has gone when Run returns
  const ServiceParts parts_;
  SchemaService schema_;
  MigrationService migrations_;
};

Site::Site(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Site::~Site() = default;

absl::StatusOr<std::unique_ptr<Site>> Site::Create(const config::v1::SchemaConfig& config) {
  std::error_code error;
  if (!std::filesystem::is_directory(config.migrations_dir(), error)) {
    return absl::FailedPreconditionError(absl::StrCat("migrations_dir: ", config.migrations_dir(), " is not a folder"));
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<server::Server> server,
                          server::Server::Create(kProgram, config.site(), config.server()));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Peers> peers, Peers::Open(config));
  return absl::WrapUnique(new Site(std::make_unique<Impl>(config, std::move(server), std::move(peers))));
}

absl::Status Site::Run() { return impl_->server().Run(); }
void Site::Stop() { impl_->server().Stop(); }
int Site::port() const { return impl_->server().port(); }

}  // namespace bonnie::schema
