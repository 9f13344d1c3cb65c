#ifndef BONNIE_SERVICES_SCHEMA_ADOPTION_H_
#define BONNIE_SERVICES_SCHEMA_ADOPTION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/session.h"
#include "services/schema/migration_dir.h"
#include "services/schema/model.h"
#include "services/schema/schema_sources.h"
#include "services/schema/stamp.h"

namespace bonnie::schema {

// A database that another tool has managed, and that is at one of our revisions from now on.
struct Adopted {
  Stamped stamped;
  std::vector<std::string> tool_revisions;  // that the tool's own table names
  std::vector<std::string> unmanaged_tables;
  std::vector<Unsupported> unsupported;
};

// What alembic_version says, sorted; where the account may not read that, its copy in the ledger's database. Blocks for a
// few queries. kFailedPrecondition TOOL_TABLE_MISSING; GRANT_MISSING: the account may read neither, the message holds
// the statements that make the copy.
absl::StatusOr<std::vector<std::string>> ReadAlembicVersions(data_access::Session& session);

// Stamps like `stamper` where the database is what the revisions make of an empty one: looked at before the lease is
// asked for, so that a refusal leaves no trace, and again under it. The tool's table is only read. Blocks, at most
// until `deadline` and what `keep_waiting` allows. kFailedPrecondition SCHEMA_DIFFERS: the message names the first 20
// differences. Errors of ReadAlembicVersions, SchemaSources and Stamper.
absl::StatusOr<Adopted> AdoptFromAlembic(SchemaSources& sources, const Stamper& stamper, const MigrationFolder& folder,
                                         StampRequest request, const std::string& operation_id,
                                         const std::function<bool()>& keep_waiting, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ADOPTION_H_
