#ifndef BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_
#define BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/diff.h"
#include "services/schema/model.h"

namespace bonnie::schema {

class ScratchDatabase;

// A way up and a way down between two schemas, both of which were run and compared.
struct ProvenScript {
  std::vector<std::string> up, down;
  Difference difference;            // what it does
  std::vector<std::string> warnings;  // such as rows that a new NOT NULL column fills silently
};

// Writes the statements from `from` to `to` and back, and proves them in `scratch`: makes `from` there, runs the way up,
// inspects, and finds nothing left to do; runs the way down, and finds `from` again. What one pass leaves over (an index that
// the server made or dropped by itself) is added by another, and all of it is proven again.
// Blocks. kFailedPrecondition CHANGE_UNSUPPORTED: something cannot be carried; each is named in the message and nothing
// is guessed. AMBIGUOUS_RENAME: a drop and an add look alike and no hint says which is meant; both readings are named.
absl::StatusOr<ProvenScript> Prove(ScratchDatabase& scratch, const Schema& from, const Schema& to,
                                   const RenameHints& hints);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_AUTOGENERATE_H_
