#include "services/records/field_set.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace bonnie::records {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;

constexpr char kAll[] = "*";

bool Names(const FieldMask& mask, const std::string& path) {
  return std::find(mask.paths().begin(), mask.paths().end(), path) != mask.paths().end();
}

void CheckPaths(const Descriptor& type, const FieldMask& mask, absl::string_view field, Violations& violations) {
  for (int i = 0; i < mask.paths_size(); ++i) {
    if (mask.paths(i) == kAll ? mask.paths_size() == 1 : type.FindFieldByName(mask.paths(i)) != nullptr) continue;
    violations.Add(absl::StrCat(field, ".paths[", i, "]"),
                   absl::StrCat("want the name of a field of ", std::string(type.name()), ", or `*` alone"));
  }
}

}  // namespace

FieldSet FieldsToUpdate(const Message& resource, const FieldMask& mask, const FieldSet& keep_if_unset,
                        Violations& violations) {
  const Descriptor& type = *resource.GetDescriptor();
  CheckPaths(type, mask, "update_mask", violations);
  const bool all = mask.paths_size() == 1 && mask.paths(0) == kAll;
  FieldSet fields;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool populated = resource.GetReflection()->HasField(resource, field);
    const bool meant = mask.paths().empty() ? populated
                       : all                ? populated || !keep_if_unset.Has(field->number())
                                            : Names(mask, field->name());
    if (meant) fields.Add(field->number());
  }
  return fields;
}

void CheckReadMask(const Descriptor& type, const FieldMask& read_mask, Violations& violations) {
  CheckPaths(type, read_mask, "read_mask", violations);
}

View::View(const Descriptor& type, const FieldMask& read_mask, const server::FieldNames& hidden_fields) {
  if (read_mask.paths().empty() && hidden_fields.empty()) return;  // the hot path
  const bool all = read_mask.paths().empty() || Names(read_mask, kAll);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool hidden = hidden_fields.contains(field->full_name());
    if (hidden || (!all && !Names(read_mask, field->name()))) unseen_.push_back(field);
  }
}

void View::Apply(Message* resource) const {
  for (const FieldDescriptor* field : unseen_) resource->GetReflection()->ClearField(resource, field);
}

}  // namespace bonnie::records
