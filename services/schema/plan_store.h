#ifndef BONNIE_SERVICES_SCHEMA_PLAN_STORE_H_
#define BONNIE_SERVICES_SCHEMA_PLAN_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/session.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// What was decided about a plan.
struct PlanApproval {
  bool approved = false;  // else rejected
  std::string identity;
  absl::Time decide_time;
  std::vector<std::string> allow;  // codes of findings that were accepted
  std::string comment;
};

// A plan that is kept in the ledger: a row of bonnie_plans that an operation has not necessarily begun to apply. The
// operation that does takes the row over, so a plan is applied once, and its id is the operation's.
struct KeptPlan {
  std::string id;                // an operation's id
  std::string fingerprint;       // of everything
  std::string base_fingerprint;  // Plan::fingerprint: of the way and its statements
  std::string author;
  std::string target;  // revision words
  Direction direction = Direction::kUp;
  std::vector<std::string> from, to;
  int statements = 0;
  std::string content;  // the whole, as plan_content.h writes it
  bool is_stamp = false;
  absl::Time create_time, expire_time;
  bool is_expired = false;  // by the database's clock
  bool is_begun = false;
  absl::optional<PlanApproval> approval;
};

// How long a plan that is not applied is kept for applying.
constexpr absl::Duration kPlanLife = absl::Hours(24);

// All SQL of plans that are kept. Functions take a Querier and so work in and out of transactions; they block and fail
// as its statements do. Of the row that an operation has begun, ledger.h has the rest.

// Keeps `plan` (its times, is_* and approval aside), and deletes plans that expired a week ago without being begun.
absl::Status KeepPlan(data_access::Querier& querier, const KeptPlan& plan);
// The plan whose id is `id` or begins so (4 characters or more). kNotFound PLAN_UNKNOWN; kInvalidArgument
// PLAN_AMBIGUOUS: several. Errors of CheckLedger.
absl::StatusOr<KeptPlan> FindPlan(data_access::Querier& querier, absl::string_view id);
// The newest plan of that fingerprint that can still be applied: neither begun, expired nor rejected. nullopt: none.
// Errors of CheckLedger.
absl::StatusOr<absl::optional<KeptPlan>> FindOpenPlan(data_access::Querier& querier, absl::string_view fingerprint);
// Writes a decision, unless there is one or the plan is begun: answers whether it was written.
absl::StatusOr<bool> DecidePlan(data_access::Querier& querier, absl::string_view id, const PlanApproval& approval);
// An operation takes the plan's row over, under `fence`: answers whether nobody had before, and nobody has rejected it.
absl::StatusOr<bool> BeginPlan(data_access::Querier& querier, absl::string_view id, std::int64_t fence,
                               absl::string_view identity);
// Gives an operation's row the plan and the decision of the one that it goes on with, `resumed`, so that it can be
// resumed in its turn. That one had no plan kept: then nothing.
absl::Status InheritPlan(data_access::Querier& querier, absl::string_view id, absl::string_view resumed);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLAN_STORE_H_
