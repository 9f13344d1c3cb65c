#ifndef BONNIE_SERVICES_SERVER_HIDDEN_FIELDS_H_
#define BONNIE_SERVICES_SERVER_HIDDEN_FIELDS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/server/api.h"

namespace bonnie::config::v1 {
class Role;
}

namespace bonnie::server {

// What a call hides; never null. Shared: most calls hide nothing, the others one of a few sets.
using HiddenFields = std::shared_ptr<const FieldNames>;

// The fields that a role with these methods may hide, by the names that a policy gives them: `message.field`, `message`
// or `message.*` of the messages in the methods' responses. Immutable; thread-safe.
class HideableFields {
 public:
  // Of the methods that the role allows or forwards.
  explicit HideableFields(const config::v1::Role& role);

  // What is wrong with `name`: it stands for no field of a response; empty when nothing is.
  std::string FaultOf(const std::string& name) const;
  // Adds the fields that `name` stands for to `fields`; none when it has a fault.
  void Add(const std::string& name, FieldNames* fields) const;

 private:
  std::vector<const google::protobuf::Descriptor*> MessagesOf(const std::string& policy_name) const;

  absl::flat_hash_map<std::string, std::vector<const google::protobuf::Descriptor*>> messages_;  // by policy name
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_HIDDEN_FIELDS_H_
