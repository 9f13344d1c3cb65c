#ifndef BONNIE_SERVICES_SCHEMA_PUSH_STORE_H_
#define BONNIE_SERVICES_SCHEMA_PUSH_STORE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/session.h"
#include "services/schema/migration_push.h"

namespace bonnie::schema {

// Who pushed which revision, in the ledger. Where a site requires two people, nobody approves a plan that runs a
// revision of their own. Revisions that are in the folder without a push (from the package, or put there by an
// operator) have no rows: no caller of the service wrote them. Functions block and fail as their statements do.

// Notes that `identity` pushes `revisions`. Called before the files are written: if a pusher is not noted, the writer
// of the files could approve the plan.
absl::Status RecordPushes(data_access::Session& session, const std::vector<AddedRevision>& revisions,
                          absl::string_view identity);

// The identities that pushed each of `revisions`, whatever its content was; those without a push are left out.
absl::StatusOr<std::map<std::string, std::set<std::string>>> ReadPushers(data_access::Querier& querier,
                                                                         const std::set<std::string>& revisions);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PUSH_STORE_H_
