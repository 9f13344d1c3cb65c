#ifndef BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_
#define BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "services/schema/diff.h"
#include "services/schema/model.h"
#include "services/schema/revision_warnings.h"

namespace bonnie::schema {

class ScratchDatabase;

// A way up and a way down between two schemas, both of which were run and compared.
struct ProvenScript {
  std::vector<std::string> up;                    // as it was run, wrapped for reading (WrapStatement)
  absl::optional<std::vector<std::string>> down;  // nullopt: there is no proven way; a warning says why
  Difference difference;                          // what it does
  std::vector<RevisionWarning> warnings;
};

// Writes the statements from `from` to `to` and back, and proves them in `scratch`: makes `from` there, runs the way
// up, inspects, and finds nothing left to do; runs the way down, and finds `from` again. Found means two things: Diff
// is empty, and SHOW CREATE of every table reads the same but for the AUTO_INCREMENT counter and the order of secondary
// indexes, constraints and options. What one pass leaves over (an index that the server made or dropped by itself) is
// added by another, three times at most, and all of it is proven again from the beginning. Tables that neither change
// nor are bound by a foreign key to one that does are left out, and so are the others' foreign keys to them.
//
// Views, triggers, routines and events are not in scratch; where they differ, that is refused.
//
// `lint`: for the warnings. Blocks. kFailedPrecondition CHANGE_UNSUPPORTED: something cannot be carried; each is named
// in the message and nothing is guessed. AMBIGUOUS_RENAME: a drop and an add look alike and no hint says which is
// meant; both readings are named. Or HintTroubles. Errors of ScratchDatabase.
absl::StatusOr<ProvenScript> Prove(ScratchDatabase& scratch, const Schema& from, const Schema& to,
                                   const RenameHints& hints, const LintOptions& lint = {});

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_
