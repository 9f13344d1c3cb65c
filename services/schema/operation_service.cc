// MigrationService's methods about operations that run or ran: list, watch, cancel, recover.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/convert.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/ledger_statement.h"
#include "services/schema/migration_service.h"
#include "services/schema/operation_list.h"
#include "services/schema/operation_stream.h"
#include "services/schema/planner.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr char kApprovePlanMethod[] = "bonnie.schema.v1.MigrationService/ApprovePlan";
constexpr server::Method kListOperations{kMigrationService, "ListOperations", absl::Seconds(5), absl::Seconds(15)};
constexpr server::Method kWatchOperation{.service = kMigrationService,
                                         .name = "WatchOperation",
                                         .default_deadline = absl::InfiniteDuration(),
                                         .max_deadline = absl::InfiniteDuration(),
                                         .pool = server::StreamPool::kFollowing};
constexpr server::Method kCancelOperation{kMigrationService, "CancelOperation", absl::Seconds(15), absl::Minutes(1)};
constexpr server::Method kRecoverOperation{kMigrationService, "RecoverOperation", absl::Seconds(15), absl::Minutes(1)};

constexpr int kPageSize = 50;
constexpr size_t kMinPrefix = 4;
constexpr size_t kMaxOperationId = 36;

using Violations = std::vector<server::FieldViolation>;

void CheckId(absl::string_view id, bool required, Violations& violations) {
  if (id.empty() && !required) return;
  bool plain = id.size() >= kMinPrefix && id.size() <= kMaxOperationId;
  for (const char c : id) plain = plain && (absl::ascii_isalnum(c) || c == '-');
  if (!plain) violations.push_back({"operation_id", "want an operation's id, or at least its first 4 characters"});
}

absl::Status Validate(const v1::ListOperationsRequest& request) {
  Violations violations;
  CheckId(request.operation_id(), /*required=*/false, violations);
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    violations.push_back({"page_size", "want 0 to 500"});
  }
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::WatchOperationRequest& request) {
  Violations violations;
  CheckId(request.operation_id(), /*required=*/true, violations);
  if (request.from_sequence() < 0) violations.push_back({"from_sequence", "want 0 or more"});
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::CancelOperationRequest& request) {
  Violations violations;
  CheckId(request.operation_id(), /*required=*/true, violations);
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::RecoverOperationRequest& request) {
  Violations violations;
  CheckId(request.operation_id(), /*required=*/false, violations);
  if (!v1::RecoveryDecision_IsValid(request.decision())) violations.push_back({"decision", "want a known one"});
  if (request.decision() == v1::RECOVERY_DECISION_ASSUME_DONE && request.ordinal() < 1) {
    violations.push_back({"ordinal", "want the statement's number, from 1"});
  }
  return Verdict(std::move(violations));
}

// A page token is the last operation's place in the order: operations are no secret.
absl::StatusOr<OperationCursor> CursorOf(const std::string& token) {
  OperationCursor cursor;
  if (token.empty()) return cursor;
  const std::vector<std::string> parts = absl::StrSplit(token, ' ');
  if (parts.size() != 2 || parts[1].empty() || !absl::SimpleAtoi(parts[0], &cursor.fence)) {
    return server::Error(absl::StatusCode::kInvalidArgument, "page_token: not of this list; begin anew",
                         {.reason = "PAGE_TOKEN_INVALID"});
  }
  cursor.operation_id = parts[1];
  return cursor;
}

absl::Status List(Session& session, const v1::ListOperationsRequest& request, v1::ListOperationsResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(OperationCursor after, CursorOf(request.page_token()));
  const int page_size = request.page_size() == 0 ? kPageSize : request.page_size();
  BONNIE_RETURN_IF_ERROR(CheckLedger(session));
  // Who holds the lease is asked first: an operation that ends in between is seen with its end.
  BONNIE_ASSIGN_OR_RETURN(absl::optional<LeaseHolder> holder, CurrentHolder(session));
  BONNIE_ASSIGN_OR_RETURN(std::vector<OperationRow> rows,
                          ListOperationRows(session, after, request.operation_id(), page_size + 1));
  const bool more = static_cast<int>(rows.size()) > page_size;
  if (more) rows.pop_back();
  for (const OperationRow& row : rows) {
    *response->add_operations() = ToProto(row, holder.has_value() ? holder->operation_id : "");
  }
  if (more) response->set_next_page_token(absl::StrCat(rows.back().fence, " ", rows.back().operation_id));
  return absl::OkStatus();
}

bool ChangesPlan(const v1::RecoverOperationRequest& request) {
  return request.decision() == v1::RECOVERY_DECISION_ASSUME_DONE ||
         request.decision() == v1::RECOVERY_DECISION_ABANDON;
}

// ASSUME_DONE and ABANDON change what was approved, so the caller must be allowed to approve.
absl::Status MayDecide(const UnaryCall& call, const v1::RecoverOperationRequest& request, ApprovalPolicy policy) {
  const bool may = policy == ApprovalPolicy::kNone || call.MayCall(kApprovePlanMethod);
  if (may || !ChangesPlan(request)) return absl::OkStatus();
  return server::Error(absl::StatusCode::kPermissionDenied, "APPROVER_REQUIRED",
                       "this site requires approvals: to assume a statement done or to abandon the rest requires a "
                       "role that may call ApprovePlan");
}

}  // namespace

grpc::ServerUnaryReactor* MigrationService::ListOperations(grpc::CallbackServerContext* context,
                                                           const v1::ListOperationsRequest* request,
                                                           v1::ListOperationsResponse* response) {
  return parts_.calls.Serve(context, kListOperations, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kListOperations, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [request, response](Session& session) { return List(session, *request, response); });
  });
}

grpc::Status MigrationService::WatchOperation(grpc::ServerContext* context, const v1::WatchOperationRequest* request,
                                              grpc::ServerWriter<v1::WatchOperationResponse>* writer) {
  return parts_.calls.ServeStream(context, kWatchOperation, [&](server::StreamCall& call) -> absl::Status {
    if (auto elsewhere = parts_.Elsewhere(call, &v1::MigrationService::Stub::WatchOperation, *request, writer)) {
      return *elsewhere;
    }
    BONNIE_RETURN_IF_ERROR(Validate(*request));
    BONNIE_ASSIGN_OR_RETURN(std::shared_ptr<Operation> operation, operations_.Find(request->operation_id()));
    call.Note("operation", operation->id());
    const std::int64_t after = request->from_sequence() == 0 ? 0 : request->from_sequence() - 1;
    return StreamOperation(*operation, after, call, [&](v1::ApplyPlanResponse event) {
      v1::WatchOperationResponse response;
      *response.mutable_event() = std::move(event);
      return call.Write(writer, response);
    });
  });
}

grpc::ServerUnaryReactor* MigrationService::CancelOperation(grpc::CallbackServerContext* context,
                                                            const v1::CancelOperationRequest* request,
                                                            v1::CancelOperationResponse* response) {
  return parts_.calls.Serve(context, kCancelOperation, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCancelOperation, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    const data_access::Budget budget = call->budget();
    parts_.FinishControl(call, [this, request, response, budget](absl::Time) -> absl::Status {
      absl::StatusOr<std::shared_ptr<Operation>> ours = operations_.Find(request->operation_id());
      if (absl::IsInvalidArgument(ours.status())) return ours.status();
      absl::StatusOr<Cancelled> cancelled =
          ours.ok() ? canceller_.Cancel(**ours, budget) : canceller_.CancelElsewhere(request->operation_id(), budget);
      if (!cancelled.ok()) return cancelled.status();
      response->set_operation_id(cancelled->operation_id);
      response->set_ended(cancelled->ended);
      response->set_outcome(cancelled->outcome);
      return absl::OkStatus();
    });
  });
}

grpc::ServerUnaryReactor* MigrationService::RecoverOperation(grpc::CallbackServerContext* context,
                                                             const v1::RecoverOperationRequest* request,
                                                             v1::RecoverOperationResponse* response) {
  return parts_.calls.Serve(context, kRecoverOperation, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kRecoverOperation, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    if (absl::Status may = MayDecide(*call, *request, parts_.planner.policy()); !may.ok()) return call->Finish(may);
    const data_access::Budget budget = call->budget();
    const Recovery::Decider decider{call->identity().substr(0, kMaxIdentityLength), NewOperationId(), [budget] {
                                      return absl::Now() < budget.deadline && !budget.cancellation->cancelled();
                                    }};
    parts_.FinishControl(call, [this, request, response, decider, budget](absl::Time) {
      return Recover(*request, decider, budget, response);
    });
  });
}

absl::Status MigrationService::Recover(const v1::RecoverOperationRequest& request, const Recovery::Decider& decider,
                                       const data_access::Budget& budget,
                                       v1::RecoverOperationResponse* response) const {
  const std::string& id = request.operation_id();
  if (ChangesPlan(request)) BONNIE_RETURN_IF_ERROR(CheckMayRecover(id, decider.identity, budget));
  absl::StatusOr<RecoveryReport> report;
  std::string new_id;
  if (request.decision() == v1::RECOVERY_DECISION_ASSUME_DONE) {
    report = recovery_.AssumeDone(id, request.ordinal(), decider);
    new_id = decider.operation_id;
  } else if (request.decision() == v1::RECOVERY_DECISION_ABANDON) {
    report = recovery_.Abandon(id, decider);
    new_id = decider.operation_id;
  } else {
    report = recovery_.Look(id);
  }
  if (!report.ok()) return report.status();
  if (request.decision() == v1::RECOVERY_DECISION_RESUME) {
    BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, parts_.controls.pool().Acquire(budget));
    BONNIE_ASSIGN_OR_RETURN(new_id, Resume(*session, request, *report, decider.identity));
  }
  Fill(*report, response);
  response->set_new_operation_id(new_id);
  return absl::OkStatus();
}

absl::Status MigrationService::CheckMayRecover(const std::string& prefix, const std::string& identity,
                                               const data_access::Budget& budget) const {
  if (parts_.planner.policy() != ApprovalPolicy::kOther) return absl::OkStatus();
  BONNIE_ASSIGN_OR_RETURN(const RecoveryReport report, recovery_.Look(prefix));
  if (report.operation_id.empty()) return absl::OkStatus();  // the decision says that there is nothing to decide
  BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, parts_.controls.pool().Acquire(budget));
  return parts_.planner.CheckMayRecover(*session, report.operation_id, report.revision, identity);
}

absl::StatusOr<std::string> MigrationService::Resume(Session& session, const v1::RecoverOperationRequest& request,
                                                     const RecoveryReport& report, const std::string& identity) const {
  if (report.operation_id.empty()) {
    return server::Error(absl::StatusCode::kFailedPrecondition, "no operation was cut off: there is nothing to resume",
                         {.reason = "NOTHING_UNFINISHED"});
  }
  const std::string target = report.to.empty() ? "base" : absl::StrJoin(report.to, ",");
  BONNIE_ASSIGN_OR_RETURN(auto folder, parts_.dir.Load());
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, ReadLedger(session));
  BONNIE_ASSIGN_OR_RETURN(auto plan,
                          MakePlan(*folder, ledger, session.flavour(), parts_.site, target, report.direction));
  ApplyRequest apply{.identity = identity,
                     .target = target,
                     .direction = report.direction,
                     .fingerprint = plan.fingerprint,
                     .resumes = report.operation_id};
  BONNIE_ASSIGN_OR_RETURN(Resumption resumption,
                          parts_.planner.ToResume(session, report.operation_id, plan,
                                                  {request.allow().begin(), request.allow().end()}));
  apply.forecasts = std::move(resumption.forecasts);
  apply.allow = std::move(resumption.allow);
  return operations_.Start(std::move(apply))->id();
}

}  // namespace bonnie::schema
