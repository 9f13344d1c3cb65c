#ifndef BONNIE_SERVICES_SCHEMA_NO_DEFAULT_H_
#define BONNIE_SERVICES_SCHEMA_NO_DEFAULT_H_

#include <set>
#include <string>

#include "services/schema/model.h"

namespace bonnie::schema {

// MySQL's columns that may be NULL and have no default, not even NULL, so that every INSERT must give them a value:
// ALTER COLUMN … DROP DEFAULT leaves them so, and no CREATE TABLE can say it. A model's mark for one is `--
// no-default`.

// Whether SHOW CREATE writes no default for a column for which it would write DEFAULT NULL. Pure.
bool LacksDefault(const Column& column);

// The table's columns of that kind. Pure.
std::set<std::string> ColumnsWithoutDefault(const Table& table);

// The ALTER TABLE that makes columns of a table such; to run once it is made. Pure.
std::string DropDefaults(const std::string& table, const std::set<std::string>& columns);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_NO_DEFAULT_H_
