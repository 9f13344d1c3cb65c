#include "services/schema/stamp_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/diff.h"
#include "services/schema/lint.h"
#include "services/schema/plan_content.h"
#include "services/server/error.h"
#include "services/server/ledger.h"

namespace bonnie::schema {

namespace {

constexpr size_t kNamedContradictions = 20;

std::string HeadsOrBase(const std::vector<std::string>& heads) {
  return heads.empty() ? "base" : absl::StrJoin(heads, ", ");
}

bool IsWithoutScratch(const absl::Status& status) {
  const auto details = server::DetailsOf(status);
  return details.has_value() && details->reason == "SCRATCH_NOT_CONFIGURED";
}

// Of `tables`, which the revisions up to `heads` do not make, those that contradict a stamp there.
absl::StatusOr<std::vector<std::string>> LaterTables(SchemaSources& sources, const MigrationFolder& folder,
                                                     const std::vector<std::string>& heads,
                                                     const std::vector<std::string>& tables, absl::Time deadline) {
  if (tables.empty() || heads.empty()) return tables;
  if (heads == folder.graph().heads()) return std::vector<std::string>();
  BONNIE_ASSIGN_OR_RETURN(const PendingChanges all, sources.FindDriftFrom(folder, folder.graph().heads(), deadline));
  const std::set<std::string> foreign(all.unmanaged_tables.begin(), all.unmanaged_tables.end());
  std::vector<std::string> later;
  for (const std::string& table : tables) {
    if (foreign.count(table) == 0) later.push_back(table);
  }
  return later;
}

void AddMove(const std::string& revision, const std::string& file_name, std::string sql, v1::Plan* plan) {
  v1::PlanStep* step = plan->add_steps();
  step->set_revision(revision);
  step->set_ordinal(plan->steps_size());
  step->set_sql(std::move(sql));
  step->set_file_name(file_name);
}

// As StampHeads (ledger.h) writes them. Ids and hashes hold no quotes.
void AddMoves(const std::string& schema, const MigrationFolder& folder,
              const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after,
              v1::Plan* plan) {
  const std::string table = absl::StrCat("`", server::LedgerDatabase(schema), "`.bonnie_revisions");
  const auto file_of = [&](const std::string& id) {
    return folder.graph().Contains(id) ? folder.at(id).file_name : std::string();
  };
  for (const auto& [id, hash] : before) {
    const auto stays = after.find(id);
    if (stays != after.end() && stays->second == hash) continue;
    AddMove(id, file_of(id), absl::StrCat("DELETE FROM ", table, " WHERE revision = '", id, "'"), plan);
  }
  for (const auto& [id, hash] : after) {
    const auto was = before.find(id);
    if (was != before.end() && was->second == hash) continue;
    AddMove(id, file_of(id), absl::StrCat("INSERT INTO ", table, " (revision, hash) VALUES ('", id, "', '", hash, "')"),
            plan);
  }
}

// The revisions that count as applied after the stamp and did not before, and the other way round.
void AddRevisions(const MigrationFolder& folder, const std::vector<std::string>& from,
                  const std::vector<std::string>& to, v1::Plan* plan) {
  std::vector<std::string> known;
  for (const std::string& id : from) {
    if (folder.graph().Contains(id)) known.push_back(id);
  }
  const std::set<std::string> before = folder.graph().Ancestors(known), after = folder.graph().Ancestors(to);
  for (const std::string& id : folder.graph().order()) {
    if (before.count(id) == after.count(id)) continue;
    v1::PlanRevision* revision = plan->add_revisions();
    revision->set_id(id);
    revision->set_hash(folder.at(id).hash);
  }
}

void AddContradiction(const std::vector<std::string>& goal, const std::vector<std::string>& contradictions,
                      v1::Plan* plan) {
  if (contradictions.empty()) return;
  const size_t named = std::min(contradictions.size(), kNamedContradictions);
  const std::vector<std::string> first(contradictions.begin(), contradictions.begin() + static_cast<long>(named));
  v1::PlanFinding* finding = plan->add_findings();
  finding->set_code(kStampContradictsCode);
  finding->set_description(absl::StrCat(
      "the database is not what ", HeadsOrBase(goal), " makes: ", absl::StrJoin(first, "; "),
      named < contradictions.size() ? absl::StrCat("; and ", contradictions.size() - named, " more") : ""));
  finding->set_severity(v1::FINDING_SEVERITY_ERROR);
  finding->set_wants_allow(true);
}

}  // namespace

absl::StatusOr<StampSight> LookAtStamp(SchemaSources& sources, const MigrationFolder& folder,
                                       const std::vector<std::string>& heads, absl::Time deadline) {
  StampSight sight;
  absl::StatusOr<PendingChanges> found = sources.FindDriftFrom(folder, heads, deadline);
  if (IsWithoutScratch(found.status())) {
    sight.contradictions.push_back("it could not be compared, because no scratch account is configured");
    return sight;
  }
  if (!found.ok()) return found.status();
  BONNIE_ASSIGN_OR_RETURN(const std::vector<std::string> later,
                          LaterTables(sources, folder, heads, found->unmanaged_tables, deadline));
  for (const Change& change : found->drift) sight.contradictions.push_back(Describe(change));
  for (const std::string& table : later) {
    sight.contradictions.push_back(absl::StrCat("table ", table, " is there"));
  }
  sight.drift = std::move(found->drift);
  sight.unmanaged_tables = std::move(found->unmanaged_tables);
  sight.unsupported = std::move(found->unsupported);
  return sight;
}

StampPlan PlanStamp(const std::string& site, const std::string& schema, const MigrationFolder& folder,
                    const LedgerState& ledger, const std::vector<std::string>& goal, const StampCall& call,
                    const std::vector<std::string>& contradictions) {
  StampPlan plan;
  plan.target = absl::StrJoin(call.stamp.revisions, ",");
  const std::vector<std::string> from = ledger.HeadIds();
  v1::Plan& message = plan.message;
  message.set_site(site);
  message.mutable_from()->Assign(from.begin(), from.end());
  message.mutable_to()->Assign(goal.begin(), goal.end());
  message.set_direction(v1::DIRECTION_UP);
  v1::PlanStamp& stamp = *message.mutable_stamp();
  stamp.mutable_revisions()->Assign(call.stamp.revisions.begin(), call.stamp.revisions.end());
  stamp.set_purge(call.stamp.purge);
  stamp.set_from_tool(call.from_tool);
  std::map<std::string, std::string> after;
  for (const std::string& id : goal) after[id] = folder.at(id).hash;
  AddMoves(schema, folder, ledger.heads, after, &message);
  AddRevisions(folder, from, goal, &message);
  AddContradiction(goal, contradictions, &message);
  std::string moves = absl::StrCat("stamp ", site, call.stamp.purge ? " purge\n" : "\n");
  for (const v1::PlanStep& step : message.steps()) absl::StrAppend(&moves, step.sql(), "\n");
  plan.base_fingerprint = Sha256Hex(moves);
  message.set_fingerprint(
      FullFingerprint(plan.base_fingerprint, absl::StrCat(plan.target, " ", call.from_tool), message));
  return plan;
}

}  // namespace bonnie::schema
