#include "services/schema/planner.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter_clause.h"
#include "services/schema/convert.h"
#include "services/schema/forecast_values.h"
#include "services/schema/ledger.h"
#include "services/schema/lint.h"
#include "services/schema/operations.h"
#include "services/schema/plan_content.h"
#include "services/schema/plan_findings.h"
#include "services/schema/push_store.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Budget;
using data_access::Querier;
using data_access::Session;

absl::Status PlanRefused(absl::string_view reason, absl::string_view message, const KeptPlan& kept) {
  return server::Error(absl::StatusCode::kFailedPrecondition, reason, absl::StrCat("plan ", kept.id, ": ", message),
                       {{"plan_id", kept.id}});
}

v1::ApprovalPolicy ToProto(ApprovalPolicy policy) {
  switch (policy) {
    case ApprovalPolicy::kNone:
      return v1::APPROVAL_POLICY_NONE;
    case ApprovalPolicy::kSelf:
      return v1::APPROVAL_POLICY_SELF;
    case ApprovalPolicy::kOther:
      return v1::APPROVAL_POLICY_OTHER;
  }
  return v1::APPROVAL_POLICY_OTHER;
}

// Says in `plan` who pushed its revisions.
absl::Status FillPushers(Querier& querier, v1::Plan* plan) {
  std::set<std::string> ids;
  for (const v1::PlanRevision& revision : plan->revisions()) ids.insert(revision.id());
  for (const v1::PlanStep& step : plan->steps()) {  // of a plan that an earlier release kept, which names no revisions
    if (ids.insert(step.revision()).second) plan->add_revisions()->set_id(step.revision());
  }
  BONNIE_ASSIGN_OR_RETURN(const auto pushers, ReadPushers(querier, ids));
  for (v1::PlanRevision& revision : *plan->mutable_revisions()) {
    const auto found = pushers.find(revision.id());
    if (found != pushers.end()) revision.mutable_pushed_by()->Assign(found->second.begin(), found->second.end());
  }
  return absl::OkStatus();
}

// kPermissionDenied AUTHOR_MAY_NOT_APPROVE: `identity` made the plan or pushed one of its revisions.
absl::Status CheckIsOther(const v1::Plan& plan, const std::string& identity) {
  std::string deed = plan.author() == identity ? "made it" : "";
  for (const v1::PlanRevision& revision : plan.revisions()) {
    const auto& pushers = revision.pushed_by();
    if (!deed.empty() || std::find(pushers.begin(), pushers.end(), identity) == pushers.end()) continue;
    deed = absl::StrCat("pushed its revision ", revision.id());
  }
  if (deed.empty()) return absl::OkStatus();
  return server::Error(absl::StatusCode::kPermissionDenied, "AUTHOR_MAY_NOT_APPROVE",
                       absl::StrCat("plan ", plan.plan_id(), ": ", identity, " ", deed,
                                    "; this site requires the approval of somebody else"),
                       {{"plan_id", plan.plan_id()}});
}

// Of a statement without a forecast.
bool MayChangeValues(const schema::PlanStep& step) {
  const absl::optional<AlterStatement> statement = ReadAlterStatement(step.sql);
  return !step.already_done && statement.has_value() && !UnknownValueLosses(*statement).empty();
}

bool IsDecidedSo(const KeptPlan& kept, const v1::ApprovePlanRequest& request, const std::string& identity) {
  return kept.approval.has_value() && kept.approval->identity == identity &&
         kept.approval->approved == (request.decision() == v1::PLAN_DECISION_APPROVE) &&
         kept.approval->allow == std::vector<std::string>(request.allow().begin(), request.allow().end());
}

absl::Status CheckUndecided(const KeptPlan& kept) {
  if (kept.is_begun) return PlanRefused("PLAN_BEGUN", "it is applied already, or was", kept);
  if (kept.is_expired) return PlanRefused("PLAN_EXPIRED", "it is older than 24 hours; plan again", kept);
  if (!kept.approval.has_value()) return absl::OkStatus();
  return PlanRefused("PLAN_DECIDED",
                     absl::StrCat("it was ", kept.approval->approved ? "approved" : "rejected", " by ",
                                  kept.approval->identity, " already; plan again"),
                     kept);
}

}  // namespace

absl::StatusOr<v1::Plan> Planner::Make(const std::string& target, Direction direction, const std::string& identity,
                                       const Budget& budget, PlanUse use) {
  BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
  schema::Plan plan;
  data_access::Flavour flavour = data_access::Flavour::kMySql;
  {
    BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, pool_.Acquire(budget));
    BONNIE_ASSIGN_OR_RETURN(const LedgerState ledger, ReadLedger(*session));
    flavour = session->flavour();
    BONNIE_ASSIGN_OR_RETURN(plan, MakePlan(*folder, ledger, flavour, site_, target, direction));
  }
  v1::Plan message = schema::ToProto(plan);
  message.set_approval_policy(ToProto(policy_));
  if (plan.revisions.empty()) {
    message.set_fingerprint(plan.fingerprint);
    return message;
  }
  BONNIE_ASSIGN_OR_RETURN(const PlanForecast forecast, forecaster_.Look(plan, budget.deadline));
  FillForecast(forecast, &message);
  AddFindings(plan, forecast, flavour, lint_, &message);
  message.set_fingerprint(FullFingerprint(plan.fingerprint, target, message));
  BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, pool_.Acquire(budget));
  return Keep(*session,
              {.base_fingerprint = plan.fingerprint,
               .author = identity,
               .target = target,
               .direction = plan.direction,
               .statements = plan.step_count()},
              std::move(message), use);
}

absl::StatusOr<v1::Plan> Planner::KeepStamp(Session& session, const StampPlan& stamp, const std::string& identity) {
  v1::Plan message = stamp.message;
  message.set_approval_policy(ToProto(policy_));
  return Keep(session,
              {.base_fingerprint = stamp.base_fingerprint,
               .author = identity,
               .target = stamp.target,
               .direction = Direction::kUp,
               .statements = message.steps_size(),
               .is_stamp = true},
              std::move(message), PlanUse::kToApply);
}

absl::StatusOr<v1::Plan> Planner::Keep(Session& session, KeptPlan wanted, v1::Plan message, PlanUse use) const {
  BONNIE_ASSIGN_OR_RETURN(absl::optional<KeptPlan> kept, FindOpenPlan(session, message.fingerprint()));
  if (!kept.has_value() && use == PlanUse::kToLookAt) {
    BONNIE_RETURN_IF_ERROR(FillPushers(session, &message));
    return message;
  }
  if (!kept.has_value()) {
    wanted.id = NewOperationId();
    wanted.fingerprint = message.fingerprint();
    wanted.from = {message.from().begin(), message.from().end()};
    wanted.to = {message.to().begin(), message.to().end()};
    wanted.content = WriteContent(message);
    BONNIE_RETURN_IF_ERROR(KeepPlan(session, wanted));
    BONNIE_ASSIGN_OR_RETURN(kept, FindOpenPlan(session, message.fingerprint()));
    if (!kept.has_value()) return absl::InternalError("a plan that was kept is gone");
  }
  return ToMessage(session, *kept);
}

absl::StatusOr<v1::Plan> Planner::ToMessage(Querier& querier, const KeptPlan& kept) const {
  BONNIE_ASSIGN_OR_RETURN(v1::Plan message, ReadContent(kept));
  message.set_approval_policy(ToProto(policy_));
  BONNIE_RETURN_IF_ERROR(FillPushers(querier, &message));
  return message;
}

absl::StatusOr<v1::Plan> Planner::Find(Session& session, const std::string& id) const {
  BONNIE_ASSIGN_OR_RETURN(const KeptPlan kept, FindPlan(session, id));
  return ToMessage(session, kept);
}

absl::StatusOr<v1::Plan> Planner::Decide(Session& session, const v1::ApprovePlanRequest& request,
                                         const std::string& identity) const {
  BONNIE_ASSIGN_OR_RETURN(const KeptPlan kept, FindPlan(session, request.plan_id()));
  if (kept.fingerprint != request.fingerprint()) {
    return PlanRefused("PLAN_CHANGED", "its fingerprint is another than the one given; look at it again", kept);
  }
  if (IsDecidedSo(kept, request, identity)) return ToMessage(session, kept);
  BONNIE_RETURN_IF_ERROR(CheckUndecided(kept));
  const bool approve = request.decision() == v1::PLAN_DECISION_APPROVE;
  BONNIE_ASSIGN_OR_RETURN(const v1::Plan plan, ToMessage(session, kept));
  if (approve && policy_ == ApprovalPolicy::kOther) BONNIE_RETURN_IF_ERROR(CheckIsOther(plan, identity));
  PlanApproval approval{.approved = approve,
                        .identity = identity,
                        .allow = {request.allow().begin(), request.allow().end()},
                        .comment = request.comment()};
  if (approve) BONNIE_RETURN_IF_ERROR(CheckFindings(plan, approval.allow));
  BONNIE_ASSIGN_OR_RETURN(const bool written, DecidePlan(session, kept.id, approval));
  BONNIE_ASSIGN_OR_RETURN(const KeptPlan decided, FindPlan(session, kept.id));
  if (!written && !IsDecidedSo(decided, request, identity)) return CheckUndecided(decided);
  return ToMessage(session, decided);
}

absl::Status Planner::CheckApproval(const KeptPlan& kept, const v1::Plan& plan) const {
  if (policy_ == ApprovalPolicy::kNone) return absl::OkStatus();
  const bool approved = kept.approval.has_value() && kept.approval->approved &&
                        (policy_ == ApprovalPolicy::kSelf || CheckIsOther(plan, kept.approval->identity).ok());
  if (approved) return absl::OkStatus();
  return PlanRefused(
      "PLAN_NOT_APPROVED",
      absl::StrCat(
          "this site requires its approval",
          policy_ == ApprovalPolicy::kOther ? " by somebody who neither made it nor pushed one of its revisions" : "",
          " first: `bonnie schema approve ", kept.id.substr(0, 8), "`"),
      kept);
}

absl::Status Planner::CheckStamp(Session& session, const v1::Plan& plan, const std::vector<std::string>& allow) const {
  std::vector<std::string> allowed = allow;
  if (policy_ != ApprovalPolicy::kNone) {
    BONNIE_ASSIGN_OR_RETURN(const KeptPlan kept, FindPlan(session, plan.plan_id()));
    BONNIE_RETURN_IF_ERROR(CheckApproval(kept, plan));
    // What was found is part of what was approved.
    allowed = kept.approval->allow;
  }
  return CheckFindings(plan, allowed);
}

std::vector<std::string> Planner::Allowed(std::vector<std::string> requested, const KeptPlan* kept) const {
  if (policy_ != ApprovalPolicy::kNone) {  // what was forecast is part of what was approved
    std::erase(requested, kAnyAlgorithmCode);
    std::erase(requested, kUnforeseenCode);
  }
  if (kept != nullptr && kept->approval.has_value()) {
    const std::vector<std::string>& approved = kept->approval->allow;
    requested.insert(requested.end(), approved.begin(), approved.end());
  }
  return requested;
}

absl::StatusOr<ApplyRequest> Planner::ToApply(const v1::ApplyPlanRequest& request, const std::string& identity,
                                              const Budget& budget) const {
  BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, pool_.Acquire(budget));
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<KeptPlan> kept, FindOpenPlan(*session, request.fingerprint()));
  if (!kept.has_value()) {
    return server::Error(
        absl::StatusCode::kFailedPrecondition, "PLAN_UNKNOWN",
        "fingerprint: no plan of it is kept that can be applied (it may have been applied, rejected, or be older "
        "than 24 hours); plan again");
  }
  if (kept->is_stamp) {
    return PlanRefused("PLAN_IS_STAMP", "it is a stamp, which StampRevision applies: `bonnie schema stamp`", *kept);
  }
  BONNIE_ASSIGN_OR_RETURN(const v1::Plan plan, ToMessage(*session, *kept));
  BONNIE_RETURN_IF_ERROR(CheckApproval(*kept, plan));
  std::vector<std::string> allow = Allowed({request.allow().begin(), request.allow().end()}, &*kept);
  BONNIE_RETURN_IF_ERROR(CheckFindings(plan, allow));
  return ApplyRequest{.identity = identity,
                      .target = kept->target,
                      .direction = kept->direction,
                      .fingerprint = kept->base_fingerprint,
                      .allow = std::move(allow),
                      .planned = PlannedFrom(plan)};
}

absl::StatusOr<Resumption> Planner::ToResume(Session& session, const std::string& id, const schema::Plan& rest,
                                             const std::vector<std::string>& allow) const {
  const absl::Status unapproved =
      server::Error(absl::StatusCode::kFailedPrecondition, "PLAN_NOT_APPROVED",
                    absl::StrCat("operation ", id,
                                 " cannot be resumed without an approval: what is left of it is not a plan that was "
                                 "approved; plan again, and let that be approved"),
                    {{"operation", id}});
  const absl::StatusOr<KeptPlan> kept = FindPlan(session, id);
  std::map<std::string, StepForecast> forecasts;  // by statement
  if (kept.ok()) {
    BONNIE_ASSIGN_OR_RETURN(const v1::Plan approved, ToMessage(session, *kept));
    BONNIE_RETURN_IF_ERROR(CheckApproval(*kept, approved));
    const PlannedBefore planned = PlannedFrom(approved);
    for (int i = 0; i < approved.steps_size(); ++i) {
      const v1::PlanStep& step = approved.steps(i);
      forecasts[absl::StrCat(step.revision(), " ", step.ordinal(), " ", step.sql())] = planned.steps[i];
    }
  } else if (!absl::IsNotFound(kept.status())) {
    return kept.status();
  }
  Resumption resumption{.forecasts = {}, .allow = Allowed(allow, kept.ok() ? &*kept : nullptr)};
  for (const PlanRevision& revision : rest.revisions) {
    for (const schema::PlanStep& step : revision.steps) {
      const auto found = forecasts.find(absl::StrCat(step.revision, " ", step.ordinal, " ", step.sql));
      if (found == forecasts.end() && policy_ != ApprovalPolicy::kNone) return unapproved;
      if (found == forecasts.end() && MayChangeValues(step)) {
        return server::FailedPrecondition(
            "PLAN_CHANGED",
            absl::StrCat("versions/", step.file_name, ":", step.line,
                         ": this statement may change values of rows, and was not planned; plan again instead of "
                         "resuming, and look at it"),
            {{"operation", id}});
      }
      resumption.forecasts.push_back(found == forecasts.end() ? StepForecast{.sql = step.sql} : found->second);
    }
  }
  return resumption;
}

absl::Status Planner::CheckMayRecover(Session& session, const std::string& id, const std::string& revision,
                                      const std::string& identity) const {
  if (policy_ != ApprovalPolicy::kOther) return absl::OkStatus();
  const absl::StatusOr<KeptPlan> kept = FindPlan(session, id);
  if (kept.ok()) {
    BONNIE_ASSIGN_OR_RETURN(const v1::Plan plan, ToMessage(session, *kept));
    return CheckIsOther(plan, identity);
  }
  if (!absl::IsNotFound(kept.status())) return kept.status();
  v1::Plan resumed;  // no plan is kept of this operation: its author is unknown, the pushers are not
  resumed.set_plan_id(id);
  resumed.add_revisions()->set_id(revision);
  BONNIE_RETURN_IF_ERROR(FillPushers(session, &resumed));
  return CheckIsOther(resumed, identity);
}

}  // namespace bonnie::schema
