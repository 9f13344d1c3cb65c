#ifndef BONNIE_SERVICES_SCHEMA_INSPECT_H_
#define BONNIE_SERVICES_SCHEMA_INSPECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/data_access/driver.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Reads the current database of `connection` whole: tables, views, triggers, routines, events. The connection is made
// with ConnectOptions::multi_statements, used for nothing else and thrown away afterwards (its session variables are
// changed). A constant number of round trips: catalogue rows in bulk, and SHOW CREATE in batches of many statements.
// Blocks. What cannot be told exactly goes into `unsupported`. kAborted SCHEMA_CHANGED: somebody changed the schema
// while it was read, in each of several tries. Others: of the connection.
absl::StatusOr<Schema> Inspect(data_access::Connection& connection);

// SHA-256 in hexadecimal over the server's canonical text of every table and object, without AUTO_INCREMENT counters:
// exact on one server, another on the next.
std::string ServerFingerprint(const Schema& schema);
// The same over what flavours and versions have in common (display widths, spellings, defaults that they write
// differently are normalised): equal on two sites when the schemas mean the same.
std::string PortableFingerprint(const Schema& schema);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_INSPECT_H_
