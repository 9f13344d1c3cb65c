#ifndef BONNIE_SERVICES_SCHEMA_DOCS_H_
#define BONNIE_SERVICES_SCHEMA_DOCS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// The schema as a data dictionary in GitHub's Markdown: contents, how much has comments, each table (columns, indexes,
// foreign keys both ways, checks, partitions, a diagram of its neighbours), views, triggers, routines and events.
// `tables` as ErdOptions::tables; with some, the other objects are left out but their triggers. Pure; the same schema
// has the same bytes. Errors of MatchTables.
absl::StatusOr<std::string> WriteDocs(const Schema& schema, const std::vector<std::string>& tables);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_DOCS_H_
