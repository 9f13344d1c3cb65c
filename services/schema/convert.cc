#include "services/schema/convert.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace bonnie::schema {

namespace {

void Set(absl::Duration from, google::protobuf::Duration* to) {
  to->set_seconds(absl::IDivDuration(from, absl::Seconds(1), &from));
  to->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(from)));
}

v1::OperationState ToProto(OperationState state) {
  switch (state) {
    case OperationState::kPlanned:
      return v1::OPERATION_STATE_PLANNED;
    case OperationState::kApproved:
      return v1::OPERATION_STATE_APPROVED;
    case OperationState::kRejected:
      return v1::OPERATION_STATE_REJECTED;
    case OperationState::kExpired:
      return v1::OPERATION_STATE_EXPIRED;
    case OperationState::kRunning:
      return v1::OPERATION_STATE_RUNNING;
    case OperationState::kSucceeded:
      return v1::OPERATION_STATE_SUCCEEDED;
    case OperationState::kFailed:
      return v1::OPERATION_STATE_FAILED;
    case OperationState::kCancelled:
      return v1::OPERATION_STATE_CANCELLED;
    case OperationState::kCutOff:
      return v1::OPERATION_STATE_CUT_OFF;
    case OperationState::kStamped:
      return v1::OPERATION_STATE_STAMPED;
    case OperationState::kDecided:
      return v1::OPERATION_STATE_DECIDED;
  }
  return v1::OPERATION_STATE_UNSPECIFIED;
}

v1::StepState ToProto(const RecoveryReport::Step& step) {
  if (step.still_running) return v1::STEP_STATE_STILL_RUNNING;
  switch (step.state) {
    case StepFinding::State::kDone:
      return v1::STEP_STATE_DONE;
    case StepFinding::State::kNotStarted:
      return v1::STEP_STATE_NOT_STARTED;
    case StepFinding::State::kApplied:
      return v1::STEP_STATE_APPLIED;
    case StepFinding::State::kUncertain:
      return v1::STEP_STATE_UNCERTAIN;
  }
  return v1::STEP_STATE_UNSPECIFIED;
}

// Each event's fields, by its type.
struct Filler {
  v1::ApplyPlanResponse& response;

  void operator()(const OperationStarted& event) const {
    response.mutable_started()->set_fingerprint(event.fingerprint);
    response.mutable_started()->set_steps(event.steps);
    response.mutable_started()->set_fence(event.fence);
  }
  void operator()(const StepRecovered& event) const {
    response.mutable_step_recovered()->set_revision(event.revision);
    response.mutable_step_recovered()->set_ordinal(event.ordinal);
    response.mutable_step_recovered()->set_was_applied(event.was_applied);
  }
  void operator()(const StepStarted& event) const {
    response.mutable_step_started()->set_index(event.index);
    response.mutable_step_started()->set_revision(event.revision);
    response.mutable_step_started()->set_ordinal(event.ordinal);
    response.mutable_step_started()->set_sql(event.sql);
  }
  void operator()(const StepDone& event) const {
    response.mutable_step_done()->set_index(event.index);
    Set(event.elapsed, response.mutable_step_done()->mutable_elapsed());
    response.mutable_step_done()->set_unforeseen(event.unforeseen);
  }
  void operator()(const RevisionDone& event) const {
    response.mutable_revision_done()->set_revision(event.revision);
    response.mutable_revision_done()->set_direction(ToProto(event.direction));
  }
  void operator()(const OperationDone& event) const {
    response.mutable_done()->mutable_current()->Assign(event.current.begin(), event.current.end());
    Set(event.elapsed, response.mutable_done()->mutable_elapsed());
  }
  void operator()(const StepProgress& event) const {
    v1::StepProgress* progress = response.mutable_step_progress();
    progress->set_index(event.index);
    progress->set_stage(event.progress.stage);
    progress->set_work_done(event.progress.work_done);
    progress->set_work_estimated(event.progress.work_estimated);
    Set(event.progress.elapsed, progress->mutable_elapsed());
  }
  void operator()(const LockWait& event) const {
    response.mutable_lock_wait()->set_index(event.index);
    response.mutable_lock_wait()->set_attempt(event.attempt);
    for (const Blocker& from : event.blockers) {
      v1::Blocker* blocker = response.mutable_lock_wait()->add_blockers();
      blocker->set_connection_id(from.connection_id);
      blocker->set_user(from.user);
      Set(from.elapsed, blocker->mutable_elapsed());
      blocker->set_activity(from.activity);
    }
  }
};

void AddStep(const PlanStep& from, v1::Plan& plan) {
  v1::PlanStep* step = plan.add_steps();
  step->set_revision(from.revision);
  step->set_ordinal(from.ordinal);
  step->set_sql(from.sql);
  step->set_file_name(from.file_name);
  step->set_line(from.line);
  step->set_drops_data(!from.loss.empty());
  step->set_already_done(from.already_done);
}

}  // namespace

v1::Direction ToProto(Direction direction) {
  return direction == Direction::kUp ? v1::DIRECTION_UP : v1::DIRECTION_DOWN;
}

void ToProto(absl::Time from, google::protobuf::Timestamp* to) {
  const std::int64_t micros = absl::ToUnixMicros(from);
  to->set_seconds(micros / 1000000);
  to->set_nanos(static_cast<int>(micros % 1000000) * 1000);
}

Applied AppliedOf(const MigrationFolder& folder, const LedgerState& ledger) {
  const std::vector<std::string> heads = ledger.HeadIds();
  return {folder.graph().Ancestors(heads), {heads.begin(), heads.end()}};
}

v1::Revision ToProto(const MigrationFolder& folder, const std::string& id, const Applied* applied) {
  const Revision& from = folder.at(id);
  v1::Revision revision;
  revision.set_id(id);
  revision.mutable_revises()->Assign(from.links.revises.begin(), from.links.revises.end());
  revision.mutable_depends_on()->Assign(from.links.depends_on.begin(), from.links.depends_on.end());
  revision.set_branch_label(from.links.branch_label);
  revision.set_message(from.message);
  revision.set_file_name(from.file_name);
  revision.set_hash(from.hash);
  const std::vector<std::string>& heads = folder.graph().heads();
  revision.set_is_head(std::binary_search(heads.begin(), heads.end(), id));
  if (applied != nullptr) {
    revision.set_is_applied(applied->revisions.count(id) > 0);
    revision.set_is_current(applied->heads.count(id) > 0);
  }
  return revision;
}

v1::Plan ToProto(const Plan& from) {
  v1::Plan plan;
  plan.set_site(from.site);
  plan.mutable_from()->Assign(from.from.begin(), from.from.end());
  plan.mutable_to()->Assign(from.to.begin(), from.to.end());
  plan.set_direction(ToProto(from.direction));
  for (const PlanRevision& revision : from.revisions) {
    v1::PlanRevision* to = plan.add_revisions();
    to->set_id(revision.id);
    to->set_hash(revision.hash);
    for (const PlanStep& step : revision.steps) AddStep(step, plan);
  }
  return plan;
}

v1::ApplyPlanResponse ToProto(const std::string& operation_id, const Operation::Event& event) {
  v1::ApplyPlanResponse response;
  response.set_operation_id(operation_id);
  response.set_sequence(event.sequence);
  ToProto(event.time, response.mutable_event_time());
  std::visit(Filler{response}, event.what);
  return response;
}

v1::Operation ToProto(const OperationRow& row, absl::string_view holder) {
  v1::Operation operation;
  operation.set_operation_id(row.operation_id);
  operation.set_state(ToProto(StateOf(row, holder)));
  operation.set_identity(row.identity);
  operation.set_is_downgrade(row.direction == Direction::kDown);
  operation.mutable_from()->Assign(row.from.begin(), row.from.end());
  operation.mutable_to()->Assign(row.to.begin(), row.to.end());
  operation.set_statements(row.statements);
  operation.set_statements_done(row.statements_done);
  if (row.begin_time.has_value()) ToProto(*row.begin_time, operation.mutable_begin_time());
  if (row.end_time.has_value()) ToProto(*row.end_time, operation.mutable_end_time());
  operation.set_outcome(row.outcome);
  operation.set_fence(row.fence);
  operation.set_fingerprint(row.fingerprint);
  return operation;
}

void Fill(const RecoveryReport& report, v1::RecoverOperationResponse* response) {
  response->set_operation_id(report.operation_id);
  response->set_revision(report.revision);
  response->set_is_downgrade(report.direction == Direction::kDown);
  response->mutable_to()->Assign(report.to.begin(), report.to.end());
  for (const RecoveryReport::Step& from : report.steps) {
    v1::RecoveredStep* step = response->add_steps();
    step->set_ordinal(from.ordinal);
    step->set_state(ToProto(from));
    step->set_sql(from.sql);
  }
  response->set_statements_total(report.statements_total);
}

}  // namespace bonnie::schema
