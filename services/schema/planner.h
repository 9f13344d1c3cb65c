#ifndef BONNIE_SERVICES_SCHEMA_PLANNER_H_
#define BONNIE_SERVICES_SCHEMA_PLANNER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/data_access/budget.h"
#include "services/data_access/pool.h"
#include "services/schema/forecast.h"
#include "services/schema/lint.h"
#include "services/schema/migration_dir.h"
#include "services/schema/plan_store.h"
#include "services/schema/runner.h"
#include "services/schema/stamp_plan.h"

namespace bonnie::schema {

// Who has to approve a plan: nobody; somebody; somebody who neither made it nor pushed one of its revisions.
enum class ApprovalPolicy { kNone, kSelf, kOther };

// Whether the caller who asks for a plan may apply one. A plan that is only looked at is not kept: looking would make
// the caller the author of what others wrote.
enum class PlanUse { kToApply, kToLookAt };

// What is needed to continue an operation that was cut off.
struct Resumption {
  std::vector<StepForecast> forecasts;  // one for each step of what is left
  std::vector<std::string> allow;       // codes that count
};

// Makes plans, keeps them, and says which may be applied.
//
// A plan is kept in the ledger and known by its fingerprint, so that whoever approves and whoever applies mean the same
// statements on the same tables; any instance of the service can do either.
//
// Thread-safe; what it is given outlives it. All methods block for queries, Make for scratch databases too.
class Planner {
 public:
  // `site`: its name, as plans carry it.
  Planner(data_access::Pool& pool, MigrationDir& dir, Forecaster& forecaster, std::string site, ApprovalPolicy policy,
          LintOptions lint = {})
      : pool_(pool),
        dir_(dir),
        forecaster_(forecaster),
        site_(std::move(site)),
        policy_(policy),
        lint_(std::move(lint)) {}

  // Plans the way to `target` and keeps it for kPlanLife, under the author `identity`; a plan that is open and the same
  // is answered as it is. A plan with nothing to do, or to look at, is not kept and has no id. Errors of MakePlan,
  // Forecaster::Look, CheckLedger and the connection.
  absl::StatusOr<v1::Plan> Make(const std::string& target, Direction direction, const std::string& identity,
                                const data_access::Budget& budget, PlanUse use = PlanUse::kToApply);
  // Keeps a stamp that is planned (stamp_plan.h) likewise.
  absl::StatusOr<v1::Plan> KeepStamp(data_access::Session& session, const StampPlan& stamp,
                                     const std::string& identity);
  // Whether a stamp may be applied now, with what `allow` and its approval accept. `plan` is kept, or the policy wants
  // no approval. kFailedPrecondition PLAN_NOT_APPROVED, FINDING_NOT_ALLOWED.
  absl::Status CheckStamp(data_access::Session& session, const v1::Plan& plan,
                          const std::vector<std::string>& allow) const;
  ApprovalPolicy policy() const { return policy_; }
  // The kept plan of that id, or beginning of one. Errors of FindPlan.
  absl::StatusOr<v1::Plan> Find(data_access::Session& session, const std::string& id) const;
  // Approves or rejects. The errors of MigrationService.ApprovePlan.
  absl::StatusOr<v1::Plan> Decide(data_access::Session& session, const v1::ApprovePlanRequest& request,
                                  const std::string& identity) const;
  // What the runner is to do for `request`. The errors of MigrationService.ApplyPlan that come before the lease.
  absl::StatusOr<ApplyRequest> ToApply(const v1::ApplyPlanRequest& request, const std::string& identity,
                                       const data_access::Budget& budget) const;
  // Forecasts and allowed codes for continuing operation `id` with `rest`, its remaining statements. `allow`: the codes
  // of the request.
  // kFailedPrecondition PLAN_NOT_APPROVED: the site requires approvals, and a statement of the rest is not one of the
  // plan that was approved (or no plan is kept of the operation). PLAN_CHANGED: a statement that may
  // change values of rows was not planned.
  absl::StatusOr<Resumption> ToResume(data_access::Session& session, const std::string& id, const Plan& rest,
                                      const std::vector<std::string>& allow) const;
  // Whether `identity` may say what becomes of `revision`, which operation `id` left unfinished, instead of having its
  // plan carried out. kPermissionDenied AUTHOR_MAY_NOT_APPROVE: the site requires somebody who neither made the plan
  // nor pushed one of its revisions.
  absl::Status CheckMayRecover(data_access::Session& session, const std::string& id, const std::string& revision,
                               const std::string& identity) const;

 private:
  // The open plan of the fingerprint of `wanted`, which is kept if there is none and `use` says so; else `message`.
  absl::StatusOr<v1::Plan> Keep(data_access::Session& session, KeptPlan wanted, v1::Plan message, PlanUse use) const;
  absl::StatusOr<v1::Plan> ToMessage(data_access::Querier& querier, const KeptPlan& kept) const;
  absl::Status CheckApproval(const KeptPlan& kept, const v1::Plan& plan) const;
  // The codes that count: those of a request and of the plan's approval.
  std::vector<std::string> Allowed(std::vector<std::string> requested, const KeptPlan* kept) const;

  data_access::Pool& pool_;
  MigrationDir& dir_;
  Forecaster& forecaster_;
  const std::string site_;
  const ApprovalPolicy policy_;
  const LintOptions lint_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLANNER_H_
