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

// Ranges that go at either end, and lists without new ones, are dropped (DROP PARTITION: their rows are lost); what is
// divided or joined otherwise, and all on the way back, keeps rows where the servers can (REORGANIZE PARTITION); what
// comes at the end is added; all else is partitioned anew. `anew`: the table cannot be changed without saying its
// partitioning again. Pure.
PartitionChange ChangePartitions(const TableDifference& difference, bool anew, Direction direction);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_
