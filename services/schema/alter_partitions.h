#ifndef BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_

#include <string>
#include <vector>

#include "services/schema/table_difference.h"

namespace bonnie::schema {

// How the partitioning of a table becomes another.
struct PartitionChange {
  std::string ending;                   // of the table's ALTER: "PARTITION BY …", "REMOVE PARTITIONING"; empty for none
  // Each an ALTER of its own, after that: ADD, DROP, REORGANIZE, COALESCE PARTITION.
  std::vector<std::string> statements;
};

// A list that loses members and grows at its end is changed by DROP PARTITION (whose rows are lost) and ADD PARTITION,
// one that is divided otherwise by REORGANIZE PARTITION (which keeps them); all else is partitioned anew.
// `anew`: the table cannot be changed without saying its partitioning again. Pure.
PartitionChange ChangePartitions(const TableDifference& difference, bool anew);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_PARTITIONS_H_
