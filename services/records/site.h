#ifndef BONNIE_SERVICES_RECORDS_SITE_H_
#define BONNIE_SERVICES_RECORDS_SITE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/server/program.h"

namespace bonnie::config::v1 {
class RecordsConfig;
}

namespace bonnie::records {

inline constexpr server::Program kProgram{"bonnie-records", "records.bonnie", BONNIE_VERSION};

// One records service: everything that it is made of, built once.
//
// Create and Run are for one thread; the rest is thread-safe.
class Site {
 public:
  // Reads keys, certificates and policy, starts to open sessions, listens on nothing yet. Does not wait for the
  // database: until that answers, and its schema is at kWantedRevision or later, health is NOT_SERVING.
  // kFailedPrecondition, kInvalidArgument: a file that cannot be used (named, with the reason). kUnavailable: the
  // metrics address cannot be bound. `config` has its defaults set (server::LoadConfig).
  static absl::StatusOr<std::unique_ptr<Site>> Create(const config::v1::RecordsConfig& config);
  ~Site();

  // Serves until SIGTERM, SIGINT or Stop; server::Server::Run. Blocks.
  absl::Status Run();
  void Stop();
  // The port bound; 0 before Run listens.
  int port() const;

 private:
  class Impl;
  explicit Site(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_SITE_H_
