#ifndef BONNIE_SERVICES_SERVER_SERVER_H_
#define BONNIE_SERVICES_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/probe.h"
#include "services/server/program.h"

namespace grpc {
class Service;
}

namespace bonnie::server {

class Calls;
class Health;
class Log;
class Metrics;

// Listens, serves and drains: what every Bonnie server shares. Build it, add services, Run.
//
// Create, Add, SetProbe, OnDrain and Run are for one thread; the rest is thread-safe.
class Server {
 public:
  // Checks files and builds credentials, policy, gate, metrics and log; listens on no RPC port yet. Unset numbers of
  // `config` mean their defaults. kFailedPrecondition, kInvalidArgument: a file that cannot be used; the message names
  // it and the reason. kUnavailable: metrics_address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Create(const Program& program, const std::string& site,
                                                        const config::v1::Server& config);
  // Drained: Run returned, or was never called.
  ~Server();

  Calls& calls();
  Metrics& metrics();
  Health& health();
  Log& log();

  // Before Run. The service outlives the server; its full name becomes a health name, and its package's `/write`
  // another.
  void Add(grpc::Service* service);
  // Before Run: what decides readiness, called about every 5 s with a deadline of 1 s on a thread of the server's own.
  // Without a probe the server is ready once it listens.
  void SetProbe(Probe probe);
  // Before Run: `reload` is called about every second, on a thread of the server's own. It takes over files of the
  // service that changed; true: it did. An error (`what` goes on with what it had) is logged as `reload_failed` and
  // counted; it should be answered once per change.
  void OnReload(std::string what, std::function<absl::StatusOr<bool>()> reload);
  // Before Run: called once, on Run's thread, when calls in work are asked to end.
  void OnDrain(std::function<void()> hook);

  // Listens, serves until SIGTERM, SIGINT or Stop, drains, and answers OK. Blocks. A second signal ends the process
  // with 1. kUnavailable: the address cannot be bound (named, with the port's owner where known).
  absl::Status Run();

  // Ends Run as a signal would. Does not block. Thread-safe.
  void Stop();
  // The port bound, which differs from the configured one when that is 0; 0 before Run listens. Thread-safe.
  int port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_SERVER_H_
