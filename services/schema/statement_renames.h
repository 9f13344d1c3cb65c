#ifndef BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_
#define BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_

#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/schema/diff.h"
#include "services/schema/migration_dir.h"

namespace bonnie::schema {

// Follows names through statements: RENAME TABLE, ALTER TABLE … RENAME, CHANGE, RENAME COLUMN; what is dropped and made
// anew under an old name is another thing. Used by one thread at a time.
class RenameTrail {
 public:
  // `so_far`: what was renamed before the first statement.
  explicit RenameTrail(RenameHints so_far = {}) : names_(std::move(so_far)) {}
  // Takes the next statement; one of another kind changes nothing.
  void Follow(absl::string_view sql);
  // From the names after all statements to those before the first.
  RenameHints hints() const;

 private:
  RenameHints names_;  // an empty old name: of what was not there
};

// The same hints the other way around. Pure.
RenameHints Reversed(const RenameHints& hints);

// What is renamed on the way from the schema that the revisions `before` make to that of `after`. What `before` alone
// has is undone on that way. Pure.
RenameHints RenamesBetween(const MigrationFolder& folder, const std::set<std::string>& before,
                           const std::set<std::string>& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STATEMENT_RENAMES_H_
