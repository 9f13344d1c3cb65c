#ifndef BONNIE_SERVICES_SCHEMA_OBJECT_DRIFT_H_
#define BONNIE_SERVICES_SCHEMA_OBJECT_DRIFT_H_

#include <vector>

#include "absl/status/status.h"
#include "services/schema/ddl_session.h"
#include "services/schema/forecast.h"

namespace bonnie::schema {

// Checks that `objects` are in the database as they were when a plan was made: an approval is for statements that meet
// what was looked at. Blocks for three round trips each. kFailedPrecondition SCHEMA_CHANGED: one is not; how it differs
// is in the message, of tables part by part.
absl::Status CheckObjects(DdlSession& ddl, const std::vector<ObjectState>& objects);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OBJECT_DRIFT_H_
