#ifndef BONNIE_SERVICES_SERVER_PORT_OWNER_H_
#define BONNIE_SERVICES_SERVER_PORT_OWNER_H_

#include <string>

#include "absl/status/status.h"

namespace bonnie::server {

// Who listens on TCP port `port` of this machine: "mysqld (pid 812)", or empty where that cannot be seen.
std::string PortOwner(int port);

// Why `address` (host:port) cannot be listened on, for an error: kUnavailable, naming the address, the system's reason
// and the port's owner.
absl::Status CannotListen(const std::string& address);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PORT_OWNER_H_
