#ifndef BONNIE_SERVICES_SCHEMA_STEP_FINDING_H_
#define BONNIE_SERVICES_SCHEMA_STEP_FINDING_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/schema/ddl_session.h"
#include "services/schema/plan.h"

namespace bonnie::schema {

// What became of a journalled statement.
struct StepFinding {
  enum class State {
    kDone,        // the journal says so
    kNotStarted,  // what it touches is as it was
    kApplied,     // what it touches is as it would leave it
    kUncertain,   // neither: somebody else changed it, or the server left something halfway
  } state = State::kDone;
  std::string now;  // the fingerprint of what it touches; empty when nobody looked
};

// Finds out what became of a statement whose intent is journalled, by looking at the database. The fingerprint that it
// was expected to leave decides where it was known; otherwise any change does, if what the statement makes is there and
// what it drops is gone. Nothing may run it meanwhile. Blocks. Errors of LookAt and the connection.
absl::StatusOr<StepFinding> FindOut(DdlSession& ddl, const JournalStep& step);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STEP_FINDING_H_
