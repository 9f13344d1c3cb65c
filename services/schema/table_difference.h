#ifndef BONNIE_SERVICES_SCHEMA_TABLE_DIFFERENCE_H_
#define BONNIE_SERVICES_SCHEMA_TABLE_DIFFERENCE_H_

#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// One thing before and after; null where it is not there.
template <typename T>
struct Pair {
  const T* before = nullptr;
  const T* after = nullptr;
};

// Two states of one table, part by part, the parts that are the same included. Names are those after renames.
// Borrows from both tables.
struct TableDifference {
  const Table* before = nullptr;
  const Table* after = nullptr;
  std::vector<Pair<Column>> columns;  // in `after`'s order, then the dropped ones
  std::vector<Pair<Index>> indexes;   // in `after`'s order, then the dropped ones; a renamed one is one pair
  std::vector<Pair<ForeignKey>> foreign_keys;
  std::vector<Pair<Check>> checks;
  std::vector<Pair<TableOption>> options;  // without the AUTO_INCREMENT counter

  bool periods_differ() const { return before->periods != after->periods; }
  bool partitioning_differs() const { return before->partitioning != after->partitioning; }
  // Whether the character set or collation that new columns get differs.
  bool charset_differs() const;
};

// Pairs the parts of two tables by name, without case; indexes that differ in nothing but their names are paired too.
TableDifference Compare(const Table& before, const Table& after);

// Columns that are there before and after and change places with others, as few as possible, in their new order.
std::vector<std::string> MovedColumns(const TableDifference& difference);

// Whether two parts have the same clause, and of columns the same character set, whether written or inherited.
bool Same(const Column& a, const Column& b);
bool Same(const Index& a, const Index& b);
bool Same(const ForeignKey& a, const ForeignKey& b);
bool Same(const Check& a, const Check& b);
bool Same(const TableOption& a, const TableOption& b);

template <typename T>
bool Same(const Pair<T>& pair) {
  return pair.before != nullptr && pair.after != nullptr && Same(*pair.before, *pair.after);
}
// There before and after, but not the same.
template <typename T>
bool Changed(const Pair<T>& pair) {
  return pair.before != nullptr && pair.after != nullptr && !Same(*pair.before, *pair.after);
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_TABLE_DIFFERENCE_H_
