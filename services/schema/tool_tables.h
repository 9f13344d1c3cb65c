#ifndef BONNIE_SERVICES_SCHEMA_TOOL_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_TOOL_TABLES_H_

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Whether a table is another migration tool's own, such as alembic_version, or one that an online schema change is
// filling: never a difference, and no part of a model. Pure.
bool IsToolTable(absl::string_view name);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_TOOL_TABLES_H_
