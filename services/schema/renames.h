#ifndef BONNIE_SERVICES_SCHEMA_RENAMES_H_
#define BONNIE_SERVICES_SCHEMA_RENAMES_H_

#include <map>
#include <string>
#include <vector>

#include "services/schema/diff.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What is called otherwise afterwards.
struct Renames {
  std::map<std::string, std::string> tables;                          // old -> new
  std::map<std::string, std::map<std::string, std::string>> columns;  // by the table's new name: old -> new
};

// The hints that hold between `from` and `to` (see Diff), and columns whose names differ in case only. Pure.
Renames FindRenames(const Schema& from, const Schema& to, const RenameHints& hints);

// One sentence for each hint that cannot be followed: two hints name one old column or table, or the old name is used
// again. Ignores hints that were followed already (the new name is in `from`). Pure.
std::vector<std::string> HintTroubles(const Schema& from, const Schema& to, const RenameHints& hints);

// `from` as the server has it once the renames are done: names in clauses follow, and so do the names that the server
// derives from a table's (t_ibfk_1, t_chk_1). `create_statement` is left as it was. Pure.
Schema AfterRenames(const Schema& from, const Renames& renames);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_RENAMES_H_
