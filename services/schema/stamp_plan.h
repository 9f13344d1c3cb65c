#ifndef BONNIE_SERVICES_SCHEMA_STAMP_PLAN_H_
#define BONNIE_SERVICES_SCHEMA_STAMP_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/schema/migration_dir.h"
#include "services/schema/model.h"
#include "services/schema/plan.h"
#include "services/schema/schema_sources.h"
#include "services/schema/stamp.h"

namespace bonnie::schema {

// How the database differs from a stamp at some heads.
struct StampSight {
  std::vector<Change> drift;                // from what the heads' revisions make to what is there
  std::vector<std::string> contradictions;  // why the stamp is not true, a line each; empty: it is
  std::vector<std::string> unmanaged_tables;
  std::vector<Unsupported> unsupported;
};

// Compares the database with what the revisions up to `heads` make of an empty one. A table that only later revisions
// make contradicts, and at base any table; tables that no revision makes do not. Where no scratch account is
// configured, that is the contradiction. Blocks until `deadline` at most. Errors of SchemaSources::FindDriftFrom.
absl::StatusOr<StampSight> LookAtStamp(SchemaSources& sources, const MigrationFolder& folder,
                                       const std::vector<std::string>& heads, absl::Time deadline);

// A stamp as a plan that can be approved: its steps are the moves of heads, in the ledger's own statements.
struct StampPlan {
  v1::Plan message;              // with its fingerprint; without id and author
  std::string base_fingerprint;  // of the moves alone
  std::string target;            // revision words
};

// What is asked for.
struct StampCall {
  StampRequest stamp;
  std::string from_tool;
  std::vector<std::string> allow;
};

// Plans the stamp of the site's database `schema` from where `ledger` is to the heads `goal`. Without steps where
// nothing moves. Pure.
StampPlan PlanStamp(const std::string& site, const std::string& schema, const MigrationFolder& folder,
                    const LedgerState& ledger, const std::vector<std::string>& goal, const StampCall& call,
                    const std::vector<std::string>& contradictions);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STAMP_PLAN_H_
