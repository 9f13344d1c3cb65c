#ifndef BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_
#define BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// SQL: the name of the server's own time zone.
#define BONNIE_SERVER_ZONE "IF(@@GLOBAL.time_zone = 'SYSTEM', @@system_time_zone, @@GLOBAL.time_zone)"

// Whether the zone's name means UTC. GMT does not: it is also the winter name of Europe/London. Pure.
inline bool IsUtc(absl::string_view zone) { return zone == "UTC" || zone == "Etc/UTC" || zone == "+00:00"; }

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SERVER_ZONE_H_
