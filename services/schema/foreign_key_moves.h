#ifndef BONNIE_SERVICES_SCHEMA_FOREIGN_KEY_MOVES_H_
#define BONNIE_SERVICES_SCHEMA_FOREIGN_KEY_MOVES_H_

#include <map>
#include <string>
#include <vector>

#include "services/schema/model.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Foreign keys of tables that are there before and after, by the table's name afterwards.
struct ForeignKeyMoves {
  std::map<std::string, std::vector<const ForeignKey*>> drops;  // before anything else changes; as they are before
  std::map<std::string, std::vector<const ForeignKey*>> adds;   // when all else is done; as they are afterwards
};

// A foreign key that stays is dropped and added again only where the servers refuse to change what it joins: a column
// on either side changes its type, character set or AUTO_INCREMENT, or is made anew (1832, 1833, 3780), or a table its
// engine. Indexes may change under it, and columns their names, NULL and defaults: seen on both servers.
// `differences`: of all tables that are there before and after. Pure.
ForeignKeyMoves MoveForeignKeys(const std::map<std::string, TableDifference>& differences);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FOREIGN_KEY_MOVES_H_
