#ifndef BONNIE_SERVICES_SCHEMA_POSSIBLE_RENAMES_H_
#define BONNIE_SERVICES_SCHEMA_POSSIBLE_RENAMES_H_

#include <vector>

#include "services/schema/diff.h"
#include "services/schema/model.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Dropped and added columns that look alike: the same clause, between the same neighbours. Pure.
std::vector<PossibleRename> PossibleColumnRenames(const TableDifference& difference);

// Tables of `before` that are gone and tables of `after` that are new, with the same columns. Pure.
std::vector<PossibleRename> PossibleTableRenames(const Schema& before, const Schema& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_POSSIBLE_RENAMES_H_
