#include "services/schema/step_finding.h"

#include "services/data_access/status_macros.h"

namespace bonnie::schema {

absl::StatusOr<StepFinding> FindOut(DdlSession& ddl, const JournalStep& step) {
  using State = StepFinding::State;
  if (step.done) return StepFinding{};
  BONNIE_ASSIGN_OR_RETURN(StatementFacts facts, LookAt(step.statement));
  BONNIE_ASSIGN_OR_RETURN(std::string now, ddl.Fingerprint(facts.objects));
  if (now == step.before) return StepFinding{State::kNotStarted, now};
  if (!step.expected.empty()) return StepFinding{now == step.expected ? State::kApplied : State::kUncertain, now};
  for (const SchemaObject& object : facts.objects) {
    BONNIE_ASSIGN_OR_RETURN(bool exists, ddl.Exists(object));
    if (exists != object.there_afterwards) return StepFinding{State::kUncertain, now};
  }
  return StepFinding{State::kApplied, now};
}

}  // namespace bonnie::schema
