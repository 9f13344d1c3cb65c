#ifndef BONNIE_SERVICES_SCHEMA_SITE_FACTS_H_
#define BONNIE_SERVICES_SCHEMA_SITE_FACTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/data_access/session.h"

namespace bonnie::schema {

// Questions to a site's server about itself and about the account that asks. All block for their query.

// Name of the current database (schema).
absl::StatusOr<std::string> ReadDatabaseName(data_access::Querier& querier);

// Server variables that shape what DDL makes, by lower-case name; those that the flavour lacks are absent.
absl::StatusOr<std::map<std::string, std::string>> ReadDdlVariables(data_access::Querier& querier);

// A right that the schema service uses.
struct GrantFact {
  std::string privilege;
  std::string needed_for;
  bool present = false;
};
// Present: granted to the account on everything or on the current database, or (for the ledger's) on the ledger's
// tables. Rights that come by roles are not seen.
absl::StatusOr<std::vector<GrantFact>> ReadGrants(data_access::Querier& querier);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SITE_FACTS_H_
