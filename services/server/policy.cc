#include "services/server/policy.h"

#include <algorithm>
#include <utility>

#include "services/data_access/status_macros.h"
#include "services/server/config.h"

namespace bonnie::server {
namespace {

constexpr char kPeerRole[] = "peer";

HiddenFields Nothing() {
  static const HiddenFields& nothing = *new HiddenFields(std::make_shared<const std::vector<std::string>>());
  return nothing;
}

}  // namespace

bool Grant::Allows(absl::string_view full_name, absl::string_view all_of_service) const {
  return std::any_of(roles_.begin(), roles_.end(), [&](const std::shared_ptr<const Role>& role) {
    return role->methods.contains(full_name) || role->methods.contains(all_of_service);
  });
}

HiddenFields Grant::Hidden(absl::string_view full_name, absl::string_view all_of_service) const {
  if (!hides_) return Nothing();
  absl::optional<std::vector<std::string>> hidden;
  for (const std::shared_ptr<const Role>& role : roles_) {
    if (!role->methods.contains(full_name) && !role->methods.contains(all_of_service)) continue;
    if (!hidden.has_value()) {
      hidden = role->hidden_fields;
      continue;
    }
    hidden->erase(std::remove_if(hidden->begin(), hidden->end(),
                                 [&](const std::string& field) {
                                   return std::find(role->hidden_fields.begin(), role->hidden_fields.end(), field) ==
                                          role->hidden_fields.end();
                                 }),
                  hidden->end());
  }
  return hidden.has_value() ? std::make_shared<const std::vector<std::string>>(*std::move(hidden)) : Nothing();
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Make(const config::v1::RolePolicy& config, const Policy* before) {
  BONNIE_RETURN_IF_ERROR(CheckConfig(config));
  return Build(config, before);
}

std::shared_ptr<const Policy> Policy::Build(const config::v1::RolePolicy& config, const Policy* before) {
  absl::flat_hash_map<std::string, std::shared_ptr<const Grant::Role>> roles;
  for (const config::v1::Role& role : config.roles()) {
    auto made = std::make_shared<Grant::Role>();
    made->methods.insert(role.methods().begin(), role.methods().end());
    made->hidden_fields.assign(role.hidden_fields().begin(), role.hidden_fields().end());
    roles.emplace(role.name(), std::move(made));
  }
  auto policy = std::make_shared<Policy>();
  for (const config::v1::Binding& binding : config.bindings()) {
    auto grant = std::make_unique<Grant>();
    grant->identity_ = binding.identity();
    const Grant* known = before == nullptr ? nullptr : before->Find(binding.identity());
    grant->quota_ = known == nullptr ? std::make_shared<Quota>() : known->quota_;
    for (const std::string& name : binding.roles()) {
      const std::shared_ptr<const Grant::Role>& role = roles.at(name);
      grant->hides_ |= !role->hidden_fields.empty();
      grant->is_peer_ |= name == kPeerRole;
      grant->roles_.push_back(role);
    }
    policy->grants_.emplace(binding.identity(), std::move(grant));
  }
  return policy;
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Load(const std::string& file, const Policy* before) {
  config::v1::RolePolicy config;
  BONNIE_RETURN_IF_ERROR(LoadConfig(file, &config));
  return Build(config, before);
}

const Grant* Policy::Find(absl::string_view identity) const {
  const auto grant = grants_.find(identity);
  return grant == grants_.end() ? nullptr : grant->second.get();
}

absl::StatusOr<std::unique_ptr<PolicyFile>> PolicyFile::Open(const std::string& file) {
  FileStamp stamp({file});  // before reading, so that a change in between is seen
  BONNIE_ASSIGN_OR_RETURN(std::shared_ptr<const Policy> policy, Policy::Load(file, nullptr));
  return std::unique_ptr<PolicyFile>(new PolicyFile(file, std::move(stamp), std::move(policy)));
}

PolicyFile::PolicyFile(std::string file, FileStamp stamp, std::shared_ptr<const Policy> policy)
    : file_(std::move(file)), stamp_(std::move(stamp)), policy_(std::move(policy)) {}

std::shared_ptr<const Policy> PolicyFile::current() const {
  absl::ReaderMutexLock lock(&mu_);
  return policy_;
}

absl::StatusOr<bool> PolicyFile::Reload() {
  if (!stamp_.Changed()) return false;
  const std::shared_ptr<const Policy> before = current();
  BONNIE_ASSIGN_OR_RETURN(std::shared_ptr<const Policy> policy, Policy::Load(file_, before.get()));
  absl::MutexLock lock(&mu_);
  policy_ = std::move(policy);
  return true;
}

}  // namespace bonnie::server
