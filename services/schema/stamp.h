#ifndef BONNIE_SERVICES_SCHEMA_STAMP_H_
#define BONNIE_SERVICES_SCHEMA_STAMP_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/schema/migration_dir.h"
#include "services/schema/plan.h"
#include "services/schema/runner.h"

namespace bonnie::schema {

struct StampRequest {
  std::string identity;                               // for whom
  std::vector<std::string> revisions;                 // words; `base` alone: nothing is applied
  bool purge = false;                                 // forget all heads first
  absl::optional<std::vector<std::string>> expected;  // heads that must be applied now
  // Asked under the lease with the heads to be, before anything is written; its error ends the stamp. Null for none.
  std::function<absl::Status(const std::vector<std::string>& heads)> look_again = nullptr;
  std::string plan_id = {};  // of a kept plan, whose row becomes the operation's; empty: it has a row of its own
};

struct Stamped {
  std::vector<std::string> from, to;  // heads
};

// The heads after a stamp at `goal`: heads of `current` that neither lead to one of `goal` nor follow one are kept.
// Pure.
std::vector<std::string> HeadsAfterStamp(const RevisionGraph& graph, const std::vector<std::string>& current,
                                         const std::vector<std::string>& goal);

// The heads after `request`, where the ledger says `ledger`. Pure. Errors of RevisionGraph, and those that Stamp has
// for the ledger's state.
absl::StatusOr<std::vector<std::string>> StampGoal(const MigrationFolder& folder, const LedgerState& ledger,
                                                   const StampRequest& request);

// Writes into the ledger where a database is, without running anything: for databases that got there another way.
// Thread-safe; `driver` outlives it.
class Stamper {
 public:
  Stamper(data_access::Driver& driver, RunnerOptions options) : driver_(driver), options_(std::move(options)) {}

  // Stamps, under the lease. Blocks; `keep_waiting` is asked while the lease is
  // waited for. Errors of Lease::Acquire, RevisionGraph and the connection. kFailedPrecondition OPERATION_UNFINISHED: a
  // revision is half run; REVISION_MISSING: an applied head has no file, and `purge` is not said.
  // kAborted HEADS_MOVED: the database is not at `expected`. PLAN_BEGUN: `plan_id` was applied or rejected.
  absl::StatusOr<Stamped> Stamp(const MigrationFolder& folder, const StampRequest& request,
                                const std::string& operation_id, const std::function<bool()>& keep_waiting) const;

 private:
  data_access::Driver& driver_;
  const RunnerOptions options_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STAMP_H_
