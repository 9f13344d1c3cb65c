#include "services/server/health.h"

#include <utility>

#include "services/server/error.h"

namespace bonnie::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kService[] = "grpc.health.v1.Health";
constexpr Method kCheck{kService, "Check", absl::Seconds(2), absl::Seconds(10), /*ungated=*/true};
constexpr Method kWatch{kService, "Watch", absl::InfiniteDuration(), absl::InfiniteDuration(), /*ungated=*/true};

absl::Status UnknownName() {
  ErrorDetails details;
  details.reason = "UNKNOWN_HEALTH_NAME";
  return Error(absl::StatusCode::kNotFound,
               "no such health name: want \"\", a service's full name, <package>/write or liveness",
               std::move(details));
}

}  // namespace

// One Watch stream: writes each new status, one at a time.
class Health::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(Health& health, grpc::CallbackServerContext* context, std::string name)
      : health_(health), context_(context), name_(std::move(name)) {}

  void Start() {
    const absl::Status entered = health_.calls_.Enter(*context_, kWatch, record_);
    if (!entered.ok()) return End(entered);
    health_.Register(this);
  }

  const std::string& name() const { return name_; }

  void Tell(Status status) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    wanted_ = status;
    WriteNext();
  }

  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (!end_.has_value()) end_ = status;
    WriteNext();
  }

 private:
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    if (!ok && !end_.has_value()) end_ = absl::CancelledError("the watcher went away");
    WriteNext();
  }
  void OnCancel() override { End(absl::CancelledError("the watcher went away")); }
  void OnDone() override {
    health_.Forget(this);
    delete this;
  }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (writing_ || finished_) return;
    if (end_.has_value()) {
      finished_ = true;
      Finish(health_.calls_.Leave(*context_, record_, *end_));
      return;
    }
    if (wanted_ == response_.status()) return;
    response_.set_status(wanted_);
    record_.CountSent();
    writing_ = true;
    StartWrite(&response_);
  }

  Health& health_;
  grpc::CallbackServerContext* const context_;
  const std::string name_;
  absl::Mutex mu_;
  CallRecord record_;
  Status wanted_ ABSL_GUARDED_BY(mu_) = HealthCheckResponse::UNKNOWN;  // as in response_: nothing to write yet
  absl::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  HealthCheckResponse response_;  // being written while writing_
};

Health::Health(Calls& calls) : calls_(calls) { names_ = {{"", false}, {kLiveness, true}}; }

Health::~Health() = default;

void Health::Add(const std::string& name) {
  absl::MutexLock lock(&mu_);
  names_.emplace(name, false);
}

void Health::Set(absl::string_view name, bool serving) {
  absl::MutexLock lock(&mu_);
  const auto known = names_.find(name);
  if (draining_ || known == names_.end() || known->second == serving) return;
  known->second = serving;
  for (Watcher* watcher : watchers_) {
    if (watcher->name() == name) watcher->Tell(StatusOf(name));
  }
}

bool Health::serving(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mu_);
  return StatusOf(name) == HealthCheckResponse::SERVING;
}

void Health::Drain() {
  absl::MutexLock lock(&mu_);
  draining_ = true;
  for (auto& [name, serving] : names_) serving = name == kLiveness;
  for (Watcher* watcher : watchers_) watcher->Tell(StatusOf(watcher->name()));
}

void Health::EndWatches() {
  absl::MutexLock lock(&mu_);
  watches_ended_ = true;
  for (Watcher* watcher : watchers_) watcher->End(ShuttingDown());
}

grpc::ServerUnaryReactor* Health::Check(grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                                        HealthCheckResponse* response) {
  return calls_.Serve(context, kCheck, response, [&](UnaryCall* call) {
    Status status;
    {
      absl::ReaderMutexLock lock(&mu_);
      status = StatusOf(request->service());
    }
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) return call->Finish(UnknownName());
    response->set_status(status);
    call->Finish(absl::OkStatus());
  });
}

grpc::ServerWriteReactor<HealthCheckResponse>* Health::Watch(grpc::CallbackServerContext* context,
                                                             const HealthCheckRequest* request) {
  auto* watcher = new Watcher(*this, context, request->service());
  watcher->Start();
  return watcher;
}

Health::Status Health::StatusOf(absl::string_view name) const {
  const auto known = names_.find(name);
  if (known == names_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return known->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void Health::Register(Watcher* watcher) {
  absl::MutexLock lock(&mu_);
  watchers_.insert(watcher);
  watcher->Tell(StatusOf(watcher->name()));
  if (watches_ended_) watcher->End(ShuttingDown());
}

void Health::Forget(Watcher* watcher) {
  absl::MutexLock lock(&mu_);
  watchers_.erase(watcher);
}

}  // namespace bonnie::server
