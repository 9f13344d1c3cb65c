#include "services/server/policy_checks.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/api.h"
#include "services/server/hidden_fields.h"
#include "services/server/identity.h"

namespace bonnie::server {
namespace {

namespace v1 = config::v1;

std::string FaultOfMethod(const std::string& name) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  if (parts.first.empty() || parts.second.empty()) {
    return absl::StrCat(name, ", want package.Service/Method or package.Service/*");
  }
  const auto* service = FindApiService(parts.first);
  if (service == nullptr) return absl::StrCat(name, ", but there is no service ", parts.first);
  if (parts.second == "*" || service->FindMethodByName(parts.second) != nullptr) return "";
  return absl::StrCat(name, ", but ", parts.first, " has no such method");
}

template <class Names, class FaultOf>
void CheckEach(const Names& names, const char* field, FaultOf fault_of, std::vector<ConfigFault>& faults) {
  for (int i = 0; i < names.size(); ++i) {
    std::string fault = fault_of(names[i]);
    if (!fault.empty()) faults.push_back({field, i, std::move(fault)});
  }
}

}  // namespace

std::vector<ConfigFault> CheckRole(const v1::Role& role) {
  std::vector<ConfigFault> faults;
  CheckEach(role.methods(), "methods", FaultOfMethod, faults);
  const HideableFields hideable(role);
  const auto fault_of_field = [&](const std::string& name) { return hideable.FaultOf(name); };
  CheckEach(role.hidden_fields(), "hidden_fields", fault_of_field, faults);
  for (int i = 0; i < role.rights_size(); ++i) {
    if (role.rights(i) != v1::RIGHT_UNSPECIFIED && v1::Right_IsValid(role.rights(i))) continue;
    faults.push_back({"rights", i, absl::StrCat(static_cast<int>(role.rights(i)), ", must name a right")});
  }
  if (role.name() == "peer" && !role.has_forwards()) {
    faults.push_back({"name", -1, "peer, must have `forwards`: the methods that it forwards, and for whom"});
  }
  return faults;
}

std::vector<ConfigFault> CheckForwarding(const v1::Forwarding& forwarding) {
  std::vector<ConfigFault> faults;
  CheckEach(forwarding.methods(), "methods", FaultOfMethod, faults);
  CheckEach(forwarding.speaks_for(), "speaks_for", FaultOfPattern, faults);
  return faults;
}

std::vector<ConfigFault> CheckBinding(const v1::Binding& binding) {
  if (binding.identity().empty()) return {};  // missing, which is told already
  std::string fault = FaultOfIdentity(binding.identity());
  if (fault.empty()) return {};
  return {{"identity", -1, std::move(fault)}};
}

std::vector<ConfigFault> CheckRolePolicy(const v1::RolePolicy& policy) {
  std::vector<ConfigFault> faults;
  absl::flat_hash_set<std::string> roles, identities;
  for (int i = 0; i < policy.roles_size(); ++i) {
    if (!roles.insert(policy.roles(i).name()).second) {
      faults.push_back({"roles", i, absl::StrCat(policy.roles(i).name(), " is there twice")});
    }
  }
  for (int i = 0; i < policy.bindings_size(); ++i) {
    const v1::Binding& binding = policy.bindings(i);
    if (!identities.insert(binding.identity()).second) {
      faults.push_back({"bindings", i, absl::StrCat(binding.identity(), " is bound twice")});
    }
    for (const std::string& role : binding.roles()) {
      if (!roles.contains(role)) {
        faults.push_back({"bindings", i, absl::StrCat(binding.identity(), ": there is no role ", role)});
      }
    }
  }
  return faults;
}

}  // namespace bonnie::server
