#ifndef BONNIE_SERVICES_SCHEMA_DOCS_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_DOCS_TABLES_H_

#include <map>
#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// A foreign key with its table.
struct Reference {
  const Table* table = nullptr;
  const ForeignKey* key = nullptr;
};
// Foreign keys that lead to each table.
std::map<std::string, std::vector<Reference>> ReferencesTo(const Schema& schema);

// A link to the table's own part of the document; only its name when `name` is none of the schema's tables.
std::string TableLink(const Schema& schema, const std::string& name);

// One table's part of the data dictionary. Pure.
std::string WriteTableDocs(const Schema& schema, const Table& table, const std::vector<Reference>& referenced_by);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_DOCS_TABLES_H_
