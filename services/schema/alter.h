#ifndef BONNIE_SERVICES_SCHEMA_ALTER_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_H_

#include <string>
#include <vector>

#include "services/schema/diff.h"
#include "services/schema/model.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// Statements that turn one schema into another, and what stands in the way.
struct AlterScript {
  std::vector<std::string> statements;  // in the order to run them, without delimiters
  std::vector<Unsupported> unsupported;  // differences that no statement here can carry, each by name
};

// Writes the DDL for the difference between `from` and `to`. Pure.
//
// Foreign keys that are in the way go first and come back last, tables are made parents first (cycles are closed by
// ALTER TABLE), clauses on one table share one ALTER where that is legal and are split where it is not. Columns are
// written with the server's own clause, so nothing is lost by a MODIFY. Stored objects are not changed: they are listed
// as unsupported when they differ. With Direction::kDown, partitions are joined instead of dropped where possible, so
// that their rows stay.
AlterScript WriteAlter(const Schema& from, const Schema& to, const RenameHints& hints = {},
                       Direction direction = Direction::kUp);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_H_
