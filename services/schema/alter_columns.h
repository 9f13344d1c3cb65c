#ifndef BONNIE_SERVICES_SCHEMA_ALTER_COLUMNS_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_COLUMNS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/schema/model.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Which columns an ALTER TABLE cannot take as they are, by their names afterwards.
struct ColumnUpheaval {
  std::set<std::string> recreated;  // dropped and added: a virtual column becomes stored or plain, or the other way
  std::set<std::string> renamed;
  // What else must be said again because it speaks of one of these: MySQL refuses to rename or drop a column that an
  // expression uses, unless the same statement defines the expression anew (3108, 3959, 3766, 3855).
  bool Touches(const std::string& expression) const;
};

// `old_names`: of renamed columns, new -> old.
ColumnUpheaval FindUpheaval(const TableDifference& difference, const std::map<std::string, std::string>& old_names);

// The clauses of an ALTER TABLE that drop, add, change and move columns, in an order that works: DROP first, then from
// left to right, so that AFTER names a column that has its place already. As few columns move as possible.
std::vector<std::string> ColumnClauses(const TableDifference& difference, const ColumnUpheaval& upheaval,
                                       const std::map<std::string, std::string>& old_names);

// A column's clause as a statement must write it: `definition`, with the default in hexadecimal where SHOW CREATE lost
// some of its characters, and without a collation that it inherits.
std::string WriteColumn(const Column& column);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_COLUMNS_H_
