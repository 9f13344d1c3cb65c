#ifndef BONNIE_SERVICES_SCHEMA_ADOPTION_H_
#define BONNIE_SERVICES_SCHEMA_ADOPTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/data_access/session.h"
#include "services/schema/diff.h"

namespace bonnie::schema {

// Taking over a database that Alembic has managed: stamp_service.h stamps it.

// What alembic_version says, sorted; where the account may not read that, its copy in the ledger's database. Blocks for
// a few queries. kFailedPrecondition TOOL_TABLE_MISSING; GRANT_MISSING: the account may read neither, the message holds
// the statements that make the copy.
absl::StatusOr<std::vector<std::string>> ReadAlembicVersions(data_access::Session& session);

// kFailedPrecondition SCHEMA_DIFFERS, for a database that is adopted at `heads`: the message names the first 20 of
// `changes`, which lead from what the heads make to what is there. Pure.
absl::Status SchemaDiffers(const std::vector<std::string>& heads, const std::vector<Change>& changes);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ADOPTION_H_
