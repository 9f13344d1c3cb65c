#ifndef BONNIE_SERVICES_SCHEMA_STAMP_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_STAMP_SERVICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/data_access/budget.h"
#include "services/schema/model.h"
#include "services/schema/service_parts.h"
#include "services/schema/stamp.h"
#include "services/schema/stamp_plan.h"

namespace bonnie::schema {

// A stamp that was written, and what was seen of the database.
struct StampDone {
  Stamped stamped;
  std::string operation_id;
  std::vector<std::string> tool_revisions;  // with StampCall::from_tool: that the tool's own table names
  std::vector<std::string> unmanaged_tables;
  std::vector<Unsupported> unsupported;
};

// What StampRevision does: plans the stamp, and writes it where the site's policy lets it. The database is compared
// before the lease is asked for and again under it. Blocks, at most until the end of `budget`. The errors of
// MigrationService.StampRevision.
absl::StatusOr<StampDone> StampAsPlanned(const ServiceParts& parts, const Stamper& stamper, StampCall call,
                                         const data_access::Budget& budget);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STAMP_SERVICE_H_
