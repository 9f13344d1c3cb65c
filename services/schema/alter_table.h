#ifndef BONNIE_SERVICES_SCHEMA_ALTER_TABLE_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_TABLE_H_

#include <map>
#include <string>
#include <vector>

#include "services/data_access/error_table.h"
#include "services/schema/model.h"
#include "services/schema/revision_graph.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// How one table becomes another, its foreign keys left out.
struct TableAlteration {
  const TableDifference* difference = nullptr;
  Direction direction = Direction::kUp;
  std::map<std::string, std::string> old_column_names;  // of renamed columns, new -> old
  std::vector<const ForeignKey*> new_foreign_keys;      // that it gets later
};

// The ALTER TABLEs for it: one wherever that is legal. Tables that do not differ give none. What no ALTER can do is
// named in `unsupported`. Pure.
std::vector<std::string> AlterTable(const TableAlteration& alteration, data_access::Flavour flavour,
                                    std::vector<Unsupported>* unsupported);

// "ALTER TABLE `t` a, b", a line for each clause when there are several. `ending` stands behind without a comma.
std::string WriteAlterTable(const std::string& table, const std::vector<std::string>& clauses,
                            const std::string& ending = "");

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_TABLE_H_
