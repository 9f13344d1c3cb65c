#ifndef BONNIE_TESTS_SCHEMA_FLEET_H_
#define BONNIE_TESTS_SCHEMA_FLEET_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "bonnie/config/v1/config.pb.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "services/schema/site.h"
#include "tests/schema/folder.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

// A TCP port of 127.0.0.1 that nobody listens on: peers' addresses must be known before they start.
int FreePort();

// How a site of a fleet serves.
struct FleetSite {
  std::string name;
  int port = 0;
  std::map<std::string, int> peers;  // name -> port on 127.0.0.1
  std::string schema = "bonnie";     // database
  bool tls = false;                  // mTLS with <name>-schema.{pem,key} of the database's PKI
  std::string policy;                // a RolePolicy; empty: FleetPolicy()
  std::function<void(config::v1::SchemaConfig&)> change = {};
};

// `insecure` may call everything and is believed as a peer; over mTLS, azure's and gcp's schema services are, and
// client, migrator and auditor may call everything.
std::string FleetPolicy();

// A Site that serves on a thread of its own until destruction.
class ServingSite {
 public:
  // `database` outlives it.
  ServingSite(const test_support::TestDatabase& database, FleetSite options);
  ~ServingSite();

  // Drains, as at SIGTERM. Blocks until it has ended.
  void Stop();
  // As an identity of the PKI; empty: plaintext.
  std::shared_ptr<grpc::Channel> Channel(const std::string& identity = "") const;
  std::string Log() const;  // lines so far
  const Folder& folder() const { return folder_; }

 private:
  const test_support::TestDatabase& database_;
  const FleetSite options_;
  Folder folder_;
  std::unique_ptr<Site> site_;
  std::thread thread_;
};

// ErrorInfo.reason of an answer, found as text.
bool HasReason(const grpc::Status& status, const std::string& reason);
// Waits up to 10 s for it to become true.
bool Eventually(const std::function<bool()>& condition);

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_FLEET_H_
