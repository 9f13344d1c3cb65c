#ifndef BONNIE_SERVICES_SERVER_PROBER_H_
#define BONNIE_SERVICES_SERVER_PROBER_H_

#include <prometheus/gauge.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/server/health.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/probe.h"
#include "services/server/readiness.h"

namespace bonnie::server {

// Asks the probe, and tells health, metrics, log and service manager what follows from it.
//
// Used by one thread at a time: first the one that starts the server, then the one that repeats it. Its arguments
// outlive it.
class Prober {
 public:
  Prober(Health& health, Metrics& metrics, Log& log);

  // Without a probe the process is always ready.
  void Set(Probe probe) { probe_ = std::move(probe); }
  bool has_probe() const { return probe_ != nullptr; }
  // The services whose health follows readiness; "" and each package's `/write` besides.
  void Name(const std::vector<std::string>& services);

  // Blocks for a second at most (a probe that keeps its deadline).
  absl::StatusOr<ProbeResult> Ask() const;
  void Tell(const absl::StatusOr<ProbeResult>& result);
  // Until the next: 5 s, or 0.5 s before the first success.
  absl::Duration wait() const;

 private:
  void ShowRevision(const std::string& revision);
  void Report(const std::string& reason, bool changed);

  Health& health_;
  Log& log_;
  prometheus::Family<prometheus::Gauge>& revision_family_;
  Probe probe_;
  std::vector<std::string> names_, write_names_;  // of health
  Readiness readiness_;
  std::string last_reason_;  // why the last probe failed; empty when it did not
  std::string shown_revision_;
  std::atomic<bool> database_up_{false}, read_only_{false};  // for the metrics page
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PROBER_H_
