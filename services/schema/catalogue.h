#ifndef BONNIE_SERVICES_SCHEMA_CATALOGUE_H_
#define BONNIE_SERVICES_SCHEMA_CATALOGUE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/data_access/driver.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What information_schema says of the current database in bulk: what there is, and what SHOW CREATE leaves out.
struct Catalogue {
  std::string schema, charset, collation;
  bool server_in_utc = false;  // the server's time zone is UTC
  std::map<std::string, std::string> row_formats;  // of each table, in force
  // (table, column) -> charset and collation in force.
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> charsets;
  std::vector<std::string> sequences;
  std::vector<StoredObject> objects;  // without their text
  std::vector<Unsupported> hidden;    // kinds of objects that the account may not see
  std::string marker;                 // another text when the schema was changed meanwhile
};

// Blocks for one round trip. Errors of the connection.
absl::StatusOr<Catalogue> ReadCatalogue(data_access::Connection& connection);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CATALOGUE_H_
