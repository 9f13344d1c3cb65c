#include "services/server/server.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/data_access/status_macros.h"
#include "services/server/batch_scheduling.h"
#include "services/server/call.h"
#include "services/server/config.h"
#include "services/server/health.h"
#include "services/server/listener.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/periodic.h"
#include "services/server/prober.h"
#include "services/server/reflection.h"
#include "services/server/refused_calls.h"
#include "services/server/self_check.h"
#include "services/server/stop_signal.h"
#include "services/server/tls.h"

namespace bonnie::server {
namespace {

constexpr absl::Duration kReloadEvery = absl::Seconds(1);
constexpr absl::Duration kCountRefusedEvery = absl::Seconds(1);
constexpr absl::Duration kSelfCheckTime = absl::Seconds(2);
constexpr absl::Duration kRefusalLineEvery = absl::Seconds(10);
constexpr absl::Duration kShutdownTime = absl::Milliseconds(500);

void Notify(const std::string& state) { sd_notify(0, state.c_str()); }

GateOptions GateOptionsOf(const config::v1::Limits& limits) {
  GateOptions options;
  options.max_unary = limits.max_unary_calls();
  options.max_unary_per_identity = limits.max_unary_calls_per_identity();
  options.max_streams = limits.max_streams();
  options.max_streams_per_identity = limits.max_streams_per_identity();
  options.max_operation_streams = limits.max_operation_streams();
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
  const std::string driver_ = data_access::DriverVersion();  // asked here, on the main thread, first
  const config::v1::Server config_;
  const std::unique_ptr<Log> log_;
  const std::unique_ptr<Metrics> metrics_;
  const std::unique_ptr<ServerTls> tls_;  // null: plaintext on loopback
  const std::unique_ptr<PolicyFile> policy_;
  Gate gate_;
  Calls calls_;
  Health health_;
  Prober prober_;
  Reflection reflection_;
  StopSignal stop_;
  std::vector<grpc::Service*> services_;
  std::vector<std::function<void()>> on_drain_;
  std::vector<std::pair<std::string, std::function<absl::StatusOr<bool>()>>> reloads_;
  std::atomic<int> port_{0};
  absl::Time next_refusal_line_ = absl::InfinitePast();  // the acceptor's thread only

 private:
  void AddMetrics();
  void LogStart(const absl::StatusOr<ProbeResult>& database);
  absl::Duration Reload();
  void ServeUntilStopped();
  void CountRefused();
  void Drain(Listener& listener);
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
      calls_({program.error_domain, tls_ == nullptr, site_, tls_ == nullptr ? nullptr : &tls_->callers()}, *policy_,
             gate_, *metrics_, *log_),
      health_(calls_),
      prober_(health_, *metrics_, *log_),
      reflection_(calls_) {
  AddMetrics();
  if (tls_ != nullptr) reloads_.emplace_back("certificates", [this] { return tls_->Reload(); });
  reloads_.emplace_back("policy", [this] { return policy_->Reload(); });
}

void Server::Impl::AddMetrics() {
  metrics_->AddGauge("bonnie_inflight", "Calls in work.", [this] { return gate_.unary(); }, {{"kind", "unary"}});
  metrics_->AddGauge("bonnie_inflight", "Calls in work.", [this] { return gate_.streams(); }, {{"kind", "stream"}});
  metrics_->AddGauge("bonnie_inflight", "Calls in work.", [this] { return gate_.watches(); }, {{"kind", "watch"}});
  metrics_->AddCounter("bonnie_log_dropped_total", "Log lines lost.",
                       [this] { return static_cast<double>(log_->dropped()); });
  if (tls_ == nullptr) return;
  metrics_->AddGauge("bonnie_cert_expiry_seconds", "Until the server's certificate expires.",
                     [this] { return absl::ToDoubleSeconds(tls_->not_after() - absl::Now()); });
  if (config_.tls().crl_file().empty()) return;
  metrics_->AddGauge("bonnie_crl_expiry_seconds",
                     "Until the first revocation list expires; every caller is refused then.",
                     [this] { return absl::ToDoubleSeconds(tls_->crls_until() - absl::Now()); });
}

void Server::Impl::LogStart(const absl::StatusOr<ProbeResult>& database) {
  LogFields line;
  line.Add("binary", program_.binary).Add("version", program_.version).Add("site", site_);
  line.Add("driver", driver_);
  line.Add("server", !prober_.has_probe() ? "none" : database.ok() ? database->server : "not reachable yet");
  line.Add("grpc", grpc::Version()).Add("protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION));
  line.Add("openssl", OpenSSL_version(OPENSSL_VERSION_STRING)).Add("pid", static_cast<int>(getpid()));
  log_->Write(LogLevel::kInfo, "start", line);
}

absl::Duration Server::Impl::Reload() {
  for (const auto& [what, reload] : reloads_) {
    const absl::StatusOr<bool> changed = reload();
    if (!changed.ok()) {  // what was in force stays in force
      metrics_->Counter("bonnie_reload_failures_total", "Changed files that could not be used.", {{"what", what}})
          .Increment();
      log_->Write(LogLevel::kError, "reload_failed",
                  LogFields().Add("what", what).Add("reason", changed.status().message()));
    } else if (*changed) {
      log_->Write(LogLevel::kInfo, "reloaded", LogFields().Add("what", what));
    }
  }
  return kReloadEvery;
}

absl::Status Server::Impl::Run() {
  // The first line names all versions, so the database is asked before anything else happens.
  const absl::StatusOr<ProbeResult> first = prober_.Ask();
  LogStart(first);
  const LibraryLog library_log(*log_);
  std::vector<grpc::Service*> all = services_;
  all.push_back(&health_);
  if (!config_.disable_reflection()) {
    for (grpc::Service* service : reflection_.services()) all.push_back(service);
  }
  BONNIE_ASSIGN_OR_RETURN(Listener listener, [&] {
    const BatchScheduling polling_threads;
    return Listen(config_, tls_ == nullptr ? grpc::InsecureServerCredentials() : tls_->credentials(), all,
                  [this](const std::vector<std::string>& names) {
                    prober_.Name(names);
                    reflection_.List(names);
                  },
                  [this] { CountRefused(); });
  }());
  port_ = listener.acceptor->port();
  log_->Write(
      LogLevel::kInfo, "listening",
      LogFields().Add("address", config_.address()).Add("port", port_).Add("tls", tls_ == nullptr ? 0 : 1));
  Notify("READY=1\nSTATUS=listening");
  prober_.Tell(first);
  {
    const Periodic probing(prober_.wait(), [this] {
      prober_.Tell(prober_.Ask());
      return prober_.wait();
    });
    const Periodic reloading(kReloadEvery, [this] { return Reload(); });
    RefusedCalls refused(calls_, *metrics_, *log_);
    const Periodic counting(kCountRefusedEvery, [&refused] {
      refused.Look(absl::Now());
      return kCountRefusedEvery;
    });
    ServeUntilStopped();
    log_->Write(LogLevel::kInfo, "draining");
    Drain(listener);
  }
  log_->Write(LogLevel::kInfo, "stopped");
  metrics_->StopServing();
  log_->Flush();
  return absl::OkStatus();
}

// On the acceptor's thread.
void Server::Impl::CountRefused() {
  metrics_->Counter("bonnie_connections_refused_total", "Closed at once: file descriptors run out.", {}).Increment();
  const absl::Time now = absl::Now();
  if (now < next_refusal_line_) return;  // whoever floods us does not get to fill the log
  next_refusal_line_ = now + kRefusalLineEvery;
  log_->Write(LogLevel::kError, "connections_refused", LogFields().Add("reason", "file descriptors run out"));
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

void Server::Impl::Drain(Listener& listener) {
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
  listener.acceptor.reset();
  listener.server->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kShutdownTime));
  listener.server->Wait();
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
    BONNIE_ASSIGN_OR_RETURN(tls, ServerTls::Open(TlsFilesOf(config.tls())));
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<PolicyFile> policy, PolicyFile::Open(config.policy_file()));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, Log::Open(config.log()));
  BONNIE_ASSIGN_OR_RETURN(
      std::unique_ptr<Metrics> metrics,
      Metrics::Open(config.metrics_address(), {config.metrics_hosts().begin(), config.metrics_hosts().end()}));
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

void Server::SetProbe(Probe probe) { impl_->prober_.Set(std::move(probe)); }

void Server::OnReload(std::string what, std::function<absl::StatusOr<bool>()> reload) {
  impl_->reloads_.emplace_back(std::move(what), std::move(reload));
}

void Server::OnDrain(std::function<void()> hook) { impl_->on_drain_.push_back(std::move(hook)); }

absl::Status Server::Run() { return impl_->Run(); }

void Server::Stop() { impl_->stop_.Stop(); }

int Server::port() const { return impl_->port_; }

}  // namespace bonnie::server
