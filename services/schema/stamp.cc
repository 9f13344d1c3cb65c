#include "services/schema/stamp.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/schema/ddl_session.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/operation_list.h"
#include "services/schema/plan_store.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Transaction;

std::string Text(std::vector<std::string> heads) {
  std::sort(heads.begin(), heads.end());
  return heads.empty() ? "base" : absl::StrJoin(heads, ", ");
}

absl::Status CheckState(const MigrationFolder& folder, const LedgerState& ledger, const StampRequest& request) {
  if (ledger.unfinished.has_value()) {
    return server::Error(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("revision ", ledger.unfinished->revision,
                                      " is half run; finish that first: a stamp would forget what has run"),
                         {.reason = "OPERATION_UNFINISHED", .metadata = {{"revision", ledger.unfinished->revision}}});
  }
  if (request.expected.has_value() && Text(*request.expected) != Text(ledger.HeadIds())) {
    return server::Error(
        absl::StatusCode::kAborted,
        absl::StrCat("the database is at ", Text(ledger.HeadIds()), ", not at ", Text(*request.expected)),
        {.reason = "HEADS_MOVED", .metadata = {{"current", absl::StrJoin(ledger.HeadIds(), ",")}}});
  }
  for (const std::string& id : ledger.HeadIds()) {
    if (request.purge || folder.graph().Contains(id)) continue;
    return server::Error(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("revision ", id, " is applied, and has no file in versions/; purge to forget it"),
                         {.reason = "REVISION_MISSING", .metadata = {{"revision", id}}});
  }
  return absl::OkStatus();
}

absl::Status Begin(Transaction& transaction, const std::string& operation_id, std::int64_t fence,
                   const StampRequest& request, const Plan& plan) {
  if (request.plan_id.empty()) return BeginOperation(transaction, operation_id, fence, request.identity, plan);
  BONNIE_ASSIGN_OR_RETURN(const bool begun, BeginPlan(transaction, request.plan_id, fence, request.identity));
  if (begun) return absl::OkStatus();
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("plan ", request.plan_id, " was applied or rejected meanwhile; stamp again"),
                       {.reason = "PLAN_BEGUN"});
}

}  // namespace

std::vector<std::string> HeadsAfterStamp(const RevisionGraph& graph, const std::vector<std::string>& current,
                                         const std::vector<std::string>& goal) {
  if (goal.empty()) return {};
  const std::set<std::string> wanted = graph.Ancestors(goal);
  std::vector<std::string> at = goal;
  for (const std::string& head : current) {
    const std::set<std::string> before = graph.Ancestors({head});
    const bool follows =
        std::any_of(goal.begin(), goal.end(), [&](const std::string& id) { return before.count(id) > 0; });
    if (!follows && wanted.count(head) == 0) at.push_back(head);
  }
  return graph.HeadsOf(graph.Ancestors(at));
}

absl::StatusOr<std::vector<std::string>> StampGoal(const MigrationFolder& folder, const LedgerState& ledger,
                                                   const StampRequest& request) {
  BONNIE_RETURN_IF_ERROR(CheckState(folder, ledger, request));
  const RevisionGraph& graph = folder.graph();
  const std::vector<std::string> current = request.purge ? std::vector<std::string>() : ledger.HeadIds();
  BONNIE_ASSIGN_OR_RETURN(std::set<std::string> goal, graph.Many(absl::StrJoin(request.revisions, ","), current));
  return HeadsAfterStamp(graph, current, {goal.begin(), goal.end()});
}

absl::StatusOr<Stamped> Stamper::Stamp(const MigrationFolder& folder, const StampRequest& request,
                                       const std::string& operation_id,
                                       const std::function<bool()>& keep_waiting) const {
  BONNIE_ASSIGN_OR_RETURN(auto ddl, DdlSession::Open(driver_, options_.connect, options_.lock_wait));
  BONNIE_ASSIGN_OR_RETURN(auto lease, Lease::Acquire(driver_, {options_.connect, options_.guard_timeout}, *ddl,
                                                     request.identity, operation_id, keep_waiting));
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, ReadLedger(ddl->session()));
  Stamped stamped{.from = ledger.HeadIds()};
  BONNIE_ASSIGN_OR_RETURN(stamped.to, StampGoal(folder, ledger, request));
  if (request.look_again != nullptr) BONNIE_RETURN_IF_ERROR(request.look_again(stamped.to));
  std::map<std::string, std::string> after;
  for (const std::string& id : stamped.to) after[id] = folder.at(id).hash;
  Plan plan{.site = options_.site, .from = stamped.from, .to = stamped.to};  // for the record of who did it
  plan.fingerprint = Sha256Hex(absl::StrCat("stamp ", Text(stamped.from), " -> ", Text(stamped.to)));
  BONNIE_RETURN_IF_ERROR(RunInTransaction(ddl->session(), {}, [&](Transaction& transaction) -> absl::Status {
    BONNIE_RETURN_IF_ERROR(HoldFence(transaction, lease->fence()));
    BONNIE_RETURN_IF_ERROR(Begin(transaction, operation_id, lease->fence(), request, plan));
    BONNIE_RETURN_IF_ERROR(StampHeads(transaction, operation_id, lease->fence(), ledger.heads, after));
    return EndOperation(transaction, operation_id, kOutcomeStamped);
  }));
  return stamped;
}

}  // namespace bonnie::schema
