#ifndef BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_
#define BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "services/schema/diff.h"
#include "services/schema/migration_dir.h"

namespace bonnie::schema {

// Adds what a statement renames (RENAME TABLE, ALTER TABLE … RENAME, CHANGE, RENAME COLUMN) to what those before it
// did, so that `hints` leads from the names after all of them to those before the first. Pure.
void FollowRenames(absl::string_view sql, RenameHints* hints);

// The same hints the other way around. Pure.
RenameHints Reversed(const RenameHints& hints);

// What is renamed on the way from the schema that the revisions `before` make to that of `after`. What `before` alone
// has is undone on that way. Pure.
RenameHints RenamesBetween(const MigrationFolder& folder, const std::set<std::string>& before,
                           const std::set<std::string>& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_
