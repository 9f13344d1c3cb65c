#ifndef BONNIE_SERVICES_SCHEMA_PARTITIONING_H_
#define BONNIE_SERVICES_SCHEMA_PARTITIONING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bonnie::schema {

struct Partition {
  std::string name;
  std::string clause;  // "PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB"
  friend bool operator==(const Partition& a, const Partition& b) { return a.clause == b.clause; }
};

// A table's partitioning as SHOW CREATE writes it, taken apart.
struct Partitioning {
  std::string head;             // what is before the list: "PARTITION BY RANGE (`id`)"
  std::vector<Partition> list;  // empty where none is written

  bool IsByList() const;
  bool IsByRangeOrList() const;
};

// Reads one; what is no partitioning has it all as its head. Pure.
Partitioning ReadPartitioning(absl::string_view text);

// Partitions of `before` that are not in `after`. Pure.
std::vector<Partition> PartitionsThatGo(const Partitioning& before, const Partitioning& after);
// Whether DROP PARTITION and ADD PARTITION lead from one list to the other: what stays is how `after` begins. Pure.
bool CanDropAndAdd(const Partitioning& before, const Partitioning& after);
// Whether rows of partitions that go belong to others that are there afterwards: of ranges that go in between, since
// the next one reaches back to the one before; perhaps of lists, where new ones come. Pure.
bool OthersTakeRows(const Partitioning& before, const Partitioning& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PARTITIONING_H_
