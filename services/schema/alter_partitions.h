#ifndef BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_

#include <string>
#include <vector>

#include "services/schema/revision_graph.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// How the partitioning of a table becomes another.
struct PartitionChange {
  std::string ending;                   // of the table's ALTER: "PARTITION BY …", "REMOVE PARTITIONING"; empty for none
  // Each an ALTER of its own, after that: ADD, DROP, REORGANIZE, COALESCE PARTITION.
  std::vector<std::string> statements;
};

// On the way up, DROP PARTITION (its rows are lost) is used for ranges at either end and for lists when no list is new.
// Otherwise, and on the way down where possible, REORGANIZE PARTITION keeps the rows; the statement fails if a row of a
// list has no partition afterwards. ADD PARTITION appends. All else is partitioned anew. `anew`: the table cannot be
// changed without saying its partitioning again. Pure.
PartitionChange ChangePartitions(const TableDifference& difference, bool anew, Direction direction);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_
