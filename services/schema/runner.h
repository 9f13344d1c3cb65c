#ifndef BONNIE_SERVICES_SCHEMA_RUNNER_H_
#define BONNIE_SERVICES_SCHEMA_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/schema/forecast.h"
#include "services/schema/lock_waits.h"
#include "services/schema/migration_dir.h"
#include "services/schema/operation_control.h"
#include "services/schema/plan.h"
#include "services/schema/progress.h"

namespace bonnie::schema {

// What was found when a plan that is kept was made.
struct PlannedBefore {
  std::string plan_id;               // its row becomes the operation's
  std::string fingerprint;           // the whole plan's
  std::vector<ObjectState> objects;  // what its statements touch
  std::vector<StepForecast> steps;   // one for each of the plan's
};

// What to apply, as it was planned.
struct ApplyRequest {
  std::string identity;  // for whom
  std::string target;
  Direction direction = Direction::kUp;
  std::string fingerprint;  // Plan::fingerprint
  std::vector<std::string> allow;
  absl::optional<PlannedBefore> planned = {};  // nullopt: the plan is not kept
  std::string resumes = {};                    // the operation with whose plan, if one was kept, this goes on
  std::vector<StepForecast> forecasts = {};    // of a plan that is not kept, one for each step; none: nothing is known
};

// What happens during an operation, in this order; the messages of ApplyPlanResponse say more.
struct OperationStarted {
  std::string fingerprint;
  int steps = 0;
  std::int64_t fence = 0;
};
struct StepRecovered {
  std::string revision;
  int ordinal = 0;
  bool was_applied = false;
};
struct StepStarted {
  int index = 0;
  std::string revision;
  int ordinal = 0;
  std::string sql;
};
struct StepDone {
  int index = 0;
  absl::Duration elapsed;
  bool unforeseen = false;  // what it touched reads otherwise now than its forecast said
};
// Of a statement that takes long; may come at any time between its StepStarted and its StepDone.
struct StepProgress {
  int index = 0;
  StatementProgress progress;
};
struct LockWait {
  int index = 0;
  int attempt = 0;  // from 1
  std::vector<Blocker> blockers;
};
struct RevisionDone {
  std::string revision;
  Direction direction = Direction::kUp;
};
struct OperationDone {
  std::vector<std::string> current;
  absl::Duration elapsed;
};
using OperationEvent = std::variant<OperationStarted, StepRecovered, StepStarted, StepDone, RevisionDone, OperationDone,
                                    StepProgress, LockWait>;

// A place between two statements that the runner sends.
enum class RunnerPoint {
  kLeaseTaken,
  kBeforeIntent,
  kIntentWritten,
  kStatementRun,
  kDoneWritten,
  kBeforeAdvance,
  kAdvanced,
};

struct RunnerOptions {
  std::string site;
  data_access::ConnectOptions connect;               // as the schema user
  absl::Duration guard_timeout = absl::Seconds(30);  // LeaseOptions::guard_timeout
  absl::Duration lock_wait = absl::Seconds(2);   // how long readers may queue behind a statement that waits for a table
  int lock_attempts = 10;                        // before giving up
  absl::Duration lock_pause = absl::Seconds(1);  // between attempts, so that those readers get on
  // The same for a statement that copies a table: it waits again at its end, and then throws the finished copy away.
  absl::Duration rebuild_lock_wait = absl::Seconds(60);
  std::function<void(RunnerPoint)> observer;  // told at each point, on the runner's thread; may be empty
};

// Applies plans: lease, verify, apply, journal, recover.
//
// MySQL commits at each DDL statement, so a crash can fall between any two. Each statement's intent is written before
// it runs, with the fingerprint of what it touches; whether one whose end was not written has run is decided by
// looking (step_finding.h). Statements that change rows commit with their journal row. Wherever it was cut off, the
// next run ends where an uncut one would have, and runs nothing twice.
//
// Thread-safe; `driver` and `dir` outlive it.
class Runner {
 public:
  Runner(data_access::Driver& driver, MigrationDir& dir, RunnerOptions options)
      : driver_(driver), dir_(dir), options_(std::move(options)) {}

  // Applies. Blocks until done, and calls `sink` from one thread at a time, not always this one. Between two statements
  // it asks `control` whether to go on, and ends with what that says; the next run goes on from there. Errors of
  // Lease::Acquire, MakePlan and the connection. kFailedPrecondition PLAN_CHANGED: planning gives another fingerprint.
  // SCHEMA_CHANGED: what its statements touch is not what it was when the plan was made; the difference is in the
  // message. PLAN_BEGUN: somebody applied or rejected it already. DATA_LOSS_NOT_ALLOWED. FORECAST_MISSED: the server
  // refused to run a statement as forecast; nothing of it happened. UNFORESEEN_CHANGE: a statement ran, and its
  // result differs from the forecast; the next run continues after it. STEP_UNCERTAIN: what became of a statement that
  // was cut off cannot be told (Recovery). kAborted LOCK_TIMEOUT: a table was in use in every attempt; by whom is in
  // the message. OPERATION_CANCELLED. kFailedPrecondition STATEMENT_FAILED: the server refused a statement; revision, file,
  // line and the server's error number are in the details.
  absl::Status Run(const ApplyRequest& request, const std::string& operation_id,
                   const std::function<void(const OperationEvent&)>& sink, OperationControl& control);

 private:
  class Operation;

  data_access::Driver& driver_;
  MigrationDir& dir_;
  const RunnerOptions options_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_RUNNER_H_
