#ifndef BONNIE_SERVICES_SCHEMA_RECOVERY_H_
#define BONNIE_SERVICES_SCHEMA_RECOVERY_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/data_access/driver.h"
#include "services/schema/migration_dir.h"
#include "services/schema/runner.h"
#include "services/schema/step_finding.h"

namespace bonnie::schema {

// What an operation that was cut off left behind.
struct RecoveryReport {
  struct Step {
    int ordinal = 0;
    std::string sql;
    StepFinding::State state = StepFinding::State::kDone;
    bool still_running = false;  // the server runs it for a process that is gone; then `state` is not known
  };
  std::string operation_id;  // empty: nothing is unfinished
  std::string revision;
  Direction direction = Direction::kUp;
  std::vector<std::string> to;  // heads that it was to reach
  std::vector<Step> steps;      // those that the journal knows
  int statements_total = 0;     // of the revision; 0: its file is gone
};

// Looks at what became of an operation that was cut off, and writes down what somebody decides about it. What can be
// told by looking needs no decision: the next run goes on by itself. Thread-safe; `driver` and `dir` outlive it.
class Recovery {
 public:
  Recovery(data_access::Driver& driver, MigrationDir& dir, RunnerOptions options)
      : driver_(driver), dir_(dir), options_(std::move(options)) {}

  // Looks. `prefix` begins the operation's id; empty: whichever is unfinished. Takes no lease and makes no tables.
  // Blocks. kFailedPrecondition OPERATION_RUNNING: somebody holds the lease. OPERATION_ENDED: the unfinished one is
  // another. kNotFound OPERATION_UNKNOWN, kInvalidArgument OPERATION_AMBIGUOUS. Errors of the connection.
  absl::StatusOr<RecoveryReport> Look(const std::string& prefix) const;

  // Who decides, under which id that is recorded, and whether to go on waiting for the lease.
  struct Decider {
    std::string identity;
    std::string operation_id;
    std::function<bool()> keep_waiting;
  };
  // Writes down, under the lease, that statement `ordinal` of the unfinished revision is done, or that its revision is
  // abandoned. Answers what is unfinished then. Errors of Look and Lease::Acquire. kFailedPrecondition
  // NOTHING_UNFINISHED; OPERATION_STILL_RUNNING: the server runs a statement yet. ORDINAL_TOO_EARLY:
  // a statement before it is not done. kInvalidArgument ORDINAL_UNKNOWN: no such one, or not for this flavour.
  absl::StatusOr<RecoveryReport> AssumeDone(const std::string& prefix, int ordinal, const Decider& decider) const;
  absl::StatusOr<RecoveryReport> Abandon(const std::string& prefix, const Decider& decider) const;

 private:
  class Held;
  absl::StatusOr<RecoveryReport> LookWith(DdlSession& ddl, const std::string& prefix) const;
  // The report of what is unfinished, once that can be decided about.
  absl::StatusOr<RecoveryReport> Undecided(const std::string& prefix) const;
  absl::StatusOr<RecoveryReport> Decide(const std::string& prefix, const Decider& decider, const char* outcome,
                                        absl::FunctionRef<absl::Status(Held&)> write) const;
  absl::Status WriteAssumeDone(Held& held, int ordinal) const;

  data_access::Driver& driver_;
  MigrationDir& dir_;
  const RunnerOptions options_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_RECOVERY_H_
