#ifndef BONNIE_SERVICES_SERVER_METRICS_H_
#define BONNIE_SERVICES_SERVER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bonnie::server {

class MetricsPage;

// The counters of one RPC method, looked up once. Thread-safe.
class MethodMetrics {
 public:
  MethodMetrics(prometheus::Family<prometheus::Counter>& handled, std::map<std::string, std::string> labels);

  // Of `grpc_server_handled_total` with this grpc_code (0 to 16); comes into being at its first use.
  prometheus::Counter& handled(int code);

  prometheus::Counter* started = nullptr;
  prometheus::Counter* received = nullptr;
  prometheus::Counter* sent = nullptr;
  prometheus::Histogram* seconds = nullptr;

 private:
  prometheus::Family<prometheus::Counter>& handled_family_;
  const std::map<std::string, std::string> labels_;
  std::array<std::atomic<prometheus::Counter*>, 17> handled_{};
};

// The process's metrics and their page. No ids and no identities as labels.
//
// Names are those of go-grpc-prometheus where it has them, because dashboards know them. Whoever counts keeps the
// Counter: a look-up by labels costs a lock and a map.
//
// Thread-safe.
class Metrics {
 public:
  // Serves /metrics on `address` (host:port; MetricsPage) from a thread of its own; nowhere when it is empty. `hosts`:
  // names by which the page may be asked, besides the address's own. kUnavailable: the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Metrics>> Open(const std::string& address, std::vector<std::string> hosts = {});
  ~Metrics();

  // Counters of one method; `type` is unary, client_stream, server_stream or bidi_stream. Lives as long as the Metrics.
  std::unique_ptr<MethodMetrics> OfMethod(const std::string& service, const std::string& method,
                                          const std::string& type);

  // A counter or histogram of `name` with these labels; the same one for the same arguments. Look it up once.
  prometheus::Counter& Counter(const std::string& name, const std::string& help,
                               const std::map<std::string, std::string>& labels = {});
  prometheus::Histogram& Seconds(const std::string& name, const std::string& help,
                                 const std::map<std::string, std::string>& labels = {});
  // A gauge or counter whose value is asked for at each scrape, on the page's thread. `sample` must be quick and
  // thread-safe, and what it reads must outlive the page: see StopServing.
  void AddGauge(const std::string& name, const std::string& help, std::function<double()> sample,
                const std::map<std::string, std::string>& labels = {});
  void AddCounter(const std::string& name, const std::string& help, std::function<double()> sample,
                  const std::map<std::string, std::string>& labels = {});

  // The page's port; 0 without a page.
  int port() const;
  // Closes the page; no sample is asked for afterwards.
  void StopServing();
  // The page's text.
  std::string Text() const;
  prometheus::Registry& registry() { return *registry_; }

 private:
  class Samples;
  Metrics();

  const std::shared_ptr<prometheus::Registry> registry_;
  const std::shared_ptr<Samples> samples_;
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Counter>& received_;
  prometheus::Family<prometheus::Counter>& sent_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  std::unique_ptr<MetricsPage> page_;  // last: its thread reads all of the above
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_METRICS_H_
