#ifndef BONNIE_SERVICES_SCHEMA_CREATE_REVISION_H_
#define BONNIE_SERVICES_SCHEMA_CREATE_REVISION_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/autogenerate.h"
#include "services/schema/canonical.h"
#include "services/schema/migration_dir.h"
#include "services/schema/model_files.h"

namespace bonnie::schema {

// What a revision is to do.
struct Autogenerate {
  std::vector<ModelFile> model;
};
struct GivenSql {
  std::string up;                    // with delimiters
  absl::optional<std::string> down;  // nullopt: no way down
};
struct NewRevision {
  std::string message;
  std::variant<std::monostate, Autogenerate, GivenSql> body;  // nothing: empty, to be filled in by hand
  std::string head;                                           // a revision word; empty for the only head
  bool splice = false;
  std::string branch_label;
  std::vector<std::string> depends_on;  // revision words
  std::string rev_id;                   // empty: made of the time
};

struct CreatedRevision {
  Revision revision;  // with text, file name and hash
  std::vector<Change> changes;
  std::vector<RevisionWarning> warnings;
  std::vector<Unsupported> unsupported;
};

// Renames that a model's files hint at.
RenameHints HintsOf(const std::vector<ModelFile>& model);
// `options`, and what the files say with `nolint`.
LintOptions WithNolint(LintOptions options, const std::vector<ModelFile>& model);

// Where `request` puts a revision among those of `folder`, with its id. Pure.
// Errors of RevisionGraph. kInvalidArgument REVISION_EXISTS, REVISION_UNKNOWN; HEAD_HAS_CHILDREN: others revise `head`
// already, and splice is not said.
absl::StatusOr<RevisionLinks> PlaceRevision(const MigrationFolder& folder, const NewRevision& request, absl::Time now);

// Writes a revision and proves it in scratch; stores nothing. What the revisions make is asked of all heads of the
// folder: a model declares the whole schema, whichever branch the revision goes to. Blocks until `deadline` at most.
// Errors of PlaceRevision, Canonical and Prove.
absl::StatusOr<CreatedRevision> CreateRevision(Canonical& canonical, const MigrationFolder& folder,
                                               const DdlSetting& setting, const NewRevision& request, absl::Time now,
                                               absl::Time deadline, const LintOptions& lint = {});

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CREATE_REVISION_H_
