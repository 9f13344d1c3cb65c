#include "services/schema/tool_tables.h"

#include "absl/strings/match.h"

namespace bonnie::schema {

bool IsToolTable(absl::string_view name) {
  for (const absl::string_view tool :
       {"alembic_version", "flyway_schema_history", "goose_db_version", "schema_migrations", "atlas_schema_revisions",
        "DATABASECHANGELOG", "DATABASECHANGELOGLOCK", "_prisma_migrations"}) {
    if (name == tool) return true;
  }
  return absl::StartsWith(name, "_") &&
         (absl::EndsWith(name, "_gho") || absl::EndsWith(name, "_ghc") || absl::EndsWith(name, "_new"));
}

}  // namespace bonnie::schema
