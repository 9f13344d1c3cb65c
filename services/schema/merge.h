#ifndef BONNIE_SERVICES_SCHEMA_MERGE_H_
#define BONNIE_SERVICES_SCHEMA_MERGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/schema/migration_dir.h"

namespace bonnie::schema {

struct MergeRequest {
  std::vector<std::string> revisions;  // words; empty: heads
  std::string message;                 // empty: "merge <ids>"
  std::string branch_label;
  std::string rev_id;  // empty: made of the time
};

// Writes a revision without statements that revises several others of `folder`, and so makes one head of them; stores
// nothing. Pure. `current`: what `current` means.
// Errors of RevisionGraph. kInvalidArgument REVISION_EXISTS: the id is taken; REVISION_FILE_INVALID: a bad id, label or
// message. kFailedPrecondition NOTHING_TO_MERGE: fewer than two revisions, or one that another of them needs.
absl::StatusOr<Revision> MergeRevisions(const MigrationFolder& folder, const MergeRequest& request,
                                        const std::vector<std::string>& current, absl::Time now);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MERGE_H_
