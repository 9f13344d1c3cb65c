#ifndef BONNIE_SERVICES_SERVER_PROBE_H_
#define BONNIE_SERVICES_SERVER_PROBE_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bonnie::server {

// What a probe of the database found.
struct ProbeResult {
  bool read_only = false;
  std::string schema_revision;  // heads, joined with commas; empty before the first revision
  std::string server;           // such as "MariaDB 10.11.6-MariaDB", for the log
};

// Asks whether the process can serve; blocks until `deadline` at the latest. An error is a reason not to serve; its
// message goes to the log and to the service manager.
using Probe = std::function<absl::StatusOr<ProbeResult>(absl::Time deadline)>;

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PROBE_H_
