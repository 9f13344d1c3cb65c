#include "services/server/hidden_fields.h"

#include <google/protobuf/descriptor.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bonnie/config/v1/config.pb.h"

namespace bonnie::server {
namespace {

using google::protobuf::Descriptor;

// The message and the field that a policy names; the field is empty for all.
std::pair<std::string, std::string> SplitName(const std::string& name) {
  std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('.', 1));
  if (parts.second == "*") parts.second.clear();
  return parts;
}

}  // namespace

HideableFields::HideableFields(const config::v1::Role& role) {
  std::vector<std::string> methods(role.methods().begin(), role.methods().end());
  methods.insert(methods.end(), role.forwards().methods().begin(), role.forwards().methods().end());
  for (const Descriptor* message : ResponseMessages(methods)) messages_[PolicyNameOf(*message)].push_back(message);
}

std::string HideableFields::FaultOf(const std::string& name) const {
  const auto [message, field] = SplitName(name);
  std::set<std::string> known;
  const std::vector<const Descriptor*> found = MessagesOf(message);
  if (found.empty()) {
    for (const auto& [policy_name, descriptors] : messages_) known.insert(policy_name);
    return absl::StrCat(name, ", but no response of the role's methods holds such a message; they hold: ",
                        known.empty() ? "none" : absl::StrJoin(known, ", "));
  }
  if (name == message || absl::StrCat(message, ".*") == name) return "";
  for (const Descriptor* descriptor : found) {
    if (descriptor->FindFieldByName(field) != nullptr) return "";
    for (int i = 0; i < descriptor->field_count(); ++i) known.insert(descriptor->field(i)->name());
  }
  return absl::StrCat(name, ", but ", message, " has no such field; it has: ", absl::StrJoin(known, ", "));
}

void HideableFields::Add(const std::string& name, FieldNames* fields) const {
  const auto [message, field] = SplitName(name);
  for (const Descriptor* descriptor : MessagesOf(message)) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      if (field.empty() || descriptor->field(i)->name() == field) fields->insert(descriptor->field(i)->full_name());
    }
  }
}

std::vector<const Descriptor*> HideableFields::MessagesOf(const std::string& policy_name) const {
  const auto found = messages_.find(policy_name);
  return found == messages_.end() ? std::vector<const Descriptor*>() : found->second;
}

}  // namespace bonnie::server
