#ifndef BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
#define BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_

#include <set>

#include "absl/functional/function_ref.h"
#include "services/data_access/error_table.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Indexes (as they are before) that have to be dropped and added again, though they stay the same, so that SHOW CREATE
// lists all in `after`'s order: the server puts those that are added behind those that stay. It builds none of them
// anew, but for MariaDB's FULLTEXT ones. `anew`: whether a pair is dropped and added anyway.
//
// The servers sort unique keys, those without NULL first. MySQL does so whenever it shows them, MariaDB when keys are
// added or dropped: a column that gets or loses NOT NULL leaves them where they are until then (10.11). Pure.
std::set<const Index*> MovedIndexes(const TableDifference& difference, data_access::Flavour flavour,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew);

// The first index that stands before one of those that the server sorts before it, so that no CREATE TABLE makes this
// order; null where all are sorted. Pure.
const Index* FindUnsortedIndex(const Table& table);

// The same of table-level checks, which MariaDB lists in the order in which they came, and MySQL by name. MariaDB
// copies the table for each that is added.
std::set<const Check*> MovedChecks(const TableDifference& difference, absl::FunctionRef<bool(const Pair<Check>&)> anew);

// Whether more of the table differs than the order of its indexes and checks, its foreign keys and its partitions. If
// not, an ALTER that drops and adds indexes which stay the same changes nothing, and the servers skip it; they take the
// new order when it says the table's COMMENT again, too. Pure.
bool DiffersBesideOrder(const TableDifference& difference);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_INDEX_ORDER_H_
