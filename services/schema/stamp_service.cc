#include "services/schema/stamp_service.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/adoption.h"
#include "services/schema/ledger.h"
#include "services/schema/operations.h"
#include "services/schema/planner.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Budget;
using data_access::Session;

// Compares, and remembers what was seen for the answer.
absl::StatusOr<StampSight> LookFor(const ServiceParts& parts, const MigrationFolder& folder, const StampCall& call,
                                   const std::vector<std::string>& goal, const Budget& budget) {
  BONNIE_ASSIGN_OR_RETURN(StampSight sight, LookAtStamp(parts.sources, folder, goal, budget.deadline));
  if (!call.from_tool.empty() && !sight.drift.empty()) return SchemaDiffers(goal, sight.drift);
  return sight;
}

// Keeps the plan where the policy requires approvals, and checks that the stamp may be written. Returns the plan's id,
// which becomes the operation's; empty where none is kept.
absl::StatusOr<std::string> Permit(const ServiceParts& parts, Session& session, StampPlan& plan,
                                   const StampCall& call) {
  if (parts.planner.policy() != ApprovalPolicy::kNone) {
    BONNIE_ASSIGN_OR_RETURN(plan.message, parts.planner.KeepStamp(session, plan, call.stamp.identity));
  }
  BONNIE_RETURN_IF_ERROR(parts.planner.CheckStamp(session, plan.message, call.allow));
  return plan.message.plan_id();
}

}  // namespace

absl::StatusOr<StampDone> StampAsPlanned(const ServiceParts& parts, const Stamper& stamper, StampCall call,
                                         const Budget& budget) {
  StampDone done;
  BONNIE_ASSIGN_OR_RETURN(auto folder, parts.dir.Load());
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, parts.sources.Connect(budget.deadline));
  if (!call.from_tool.empty()) {
    BONNIE_ASSIGN_OR_RETURN(done.tool_revisions, ReadAlembicVersions(*session));
  }
  BONNIE_ASSIGN_OR_RETURN(const LedgerState ledger, ReadLedger(*session));
  BONNIE_ASSIGN_OR_RETURN(const std::vector<std::string> goal, StampGoal(*folder, ledger, call.stamp));
  StampPlan plan = PlanStamp(parts.site, std::string(session->schema()), *folder, ledger, goal, call, {});
  const bool moves = !plan.message.steps().empty();
  StampSight sight;
  if (moves || !call.from_tool.empty()) {
    BONNIE_ASSIGN_OR_RETURN(sight, LookFor(parts, *folder, call, goal, budget));
  }
  if (moves) {
    plan = PlanStamp(parts.site, std::string(session->schema()), *folder, ledger, goal, call, sight.contradictions);
    BONNIE_ASSIGN_OR_RETURN(call.stamp.plan_id, Permit(parts, *session, plan, call));
    call.stamp.expected = ledger.HeadIds();
    call.stamp.look_again = [&](const std::vector<std::string>& heads) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(const StampSight now, LookFor(parts, *folder, call, heads, budget));
      if (heads == goal && now.contradictions == sight.contradictions) return absl::OkStatus();
      return server::Error(absl::StatusCode::kFailedPrecondition,
                           "the database changed while the stamp was planned; stamp again",
                           {.reason = "SCHEMA_CHANGED"});
    };
  }
  done.operation_id = call.stamp.plan_id.empty() ? NewOperationId() : call.stamp.plan_id;
  const auto keep_waiting = [&] { return absl::Now() < budget.deadline && !budget.cancellation->cancelled(); };
  BONNIE_ASSIGN_OR_RETURN(done.stamped, stamper.Stamp(*folder, call.stamp, done.operation_id, keep_waiting));
  done.unmanaged_tables = std::move(sight.unmanaged_tables);
  done.unsupported = std::move(sight.unsupported);
  return done;
}

}  // namespace bonnie::schema
