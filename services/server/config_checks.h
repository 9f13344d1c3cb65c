#ifndef BONNIE_SERVICES_SERVER_CONFIG_CHECKS_H_
#define BONNIE_SERVICES_SERVER_CONFIG_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/server/config_rules.h"

namespace google::protobuf {
class Message;
}

namespace bonnie::server {

// What is wrong with one value: "-1, want 1 to 200"; empty when nothing is.
std::string FaultOfText(const ConfigRule& rule, const std::string& value);
std::string FaultOfNumber(const ConfigRule& rule, double value);
std::string FaultOfDuration(const ConfigRule& rule, absl::Duration value);

// Something wrong with fields of one message taken together.
struct ConfigFault {
  std::string field;  // where to point at
  int index = -1;     // of a repeated field
  std::string what;
};
// The faults of `message` itself, not of messages in it: for Server, SchemaConfig, Database, DatabaseTls, RolePolicy;
// none for others.
std::vector<ConfigFault> CheckTogether(const google::protobuf::Message& message);

// More such faults, of messages that only one binary can judge.
using ConfigCheck = std::vector<ConfigFault> (*)(const google::protobuf::Message& message);

// Splits host:port or [host]:port. False: it is neither, or the port is not 0 to 65535.
bool SplitAddress(const std::string& address, std::string* host, int* port);
// Whether `host` can only be this machine: localhost, 127.x.x.x or ::1.
bool IsLoopback(const std::string& host);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CONFIG_CHECKS_H_
