#ifndef BONNIE_SERVICES_SERVER_POLICY_H_
#define BONNIE_SERVICES_SERVER_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/file_stamp.h"
#include "services/server/gate.h"
#include "services/server/hidden_fields.h"

namespace bonnie::server {

// A set of rights. A value type.
class Rights {
 public:
  void Add(config::v1::Right right) { bits_ |= std::uint32_t{1} << static_cast<int>(right); }
  bool Has(config::v1::Right right) const { return (bits_ >> static_cast<int>(right) & 1) != 0; }
  void AddAll(const Rights& other) { bits_ |= other.bits_; }

 private:
  std::uint32_t bits_ = 0;
};

// The limits that the peer sets on a call that it forwards: of its roles that forward the call, the fields that all
// hide and the rights that at least one has.
struct ForwardedCall {
  HiddenFields hidden;
  Rights rights;
};

// What one identity may do: the union of its roles. Immutable but for its quota; thread-safe.
class Grant {
 public:
  const std::string& identity() const { return identity_; }
  // Whether a role of the identity names the method: `full_name` is Service/Method, `all_of_service` Service/*.
  bool Allows(absl::string_view full_name, absl::string_view all_of_service) const;
  // Fields that every role that allows the method hides.
  HiddenFields Hidden(absl::string_view full_name, absl::string_view all_of_service) const;
  // The rights of all roles.
  const Rights& rights() const { return rights_; }
  // Whether a role forwards calls: the identity is believed when it says for whom it calls.
  bool is_peer() const { return is_peer_; }
  // What a call to the method that this identity forwards for `person` may do, beside being allowed to `person` itself;
  // nullopt: no role of this identity forwards such a call.
  absl::optional<ForwardedCall> Forwards(absl::string_view full_name, absl::string_view all_of_service,
                                         absl::string_view person) const;
  Quota& quota() const { return *quota_; }

 private:
  friend class Policy;
  struct Role {
    bool AllowsItself(absl::string_view full_name, absl::string_view all_of_service) const;
    bool Forwards(absl::string_view full_name, absl::string_view all_of_service, absl::string_view person) const;

    absl::flat_hash_set<std::string> methods;
    HiddenFields hidden_fields;
    Rights rights;
    absl::flat_hash_set<std::string> forwarded_methods;
    std::vector<std::string> speaks_for;  // identities and patterns
  };

  std::string identity_;
  std::vector<std::shared_ptr<const Role>> roles_;
  Rights rights_;
  bool hides_ = false;  // some role hides something
  bool is_peer_ = false;
  std::shared_ptr<Quota> quota_;  // the same through reloads
};

// Who may call what, as one file said it. Default deny: who is not named has no grant. Immutable; thread-safe.
class Policy {
 public:
  // Builds the table. Identities that `before` (may be null) knows keep their quota. kInvalidArgument: a role without
  // name or twice, an unknown role, or a method, field, right, identity or pattern that is none (policy_checks.h).
  static absl::StatusOr<std::shared_ptr<const Policy>> Make(const config::v1::RolePolicy& config, const Policy* before);
  // Reads `file` first. Errors carry file:line:column. kFailedPrecondition: it cannot be read, or group or others may
  // write it, and so give themselves any role.
  static absl::StatusOr<std::shared_ptr<const Policy>> Load(const std::string& file, const Policy* before);

  // The identity's grant; null when nothing binds it. Lives as long as the policy.
  const Grant* Find(absl::string_view identity) const;

 private:
  // `config` was checked.
  static std::shared_ptr<const Policy> Build(const config::v1::RolePolicy& config, const Policy* before);

  absl::flat_hash_map<std::string, std::unique_ptr<const Grant>> grants_;
};

// The policy in force, taken anew from its file when that changes; a bad file keeps the one before. Thread-safe.
class PolicyFile {
 public:
  // Errors as of Policy::Load.
  static absl::StatusOr<std::unique_ptr<PolicyFile>> Open(const std::string& file);

  std::shared_ptr<const Policy> current() const ABSL_LOCKS_EXCLUDED(mu_);
  // Looks at the file and takes it over if it changed since the last look. OK also when nothing changed; an error is
  // told once per change, and the policy stays. Blocks for the disk. True: a new policy is in force.
  absl::StatusOr<bool> Reload() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  PolicyFile(std::string file, FileStamp stamp, std::shared_ptr<const Policy> policy);

  const std::string file_;
  FileStamp stamp_;  // used by Reload only, which one thread calls
  mutable absl::Mutex mu_;
  std::shared_ptr<const Policy> policy_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_POLICY_H_
