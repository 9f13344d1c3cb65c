#ifndef BONNIE_SERVICES_SCHEMA_SITE_H_
#define BONNIE_SERVICES_SCHEMA_SITE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/schema/lint_config.h"
#include "services/server/program.h"

namespace bonnie::config::v1 {
class SchemaConfig;
}

namespace bonnie::schema {

inline constexpr server::Program kProgram{"bonnie-schema", "schema.bonnie", BONNIE_VERSION, CheckLintRule};

// One schema service: everything that it is made of, built once.
//
// Create and Run are for one thread; the rest is thread-safe.
class Site {
 public:
  // Reads certificates, policy and the migrations folder, starts to open sessions, listens on nothing yet. Does not
  // wait for the database: until that answers, health is NOT_SERVING; any schema will do, an empty one included.
  // kFailedPrecondition, kInvalidArgument: a file or folder that cannot be used (named, with the reason). A folder that
  // is there with revisions that are wrong is no reason not to serve: the calls that need them say so. kUnavailable:
  // the metrics address cannot be bound. `config` has its defaults set (server::LoadConfig).
  static absl::StatusOr<std::unique_ptr<Site>> Create(const config::v1::SchemaConfig& config);
  ~Site();

  // Serves until SIGTERM, SIGINT or Stop; server::Server::Run. An operation in work finishes its current statement.
  // Blocks.
  absl::Status Run();
  void Stop();
  // The port bound; 0 before Run listens.
  int port() const;

 private:
  class Impl;
  explicit Site(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SITE_H_
