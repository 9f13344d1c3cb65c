#include "services/server/server.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>
#include <prometheus/gauge.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/server/batch_scheduling.h"
#include "services/server/call.h"
#include "services/server/config.h"
#include "services/server/health.h"
#include "services/server/listener.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/periodic.h"
#include "services/server/readiness.h"
#include "services/server/reflection.h"
#include "services/server/self_check.h"
#include "services/server/stop_signal.h"
#include "services/server/tls.h"

namespace bonnie::server {
namespace {

constexpr absl::Duration kProbeTime = absl::Seconds(1);
constexpr absl::Duration kProbeEvery = absl::Seconds(5);
constexpr absl::Duration kProbeEveryAtStart = absl::Milliseconds(500);  // until the first success
constexpr absl::Duration kReloadEvery = absl::Seconds(1);
constexpr absl::Duration kSelfCheckTime = absl::Seconds(2);
constexpr absl::Duration kShutdownTime = absl::Milliseconds(500);

void Notify(const std::string& state) { sd_notify(0, state.c_str()); }

std::string PackageOf(const std::string& service) { return service.substr(0, service.rfind('.')); }

GateOptions GateOptionsOf(const config::v1::Limits& limits) {
  GateOptions options;
  options.max_unary = limits.max_unary_calls();
  options.max_unary_per_identity = limits.max_unary_calls_per_identity();
  options.max_streams = limits.max_streams();
  options.max_rate_per_identity = limits.max_calls_per_second_per_identity();
  return options;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const Program& program, std::string site, config::v1::Server config, std::unique_ptr<Log> log,
       std::unique_ptr<Metrics> metrics, std::unique_ptr<ServerTls> tls, std::unique_ptr<PolicyFile> policy);

  absl::Status Run();

  const Program program_;
  const std::string site_;
  const config::v1::Server config_;
  const std::unique_ptr<Log> log_;
  const std::unique_ptr<Metrics> metrics_;
  const std::unique_ptr<ServerTls> tls_;  // null: plaintext on loopback
  const std::unique_ptr<PolicyFile> policy_;
  Gate gate_;
  Calls calls_;
  Health health_;
  Reflection reflection_;
  StopSignal stop_;
  std::vector<grpc::Service*> services_;
  std::vector<std::string> names_;  // health names that follow readiness
  std::vector<std::string> write_names_;
  Probe probe_;
  std::vector<std::function<void()>> on_drain_;
  std::atomic<int> port_{0};

 private:
  void AddMetrics();
  void Name(const std::vector<std::string>& services);
  void LogStart(const absl::StatusOr<ProbeResult>& database);
  absl::StatusOr<ProbeResult> ProbeNow();
  absl::Duration ProbeAndWait();
  void Probed(const absl::StatusOr<ProbeResult>& result);
  void SetServing(bool serving, bool writable);
  void ShowRevision(const std::string& revision);
  absl::Duration Reload();
  void ServeUntilStopped();
  void Drain(grpc::Server& server);

  // Of readiness; one thread at a time: Run's, then the prober's.
  Readiness readiness_;
  std::string last_reason_;
  prometheus::Family<prometheus::Gauge>& revision_family_;
  std::string shown_revision_;
  std::atomic<bool> database_up_{false};
  std::atomic<bool> read_only_{false};
};

Server::Impl::Impl(const Program& program, std::string site, config::v1::Server config, std::unique_ptr<Log> log,
                   std::unique_ptr<Metrics> metrics, std::unique_ptr<ServerTls> tls, std::unique_ptr<PolicyFile> policy)
    : program_(program),
      site_(std::move(site)),
      config_(std::move(config)),
      log_(std::move(log)),
      metrics_(std::move(metrics)),
      tls_(std::move(tls)),
      policy_(std::move(policy)),
      gate_(GateOptionsOf(config_.limits())),
      calls_({program.error_domain, tls_ == nullptr}, *policy_, gate_, *metrics_, *log_),
      health_(calls_),
      reflection_(calls_),
      revision_family_(prometheus::BuildGauge()
                           .Name("bonnie_schema_version")
                           .Help("1 for the heads of the database's applied revisions.")
                           .Register(metrics_->registry())) {
  AddMetrics();
}

void Server::Impl::AddMetrics() {
  metrics_->AddGauge("bonnie_inflight", "Calls in work.", [this] { return gate_.unary(); }, {{"kind", "unary"}});
  metrics_->AddGauge("bonnie_inflight", "Calls in work.", [this] { return gate_.streams(); }, {{"kind", "stream"}});
  metrics_->AddGauge("bonnie_ready", "Whether health says SERVING.", [this] { return health_.serving(""); });
  metrics_->AddGauge("bonnie_db_up", "Whether the last probe of the database succeeded.",
                     [this] { return database_up_.load(); });
  metrics_->AddGauge("bonnie_db_read_only", "Whether the database refuses writes.",
                     [this] { return read_only_.load(); });
  metrics_->AddCounter("bonnie_log_dropped_total", "Log lines lost.",
                       [this] { return static_cast<double>(log_->dropped()); });
  if (tls_ == nullptr) return;
  metrics_->AddGauge("bonnie_cert_expiry_seconds", "Until the server's certificate expires.",
                     [this] { return absl::ToDoubleSeconds(tls_->not_after() - absl::Now()); });
}

void Server::Impl::Name(const std::vector<std::string>& services) {
  names_ = {""};
  for (const std::string& service : services) {
    if (absl::StartsWith(service, "grpc.")) continue;
    names_.push_back(service);
    write_names_.push_back(absl::StrCat(PackageOf(service), "/write"));
  }
  for (const std::string& name : names_) health_.Add(name);
  for (const std::string& name : write_names_) health_.Add(name);
  reflection_.List(services);
}

void Server::Impl::LogStart(const absl::StatusOr<ProbeResult>& database) {
  LogFields line;
  line.Add("binary", program_.binary).Add("version", program_.version).Add("site", site_);
  line.Add("driver", program_.driver == nullptr ? "none" : program_.driver);
  line.Add("server", probe_ == nullptr ? "none" : database.ok() ? database->server : "not reachable yet");
  line.Add("grpc", grpc::Version()).Add("protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION));
  line.Add("openssl", OpenSSL_version(OPENSSL_VERSION_STRING)).Add("pid", static_cast<int>(getpid()));
  log_->Write(LogLevel::kInfo, "start", line);
}

absl::StatusOr<ProbeResult> Server::Impl::ProbeNow() {
  return probe_ == nullptr ? absl::StatusOr<ProbeResult>(ProbeResult()) : probe_(absl::Now() + kProbeTime);
}

absl::Duration Server::Impl::ProbeAndWait() {
  Probed(ProbeNow());
  return readiness_.ever_ready() ? kProbeEvery : kProbeEveryAtStart;
}

void Server::Impl::Probed(const absl::StatusOr<ProbeResult>& result) {
  const bool changed = readiness_.Probed(result.ok(), absl::Now());
  database_up_ = result.ok() && probe_ != nullptr;
  if (result.ok()) {
    read_only_ = result->read_only;
    ShowRevision(result->schema_revision);
  }
  SetServing(readiness_.ready(), !read_only_);
  const std::string reason = result.ok() ? "" : std::string(result.status().message());
  if (changed && readiness_.ready()) {
    log_->Write(LogLevel::kInfo, "ready",
                LogFields().Add("schema_revision", shown_revision_).Add("read_only", read_only_ ? 1 : 0));
    Notify("STATUS=serving");
  } else if (!result.ok() && (changed || reason != last_reason_)) {
    log_->Write(LogLevel::kWarn, readiness_.ready() ? "probe_failed" : "not_ready", LogFields().Add("reason", reason));
    if (!readiness_.ready()) Notify(absl::StrCat("STATUS=not serving: ", reason));
  }
  last_reason_ = reason;
}

void Server::Impl::SetServing(bool serving, bool writable) {
  for (const std::string& name : names_) health_.Set(name, serving);
  for (const std::string& name : write_names_) health_.Set(name, serving && writable);
}

void Server::Impl::ShowRevision(const std::string& revision) {
  if (revision == shown_revision_ || probe_ == nullptr) return;
  if (!shown_revision_.empty()) revision_family_.Remove(&revision_family_.Add({{"revision", shown_revision_}}));
  if (!revision.empty()) revision_family_.Add({{"revision", revision}}).Set(1);
  shown_revision_ = revision;
}

absl::Duration Server::Impl::Reload() {
  const auto report = [this](const char* what, const absl::StatusOr<bool>& changed) {
    if (!changed.ok()) {  // what was in force stays in force
      metrics_->Counter("bonnie_reload_failures_total", "Changed files that could not be used.", {{"what", what}})
          .Increment();
      log_->Write(LogLevel::kError, "reload_failed",
                  LogFields().Add("what", what).Add("reason", changed.status().message()));
    } else if (*changed) {
      log_->Write(LogLevel::kInfo, "reloaded", LogFields().Add("what", what));
    }
  };
  if (tls_ != nullptr) report("certificates", tls_->Reload());
  report("policy", policy_->Reload());
  return kReloadEvery;
}

absl::Status Server::Impl::Run() {
  // The first line names all versions, so the database is asked before anything else happens.
  const absl::StatusOr<ProbeResult> first = ProbeNow();
  LogStart(first);
  const LibraryLog library_log(*log_);
  std::vector<grpc::Service*> all = services_;
  all.push_back(&health_);
  if (!config_.disable_reflection()) {
    for (grpc::Service* service : reflection_.services()) all.push_back(service);
  }
  BONNIE_ASSIGN_OR_RETURN(const Listener listener, [&] {
    const BatchScheduling polling_threads;
    return Listen(config_, tls_ == nullptr ? grpc::InsecureServerCredentials() : tls_->credentials(), all,
                  [this](const std::vector<std::string>& names) { Name(names); });
  }());
  port_ = listener.port;
  log_->Write(
      LogLevel::kInfo, "listening",
      LogFields().Add("address", config_.address()).Add("port", listener.port).Add("tls", tls_ == nullptr ? 0 : 1));
  Notify("READY=1\nSTATUS=listening");
  Probed(first);
  {
    const Periodic prober(readiness_.ever_ready() ? kProbeEvery : kProbeEveryAtStart,
                          [this] { return ProbeAndWait(); });
    const Periodic reloader(kReloadEvery, [this] { return Reload(); });
    ServeUntilStopped();
    log_->Write(LogLevel::kInfo, "draining");
    Drain(*listener.server);
  }
  log_->Write(LogLevel::kInfo, "stopped");
  metrics_->StopServing();
  log_->Flush();
  return absl::OkStatus();
}

void Server::Impl::ServeUntilStopped() {
  std::uint64_t watchdog_micros = 0;
  const bool watched = sd_watchdog_enabled(0, &watchdog_micros) > 0;
  const absl::Duration beat =
      watched ? absl::Microseconds(static_cast<std::int64_t>(watchdog_micros / 2)) : absl::Hours(1);
  while (!stop_.Wait(absl::Now() + beat)) {
    if (!watched) continue;
    int generation = 0;
    const std::shared_ptr<const Certificates> own = tls_ == nullptr ? nullptr : tls_->current(&generation);
    const absl::Status answers = CheckListener(port_, own.get(), absl::Now() + std::min(beat, kSelfCheckTime));
    if (answers.ok()) {
      Notify("WATCHDOG=1");
    } else {  // the service manager restarts a process that stays silent
      log_->Write(LogLevel::kError, "self_check_failed", LogFields().Add("reason", answers.message()));
    }
  }
}

void Server::Impl::Drain(grpc::Server& server) {
  // Whoever is not content with an orderly end gets an end at once.
  std::atomic<bool> done{false};
  std::thread impatience([this, &done] {
    while (!done) {
      if (!stop_.Wait(absl::Now() + absl::Milliseconds(50))) continue;
      log_->Write(LogLevel::kWarn, "killed", LogFields().Add("reason", "a second signal"));
      log_->Flush();
      _exit(1);
    }
  });
  Notify("STOPPING=1\nSTATUS=draining");
  health_.Drain();
  absl::SleepFor(ToDuration(config_.drain_delay()));
  gate_.Close();
  calls_.StartDraining();
  for (const std::function<void()>& hook : on_drain_) hook();
  health_.EndWatches();
  reflection_.EndStreams();
  if (!gate_.WaitUntilEmpty(absl::Now() + ToDuration(config_.drain_timeout()))) {
    log_->Write(LogLevel::kWarn, "drain_timeout", LogFields().Add("calls_left", calls_.in_flight()));
  }
  server.Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kShutdownTime));
  server.Wait();
  done = true;
  impatience.join();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Create(const Program& program, const std::string& site,
                                                       const config::v1::Server& given) {
  config::v1::Server config = given;
  BONNIE_RETURN_IF_ERROR(CheckConfig(config));
  SetDefaults(&config);
  std::unique_ptr<ServerTls> tls;
  if (!config.insecure_loopback()) {
    BONNIE_ASSIGN_OR_RETURN(
        tls, ServerTls::Open({config.tls().cert_file(), config.tls().key_file(), config.tls().client_ca_file()}));
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<PolicyFile> policy, PolicyFile::Open(config.policy_file()));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, Log::Open(config.log()));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Metrics> metrics, Metrics::Open(config.metrics_address()));
  return std::unique_ptr<Server>(new Server(std::make_unique<Impl>(
      program, site, std::move(config), std::move(log), std::move(metrics), std::move(tls), std::move(policy))));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->metrics_->StopServing(); }

Calls& Server::calls() { return impl_->calls_; }

Metrics& Server::metrics() { return *impl_->metrics_; }

Health& Server::health() { return impl_->health_; }

Log& Server::log() { return *impl_->log_; }

void Server::Add(grpc::Service* service) { impl_->services_.push_back(service); }

void Server::SetProbe(Probe probe) { impl_->probe_ = std::move(probe); }

void Server::OnDrain(std::function<void()> hook) { impl_->on_drain_.push_back(std::move(hook)); }

absl::Status Server::Run() { return impl_->Run(); }

void Server::Stop() { impl_->stop_.Stop(); }

int Server::port() const { return impl_->port_; }

}  // namespace bonnie::server
