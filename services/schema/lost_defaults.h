#ifndef BONNIE_SERVICES_SCHEMA_LOST_DEFAULTS_H_
#define BONNIE_SERVICES_SCHEMA_LOST_DEFAULTS_H_

#include "absl/status/statusor.h"
#include "services/data_access/driver.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Finds the true bytes of defaults whose characters SHOW CREATE lost (they read `?` there) by asking the server for
// DEFAULT(column), and writes them into `schema`'s columns as 0x…, as it does binary ones that are no UTF-8. What
// cannot be asked (no primary key, no right to read the table), and labels of ENUM and SET, for which nothing gives the
// bytes, goes into `unsupported`. Answers whether the server was asked anything: blocks for one round trip then. Errors
// of the connection.
absl::StatusOr<bool> RecoverLostText(data_access::Connection& connection, Schema* schema);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LOST_DEFAULTS_H_
