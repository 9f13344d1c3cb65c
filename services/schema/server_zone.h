#ifndef BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_
#define BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// SQL: the name of the server's own time zone.
#define BONNIE_SERVER_ZONE "IF(@@GLOBAL.time_zone = 'SYSTEM', @@system_time_zone, @@GLOBAL.time_zone)"

// Whether a zone of that name is UTC; what is called GMT may have a summer time. Pure.
inline bool IsUtc(absl::string_view zone) { return zone == "UTC" || zone == "Etc/UTC" || zone == "+00:00"; }

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_
