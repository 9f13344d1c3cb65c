#ifndef BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
#define BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_

#include <set>

#include "absl/functional/function_ref.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Indexes (as they are before) that have to be dropped and added again in the ALTER that changes the table, though they
// stay the same, so that SHOW CREATE lists all in `after`'s order: the server puts those that are added behind those
// that stay. It builds none of them anew, but for MariaDB's FULLTEXT ones. `anew`: whether a pair is dropped and added
// anyway. Pure.
std::set<const Index*> MovedIndexes(const TableDifference& difference,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew);

// The same of table-level checks, which MariaDB lists in the order in which they came, and MySQL by name. MariaDB copies
// the table for each that is added.
std::set<const Check*> MovedChecks(const TableDifference& difference, absl::FunctionRef<bool(const Pair<Check>&)> anew);

// Whether more of the table differs than the order of its indexes and checks, its foreign keys and its partitions. If
// not, the servers skip a statement that drops and adds indexes which stay the same; they take the new order when it
// says the table's COMMENT again, too. Pure.
bool TakesOrderAlong(const TableDifference& difference);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
