#ifndef BONNIE_SERVICES_SCHEMA_ALTER_OPTIONS_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_OPTIONS_H_

#include <string>
#include <vector>

#include "services/schema/model.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// The clauses of an ALTER TABLE that bring a table's options to what they are to be. One that is gone has to be given
// its default: options that a statement leaves out stay. Options that no ALTER changes are named in `unsupported`.
std::vector<std::string> OptionClauses(const TableDifference& difference, std::vector<Unsupported>* unsupported);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_OPTIONS_H_
