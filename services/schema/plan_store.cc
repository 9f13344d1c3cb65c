#include "services/schema/plan_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/ledger_statement.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Sql;

constexpr size_t kMinPrefix = 4;

// A row is a plan's until an operation takes it over: its fence is 0 until then. Rows of operations that had no plan
// kept (stamps) have no content.
#define BONNIE_PLAN_COLUMNS                                                                                        \
  "SELECT operation_id, fingerprint, COALESCE(base_fingerprint, ''), COALESCE(author, ''), COALESCE(target, ''), " \
  "direction, from_heads, to_heads, statements, content, create_time, COALESCE(expire_time, create_time), "        \
  "COALESCE(expire_time <= CURRENT_TIMESTAMP(6), 1), fence <> 0, COALESCE(decision, ''), COALESCE(decider, ''), "  \
  "decide_time, COALESCE(allow, ''), COALESCE(comment, ''), kind FROM ledger.bonnie_plans "

// Index: primary, by the beginning of its key.
constexpr Sql kFindById{"plans.find",
                        BONNIE_PLAN_COLUMNS "WHERE operation_id LIKE CONCAT(?, '%') AND content IS NOT NULL LIMIT 2"};
// Index: bonnie_plans_fingerprint.
constexpr Sql kFindOpen{
    "plans.find_open", BONNIE_PLAN_COLUMNS
    "WHERE fingerprint = ? AND content IS NOT NULL AND fence = 0 AND expire_time > "
    "CURRENT_TIMESTAMP(6) AND COALESCE(decision, '') <> 'reject' ORDER BY decision IS NULL, create_time DESC LIMIT 1"};
#undef BONNIE_PLAN_COLUMNS

constexpr Sql kKeep{"plans.keep", R"sql(
  INSERT INTO ledger.bonnie_plans (operation_id, fingerprint, fence, identity, direction, from_heads, to_heads,
                                   statements, base_fingerprint, author, target, content, kind, expire_time)
  VALUES (?, ?, 0, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP(6) + INTERVAL ? SECOND))sql"};
// All rows are looked at: there are as many as plans and operations ever were, and this runs once a plan.
constexpr Sql kForget{
    "plans.forget",
    "DELETE FROM ledger.bonnie_plans WHERE fence = 0 AND expire_time < CURRENT_TIMESTAMP(6) - INTERVAL 7 DAY"};
// Index: primary, as below.
constexpr Sql kDecide{"plans.decide", R"sql(
  UPDATE ledger.bonnie_plans SET decision = ?, decider = ?, decide_time = CURRENT_TIMESTAMP(6), allow = ?, comment = ?
   WHERE operation_id = ? AND decision IS NULL AND fence = 0)sql"};
constexpr Sql kBegin{"plans.begin_kept", R"sql(
  UPDATE ledger.bonnie_plans SET fence = ?, identity = ?, begin_time = CURRENT_TIMESTAMP(6)
   WHERE operation_id = ? AND fence = 0 AND COALESCE(decision, '') <> 'reject')sql"};
// Index: primary, twice.
constexpr Sql kInherit{"plans.inherit", R"sql(
  UPDATE ledger.bonnie_plans rest JOIN ledger.bonnie_plans whole ON whole.operation_id = ? AND whole.content IS NOT NULL
     SET rest.base_fingerprint = whole.base_fingerprint, rest.author = whole.author, rest.target = whole.target,
         rest.content = whole.content, rest.create_time = whole.create_time, rest.expire_time = whole.expire_time,
         rest.decision = whole.decision, rest.decider = whole.decider, rest.decide_time = whole.decide_time,
         rest.allow = whole.allow, rest.comment = whole.comment
   WHERE rest.operation_id = ?)sql"};

std::vector<std::string> Split(absl::string_view text) { return absl::StrSplit(text, ',', absl::SkipEmpty()); }

KeptPlan ReadPlan(Rows& rows) {
  KeptPlan plan;
  plan.id = std::string(rows.Text(0));
  plan.fingerprint = std::string(rows.Text(1));
  plan.base_fingerprint = std::string(rows.Text(2));
  plan.author = std::string(rows.Text(3));
  plan.target = std::string(rows.Text(4));
  plan.direction = rows.Text(5) == "up" ? Direction::kUp : Direction::kDown;
  plan.from = Split(rows.Text(6));
  plan.to = Split(rows.Text(7));
  plan.statements = static_cast<int>(rows.Int64(8));
  plan.content = std::string(rows.Text(9));
  plan.create_time = rows.Time(10);
  plan.expire_time = rows.Time(11);
  plan.is_expired = rows.Int64(12) != 0;
  plan.is_begun = rows.Int64(13) != 0;
  plan.is_stamp = rows.Text(19) == "stamp";
  if (rows.Text(14).empty()) return plan;
  plan.approval = PlanApproval{rows.Text(14) == "approve", std::string(rows.Text(15)),
                               rows.OptionalTime(16).value_or(absl::InfinitePast()), Split(rows.Text(17)),
                               std::string(rows.Text(18))};
  return plan;
}

absl::Status Unknown(absl::string_view id) {
  return server::Error(absl::StatusCode::kNotFound,
                       absl::StrCat("plan ", id, ": none is kept; `bonnie schema operations` lists them"),
                       {.reason = "PLAN_UNKNOWN"});
}

// LIKE's wildcards must not be in it.
bool IsPrefix(absl::string_view id) {
  return id.size() >= kMinPrefix &&
         id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == absl::string_view::npos;
}

}  // namespace

absl::Status KeepPlan(Querier& querier, const KeptPlan& plan) {
  BONNIE_RETURN_IF_ERROR(querier.Execute(OfLedger(querier, kForget)).status());
  return querier
      .Execute(OfLedger(querier, kKeep, plan.id, plan.fingerprint, plan.direction == Direction::kUp ? "up" : "down",
                        absl::StrJoin(plan.from, ","), absl::StrJoin(plan.to, ","), plan.statements,
                        plan.base_fingerprint, plan.author, plan.target, plan.content,
                        plan.is_stamp ? "stamp" : "migrate", absl::ToInt64Seconds(kPlanLife)))
      .status();
}

absl::StatusOr<KeptPlan> FindPlan(Querier& querier, absl::string_view id) {
  BONNIE_RETURN_IF_ERROR(CheckLedger(querier));
  if (!IsPrefix(id)) return Unknown(id);
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kFindById, id)));
  if (!rows.Next()) return rows.status().ok() ? Unknown(id) : rows.status();
  KeptPlan plan = ReadPlan(rows);
  const bool several = rows.Next();
  BONNIE_RETURN_IF_ERROR(rows.status());
  if (!several) return plan;
  return server::Error(absl::StatusCode::kInvalidArgument, absl::StrCat("plan ", id, ": several begin so; write more"),
                       {.reason = "PLAN_AMBIGUOUS"});
}

absl::StatusOr<absl::optional<KeptPlan>> FindOpenPlan(Querier& querier, absl::string_view fingerprint) {
  absl::optional<KeptPlan> plan;
  BONNIE_RETURN_IF_ERROR(CheckLedger(querier));
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kFindOpen, fingerprint)));
  if (rows.Next()) plan = ReadPlan(rows);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return plan;
}

absl::StatusOr<bool> DecidePlan(Querier& querier, absl::string_view id, const PlanApproval& approval) {
  BONNIE_ASSIGN_OR_RETURN(
      const std::int64_t rows,
      querier.Execute(OfLedger(querier, kDecide, approval.approved ? "approve" : "reject", approval.identity,
                               absl::StrJoin(approval.allow, ","), approval.comment, id)));
  return rows == 1;
}

absl::StatusOr<bool> BeginPlan(Querier& querier, absl::string_view id, std::int64_t fence, absl::string_view identity) {
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t rows, querier.Execute(OfLedger(querier, kBegin, fence, identity, id)));
  return rows == 1;
}

absl::Status InheritPlan(Querier& querier, absl::string_view id, absl::string_view resumed) {
  return querier.Execute(OfLedger(querier, kInherit, resumed, id)).status();
}

}  // namespace bonnie::schema
