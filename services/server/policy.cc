#include "services/server/policy.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "services/data_access/status_macros.h"
#include "services/server/config.h"
#include "services/server/identity.h"

namespace bonnie::server {
namespace {

HiddenFields Nothing() {
  static const HiddenFields& nothing = *new HiddenFields(std::make_shared<const FieldNames>());
  return nothing;
}

// Fields that every role hides for which `counts(role)`: one role that shows a field is enough.
template <class Roles, class Counts>
HiddenFields HiddenByAll(const Roles& roles, Counts counts) {
  HiddenFields hidden;
  for (const auto& role : roles) {
    if (!counts(*role)) continue;
    if (hidden == nullptr) {
      hidden = role->hidden_fields;
    } else {
      FieldNames left = *hidden;
      absl::erase_if(left, [&](const std::string& field) { return !role->hidden_fields->contains(field); });
      hidden = std::make_shared<const FieldNames>(std::move(left));
    }
  }
  return hidden == nullptr ? Nothing() : hidden;
}

}  // namespace

bool Grant::Role::AllowsItself(absl::string_view full_name, absl::string_view all_of_service) const {
  return methods.contains(full_name) || methods.contains(all_of_service);
}

bool Grant::Role::Forwards(absl::string_view full_name, absl::string_view all_of_service,
                           absl::string_view person) const {
  if (!forwarded_methods.contains(full_name) && !forwarded_methods.contains(all_of_service)) return false;
  return absl::c_any_of(speaks_for, [&](const std::string& pattern) { return Matches(pattern, person); });
}

bool Grant::Allows(absl::string_view full_name, absl::string_view all_of_service) const {
  return absl::c_any_of(roles_, [&](const auto& role) { return role->AllowsItself(full_name, all_of_service); });
}

HiddenFields Grant::Hidden(absl::string_view full_name, absl::string_view all_of_service) const {
  if (!hides_) return Nothing();
  return HiddenByAll(roles_, [&](const Role& role) { return role.AllowsItself(full_name, all_of_service); });
}

absl::optional<ForwardedCall> Grant::Forwards(absl::string_view full_name, absl::string_view all_of_service,
                                              absl::string_view person) const {
  const auto forwards = [&](const Role& role) { return role.Forwards(full_name, all_of_service, person); };
  absl::optional<ForwardedCall> call;
  for (const std::shared_ptr<const Role>& role : roles_) {
    if (!forwards(*role)) continue;
    if (!call.has_value()) call.emplace();
    call->rights.AddAll(role->rights);
  }
  if (call.has_value()) call->hidden = hides_ ? HiddenByAll(roles_, forwards) : Nothing();
  return call;
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
    const HideableFields hideable(role);
    FieldNames hidden;
    for (const std::string& name : role.hidden_fields()) hideable.Add(name, &hidden);
    made->hidden_fields = std::make_shared<const FieldNames>(std::move(hidden));
    for (const int right : role.rights()) made->rights.Add(static_cast<config::v1::Right>(right));
    made->forwarded_methods.insert(role.forwards().methods().begin(), role.forwards().methods().end());
    made->speaks_for.assign(role.forwards().speaks_for().begin(), role.forwards().speaks_for().end());
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
      grant->hides_ |= !role->hidden_fields->empty();
      grant->is_peer_ |= !role->forwarded_methods.empty();
      grant->rights_.AddAll(role->rights);
      grant->roles_.push_back(role);
    }
    policy->grants_.emplace(binding.identity(), std::move(grant));
  }
  return policy;
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Load(const std::string& file, const Policy* before) {
  config::v1::RolePolicy config;
  BONNIE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, FileAccess::kRead));
  BONNIE_RETURN_IF_ERROR(ParseConfig(text, file, &config));
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
