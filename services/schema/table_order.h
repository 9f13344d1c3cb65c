#ifndef BONNIE_SERVICES_SCHEMA_TABLE_ORDER_H_
#define BONNIE_SERVICES_SCHEMA_TABLE_ORDER_H_

#include <set>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// Tables in an order in which foreign keys can be made.
struct TableOrder {
  std::vector<const Table*> parents_first;
  // Foreign keys that point at a table further on: what is left of cycles. One to the table itself is none of them.
  std::set<const ForeignKey*> closing;
};

// Orders `tables` so that a table comes after those that it refers to; by name where that leaves a choice. Foreign keys
// to other tables do not count. Borrows from `tables`. Pure.
TableOrder OrderTables(const std::vector<const Table*>& tables);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_TABLE_ORDER_H_
