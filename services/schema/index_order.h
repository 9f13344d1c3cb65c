#ifndef BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
#define BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_

#include <set>

#include "absl/functional/function_ref.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Indexes (as they are before) that have to be dropped and added again in the ALTER that changes the table, though they
// stay the same, so that SHOW CREATE lists all in `after`'s order, but for FULLTEXT ones: the server puts those that are
// added behind those that stay. It builds none of them anew, and skips a statement that does nothing else; so none are
// named when nothing else of the table changes. `anew`: whether a pair is dropped and added anyway. Pure.
std::set<const Index*> MovedIndexes(const TableDifference& difference,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
