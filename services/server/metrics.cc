#include "services/server/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/status_macros.h"
#include "services/server/grpc_status.h"
#include "services/server/metrics_page.h"

namespace bonnie::server {
namespace {

const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
  return buckets;
}

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry, const std::string& name,
                                                       const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& SecondsFamily(prometheus::Registry& registry, const std::string& name,
                                                         const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

// Values that are asked for when the page is.
class Metrics::Samples final : public prometheus::Collectable {
 public:
  void Add(prometheus::MetricType type, const std::string& name, const std::string& help,
           std::function<double()> sample, const std::map<std::string, std::string>& labels) {
    absl::MutexLock lock(&mu_);
    samples_.push_back({type, name, help, std::move(sample), labels});
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mu_);
    std::map<std::string, prometheus::MetricFamily> families;
    for (const Sample& sample : samples_) {
      prometheus::MetricFamily& family = families[sample.name];
      family.name = sample.name;
      family.help = sample.help;
      family.type = sample.type;
      prometheus::ClientMetric metric;
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      const double value = sample.read();
      metric.gauge.value = value;
      metric.counter.value = value;
      family.metric.push_back(std::move(metric));
    }
    std::vector<prometheus::MetricFamily> all;
    for (auto& [name, family] : families) all.push_back(std::move(family));
    return all;
  }

  void Clear() {
    absl::MutexLock lock(&mu_);
    samples_.clear();
  }

 private:
  struct Sample {
    prometheus::MetricType type;
    std::string name, help;
    std::function<double()> read;
    std::map<std::string, std::string> labels;
  };
  mutable absl::Mutex mu_;
  std::vector<Sample> samples_ ABSL_GUARDED_BY(mu_);
};

MethodMetrics::MethodMetrics(prometheus::Family<prometheus::Counter>& handled,
                             std::map<std::string, std::string> labels)
    : handled_family_(handled), labels_(std::move(labels)) {}

prometheus::Counter& MethodMetrics::handled(int code) {
  const std::size_t slot = code >= 0 && code < static_cast<int>(handled_.size()) ? static_cast<std::size_t>(code) : 2;
  prometheus::Counter* counter = handled_[slot].load(std::memory_order_acquire);
  if (counter == nullptr) {  // Add answers the same counter to whoever comes second
    std::map<std::string, std::string> labels = labels_;
    labels["grpc_code"] = std::string(CodeName(static_cast<grpc::StatusCode>(slot)));
    counter = &handled_family_.Add(labels);
    handled_[slot].store(counter, std::memory_order_release);
  }
  return *counter;
}

Metrics::Metrics()
    : registry_(std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge)),
      samples_(std::make_shared<Samples>()),
      started_(CounterFamily(*registry_, "grpc_server_started_total", "RPCs that arrived.")),
      handled_(CounterFamily(*registry_, "grpc_server_handled_total", "RPCs that ended, by code; refused ones too.")),
      received_(CounterFamily(*registry_, "grpc_server_msg_received_total", "Messages received.")),
      sent_(CounterFamily(*registry_, "grpc_server_msg_sent_total", "Messages sent.")),
      seconds_(SecondsFamily(*registry_, "grpc_server_handling_seconds", "From an RPC's arrival to its end.")) {}

Metrics::~Metrics() { StopServing(); }

absl::StatusOr<std::unique_ptr<Metrics>> Metrics::Open(const std::string& address, std::vector<std::string> hosts) {
  std::unique_ptr<Metrics> metrics(new Metrics());
  if (address.empty()) return metrics;
  BONNIE_ASSIGN_OR_RETURN(
      metrics->page_, MetricsPage::Open({address, std::move(hosts)}, [page = metrics.get()] { return page->Text(); }));
  return metrics;
}

std::unique_ptr<MethodMetrics> Metrics::OfMethod(const std::string& service, const std::string& method,
                                                 const std::string& type) {
  const std::map<std::string, std::string> labels = {
      {"grpc_service", service}, {"grpc_method", method}, {"grpc_type", type}};
  auto made = std::make_unique<MethodMetrics>(handled_, labels);
  made->started = &started_.Add(labels);
  made->received = &received_.Add(labels);
  made->sent = &sent_.Add(labels);
  made->seconds = &seconds_.Add(labels, SecondsBuckets());
  return made;
}

prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help,
                                      const std::map<std::string, std::string>& labels) {
  return CounterFamily(*registry_, name, help).Add(labels);
}

prometheus::Histogram& Metrics::Seconds(const std::string& name, const std::string& help,
                                        const std::map<std::string, std::string>& labels) {
  return SecondsFamily(*registry_, name, help).Add(labels, SecondsBuckets());
}

void Metrics::AddGauge(const std::string& name, const std::string& help, std::function<double()> sample,
                       const std::map<std::string, std::string>& labels) {
  samples_->Add(prometheus::MetricType::Gauge, name, help, std::move(sample), labels);
}

void Metrics::AddCounter(const std::string& name, const std::string& help, std::function<double()> sample,
                         const std::map<std::string, std::string>& labels) {
  samples_->Add(prometheus::MetricType::Counter, name, help, std::move(sample), labels);
}

int Metrics::port() const { return page_ == nullptr ? 0 : page_->port(); }

void Metrics::StopServing() {
  page_.reset();
  samples_->Clear();
}

std::string Metrics::Text() const {
  std::vector<prometheus::MetricFamily> families = registry_->Collect();
  for (prometheus::MetricFamily& family : samples_->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bonnie::server
