#include "tests/bench/load.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "bonnie/records/v1/patient_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace bonnie::bench {
namespace {

using bonnie::records::v1::GetPatientRequest;
using bonnie::records::v1::GetPatientResponse;
using bonnie::records::v1::PatientService;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// What all slots of one run share.
struct Run {
  std::atomic<bool> measuring{false};
  std::atomic<bool> stopping{false};
  absl::BlockingCounter ended;
  const std::vector<std::int64_t>& ids;

  Run(int slots, const std::vector<std::int64_t>& ids) : ended(slots), ids(ids) {}
};

// One call after the other on one connection.
class Slot {
 public:
  Slot(Run& run, Call call, const std::shared_ptr<grpc::Channel>& channel, unsigned seed)
      : run_(run),
        call_(call),
        health_(Health::NewStub(channel)),
        patients_(PatientService::NewStub(channel)),
        random_(seed) {}

  void Next() {
    if (run_.stopping.load(std::memory_order_relaxed)) return run_.ended.DecrementCount(), void();
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    counted_ = run_.measuring.load(std::memory_order_relaxed);
    started_ = absl::GetCurrentTimeNanos();
    auto done = [this](const grpc::Status& status) { Done(status); };
    if (call_ == Call::kHealthCheck) {
      health_->async()->Check(context_.get(), &check_, &checked_, done);
    } else {
      get_.set_id(run_.ids[random_() % run_.ids.size()]);
      patients_->async()->GetPatient(context_.get(), &get_, &got_, done);
    }
  }

  std::vector<std::int64_t> latencies_ns;
  std::int64_t failed = 0;

 private:
  void Done(const grpc::Status& status) {
    if (!status.ok()) {
      ++failed;
    } else if (counted_ && run_.measuring.load(std::memory_order_relaxed)) {
      latencies_ns.push_back(absl::GetCurrentTimeNanos() - started_);
    }
    Next();
  }

  Run& run_;
  const Call call_;
  const std::unique_ptr<Health::Stub> health_;
  const std::unique_ptr<PatientService::Stub> patients_;
  std::minstd_rand random_;
  std::unique_ptr<grpc::ClientContext> context_;
  HealthCheckRequest check_;
  HealthCheckResponse checked_;
  GetPatientRequest get_;
  GetPatientResponse got_;
  std::int64_t started_ = 0;
  bool counted_ = false;
};

absl::Duration Quantile(std::vector<std::int64_t>& sorted_ns, double quantile) {
  if (sorted_ns.empty()) return absl::ZeroDuration();
  return absl::Nanoseconds(sorted_ns[static_cast<size_t>(quantile * static_cast<double>(sorted_ns.size() - 1))]);
}

}  // namespace

Load::Load(std::string address, std::shared_ptr<grpc::ChannelCredentials> credentials, int connections,
           std::vector<std::int64_t> ids)
    : ids_(std::move(ids)) {
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own, not a shared one
    channels_.push_back(grpc::CreateCustomChannel(address, credentials, arguments));
  }
}

LoadResult Load::Run(Call call, int in_flight, absl::Duration duration) {
  bench::Run run(in_flight, ids_);
  std::vector<std::unique_ptr<Slot>> slots;
  for (int i = 0; i < in_flight; ++i) {
    slots.push_back(std::make_unique<Slot>(run, call, channels_[i % channels_.size()], 1 + i));
  }
  for (auto& slot : slots) slot->Next();
  absl::SleepFor(absl::Milliseconds(300));  // connections up, caches warm
  const absl::Time begin = absl::Now();
  run.measuring = true;
  absl::SleepFor(duration);
  run.measuring = false;
  const absl::Duration took = absl::Now() - begin;
  run.stopping = true;
  run.ended.Wait();

  LoadResult result;
  std::vector<std::int64_t> latencies;
  for (auto& slot : slots) {
    latencies.insert(latencies.end(), slot->latencies_ns.begin(), slot->latencies_ns.end());
    result.failed += slot->failed;
  }
  std::sort(latencies.begin(), latencies.end());
  result.per_second = static_cast<double>(latencies.size()) / absl::ToDoubleSeconds(took);
  result.p50 = Quantile(latencies, 0.5);
  result.p99 = Quantile(latencies, 0.99);
  return result;
}

}  // namespace bonnie::bench
