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
  }
  void operator()(const RevisionDone& event) const {
    response.mutable_revision_done()->set_revision(event.revision);
    response.mutable_revision_done()->set_direction(ToProto(event.direction));
  }
  void operator()(const OperationDone& event) const {
    response.mutable_done()->mutable_current()->Assign(event.current.begin(), event.current.end());
    Set(event.elapsed, response.mutable_done()->mutable_elapsed());
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

}  // namespace bonnie::schema
