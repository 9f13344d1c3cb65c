#ifndef BONNIE_SERVICES_SCHEMA_LINT_SOURCES_H_
#define BONNIE_SERVICES_SCHEMA_LINT_SOURCES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/lint.h"
#include "services/schema/migration_dir.h"
#include "services/schema/schema_sources.h"

namespace bonnie::schema {

struct LintResult {
  std::vector<Finding> findings;             // about the schema, then about the change
  std::map<std::string, std::string> files;  // table -> its file within model/; of a model only
};

// Lints `source`, and the change from `from` to it. What files say with `nolint` is left out: a model's of its tables,
// and those of the revisions between the two of the tables that their statements touch.
// Blocks until `deadline` at most. Errors of SchemaSources::Read and MigrationDir::Load.
absl::StatusOr<LintResult> LintSources(SchemaSources& sources, MigrationDir& dir, const Source& source,
                                       const absl::optional<Source>& from, LintOptions options, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LINT_SOURCES_H_
