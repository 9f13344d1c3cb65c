#ifndef BONNIE_SERVICES_SCHEMA_STEP_ERROR_H_
#define BONNIE_SERVICES_SCHEMA_STEP_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/schema/lock_waits.h"
#include "services/schema/plan.h"

// What keeps a step of an operation from going on, told apart and told. All are pure, and name the statement's file and
// line; details: revision, ordinal, file, line.
namespace bonnie::schema {

// "versions/0002_add_name.sql:5".
std::string PlaceOf(const PlanStep& step);

// A lock that the statement wanted was not to be had in time.
bool IsLockTimeout(const absl::Status& run);
// Somebody killed the statement.
bool IsInterrupted(const absl::Status& run);
// The session is gone, or the answer was lost: what became of the statement is not known.
bool IsConnectionLost(const absl::Status& run);
// The server will not run `step` with the clause of its forecast, and has not.
bool IsForecastMissed(const PlanStep& step, const absl::Status& run);

// kFailedPrecondition STATEMENT_FAILED, with the server's words where they hold names only, its error number and, of a
// broken one, the constraint.
absl::Status StatementFailed(const PlanStep& step, const absl::Status& run);
// kAborted LOCK_TIMEOUT, for a table and for rows; `blockers`: who had the table.
absl::Status TableInUse(const PlanStep& step, absl::Duration lock_wait, const std::vector<Blocker>& blockers);
absl::Status RowsInUse(const PlanStep& step);
// kAborted OPERATION_CANCELLED.
absl::Status StatementCancelled(const PlanStep& step);
// kFailedPrecondition FORECAST_MISSED; `allow` is the code that lets it run all the same.
absl::Status ForecastMissed(const PlanStep& step, absl::string_view allow);
// kFailedPrecondition UNFORESEEN_CHANGE: the statement is done, and left something else than was forecast; `allow` is
// the code that lets an operation go on all the same.
absl::Status UnforeseenChange(const PlanStep& step, absl::string_view allow);
// kUnavailable DATABASE_UNAVAILABLE.
absl::Status StatementCutOff(const PlanStep& step, const absl::Status& run);
// kFailedPrecondition STEP_UNCERTAIN; `operation_id` is the one in which it was cut off.
absl::Status StepUncertain(const PlanStep& step, const std::string& operation_id);
// kFailedPrecondition REVISION_EDITED.
absl::Status RunStatementEdited(const PlanStep& step);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STEP_ERROR_H_
