// MigrationService's handlers that make plans and decide about them.
#include <string>
#include <utility>
#include <vector>

#include "services/data_access/status_macros.h"
#include "services/schema/migration_service.h"
#include "services/schema/planner.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kPlanMigration{kMigrationService, "PlanMigration", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kApprovePlan{kMigrationService, "ApprovePlan", absl::Seconds(5), absl::Seconds(15)};

constexpr char kApplyPlanMethod[] = "bonnie.schema.v1.MigrationService/ApplyPlan";

constexpr size_t kMaxTarget = 200;
constexpr size_t kMaxIdentity = 512;  // of the ledger's columns
constexpr size_t kMaxComment = 1000;

absl::Status Validate(const v1::PlanMigrationRequest& request) {
  std::vector<server::FieldViolation> violations;
  if (!request.plan_id().empty()) {
    if (!request.target().empty()) violations.push_back({"target", "want none beside plan_id"});
    return Verdict(std::move(violations));
  }
  if (request.target().empty()) violations.push_back({"target", "want a revision word, such as head"});
  if (request.target().size() > kMaxTarget) violations.push_back({"target", "want at most 200 characters"});
  if (request.direction() != v1::DIRECTION_UP && request.direction() != v1::DIRECTION_DOWN) {
    violations.push_back({"direction", "want DIRECTION_UP or DIRECTION_DOWN"});
  }
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::ApprovePlanRequest& request) {
  std::vector<server::FieldViolation> violations;
  if (request.plan_id().empty()) violations.push_back({"plan_id", "want the id that PlanMigration answered"});
  if (request.fingerprint().empty()) violations.push_back({"fingerprint", "want the plan's, as it was looked at"});
  if (request.decision() != v1::PLAN_DECISION_APPROVE && request.decision() != v1::PLAN_DECISION_REJECT) {
    violations.push_back({"decision", "want PLAN_DECISION_APPROVE or PLAN_DECISION_REJECT"});
  }
  if (!AreCodes(request.allow())) violations.push_back({"allow", "want at most 100 codes, each of 1 to 64 characters"});
  if (request.comment().size() > kMaxComment) violations.push_back({"comment", "want at most 1,000 characters"});
  return Verdict(std::move(violations));
}

std::string Identity(const UnaryCall& call) { return call.identity().substr(0, kMaxIdentity); }

}  // namespace

grpc::ServerUnaryReactor* MigrationService::PlanMigration(grpc::CallbackServerContext* context,
                                                          const v1::PlanMigrationRequest* request,
                                                          v1::PlanMigrationResponse* response) {
  return parts_.calls.Serve(context, kPlanMigration, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kPlanMigration, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    if (!request->plan_id().empty()) {
      return parts_.Finish(call, [this, request, response](Session& session) -> absl::Status {
        BONNIE_ASSIGN_OR_RETURN(*response->mutable_plan(), parts_.planner.Find(session, request->plan_id()));
        response->set_is_kept(true);
        return absl::OkStatus();
      });
    }
    const data_access::Budget budget = call->budget();
    const PlanUse use = call->MayCall(kApplyPlanMethod) ? PlanUse::kToApply : PlanUse::kToLookAt;
    const auto make = [this, request, response, budget, use, identity = Identity(*call)](absl::Time) -> absl::Status {
      const Direction direction = request->direction() == v1::DIRECTION_UP ? Direction::kUp : Direction::kDown;
      BONNIE_ASSIGN_OR_RETURN(*response->mutable_plan(),
                              parts_.planner.Make(request->target(), direction, identity, budget, use));
      response->set_is_kept(!response->plan().plan_id().empty());
      return absl::OkStatus();
    };
    parts_.FinishJob(call, make);
  });
}

grpc::ServerUnaryReactor* MigrationService::ApprovePlan(grpc::CallbackServerContext* context,
                                                        const v1::ApprovePlanRequest* request,
                                                        v1::ApprovePlanResponse* response) {
  return parts_.calls.Serve(context, kApprovePlan, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kApprovePlan, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [this, request, response, identity = Identity(*call)](Session& session) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(*response->mutable_plan(), parts_.planner.Decide(session, *request, identity));
      return absl::OkStatus();
    });
  });
}

}  // namespace bonnie::schema
