#ifndef BONNIE_TESTS_SCHEMA_HARNESS_H_
#define BONNIE_TESTS_SCHEMA_HARNESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/data_access/driver.h"
#include "services/schema/migration_dir.h"
#include "services/schema/plan.h"
#include "services/schema/runner.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

// A site without its RPC service: a database, a migrations folder and a runner.
class Harness {
 public:
  // `database` outlives it.
  Harness(test_support::TestDatabase& database, const std::string& migrations);

  // How the schema user connects: over TLS.
  data_access::ConnectOptions Connect() const;
  data_access::Driver& driver() { return *driver_; }
  MigrationDir& dir() { return dir_; }
  RunnerOptions& options() { return options_; }

  // An empty database with an empty ledger.
  void Reset();
  absl::StatusOr<LedgerState> Ledger();
  absl::StatusOr<Plan> MakePlan(const std::string& target, Direction direction);
  // Plans and applies, allowing what drops data; `events` may be null.
  absl::Status Apply(const std::string& target, Direction direction, std::vector<OperationEvent>* events = nullptr);
  absl::Status Run(const ApplyRequest& request, std::vector<OperationEvent>* events = nullptr);
  // SHOW CREATE of every table, and all their rows; times of rows left out.
  std::string Contents();
  std::string Query(const std::string& sql);

 private:
  test_support::TestDatabase& database_;
  const std::unique_ptr<data_access::Driver> driver_;
  MigrationDir dir_;
  RunnerOptions options_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_HARNESS_H_
