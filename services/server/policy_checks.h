#ifndef BONNIE_SERVICES_SERVER_POLICY_CHECKS_H_
#define BONNIE_SERVICES_SERVER_POLICY_CHECKS_H_

#include <vector>

#include "services/server/config_checks.h"

namespace bonnie::config::v1 {
class Binding;
class Forwarding;
class Role;
class RolePolicy;
}  // namespace bonnie::config::v1

// What is wrong with a role policy, beside missing fields. A name that means nothing is always an error: ignored, a
// misspelt hidden field would show what it was written to hide.
namespace bonnie::server {

// Methods, hidden fields and rights must exist; the role `peer` must say what it forwards.
std::vector<ConfigFault> CheckRole(const config::v1::Role& role);
// Methods must exist, identities be identities or patterns.
std::vector<ConfigFault> CheckForwarding(const config::v1::Forwarding& forwarding);
std::vector<ConfigFault> CheckBinding(const config::v1::Binding& binding);
// Roles must exist once, identities be bound once.
std::vector<ConfigFault> CheckRolePolicy(const config::v1::RolePolicy& policy);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_POLICY_CHECKS_H_
