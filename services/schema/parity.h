#ifndef BONNIE_SERVICES_SCHEMA_PARITY_H_
#define BONNIE_SERVICES_SCHEMA_PARITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bonnie/schema/v1/parity.pb.h"
#include "bonnie/schema/v1/schema_service.pb.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What was gathered of one site.
struct SiteFacts {
  std::string site;
  absl::Status status;          // not OK: the site did not answer, and the rest is empty
  v1::CheckSiteResponse check;  // server, variables, applied revisions
  std::vector<std::string> folder_heads;
  std::string folder_hash;
  Schema schema;  // of the database
};

// Compares sites: a row for each, where those that answered differ, which of them a majority stands against, and what
// of one's schema another's server cannot hold. Pure.
v1::CheckParityResponse CompareSites(const std::vector<SiteFacts>& sites);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PARITY_H_
