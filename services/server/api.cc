#include "services/server/api.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "proto/api_descriptors.h"

namespace bonnie::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

struct Api {
  DescriptorPool pool;  // its own: the generated one holds this binary's files only
  std::vector<const ServiceDescriptor*> services;
};

const Api& TheApi() {
  static const Api& api = *[] {
    auto* made = new Api();
    FileDescriptorSet files;
    if (!files.ParseFromArray(kApiDescriptors, static_cast<int>(kApiDescriptorsSize))) std::abort();  // a broken build
    for (const auto& proto : files.file()) {
      const FileDescriptor* file = made->pool.BuildFile(proto);
      if (file == nullptr) std::abort();
      for (int i = 0; i < file->service_count(); ++i) made->services.push_back(file->service(i));
    }
    return made;
  }();
  return api;
}

void AddMessages(const Descriptor* message, absl::flat_hash_set<const Descriptor*>& seen,
                 std::vector<const Descriptor*>& found) {
  if (message == nullptr || !seen.insert(message).second) return;
  found.push_back(message);
  for (int i = 0; i < message->field_count(); ++i) AddMessages(message->field(i)->message_type(), seen, found);
}

}  // namespace

const std::vector<const ServiceDescriptor*>& ApiServices() { return TheApi().services; }

const ServiceDescriptor* FindApiService(absl::string_view full_name) {
  return TheApi().pool.FindServiceByName(std::string(full_name));
}

std::vector<const Descriptor*> ResponseMessages(const std::vector<std::string>& methods) {
  absl::flat_hash_set<const Descriptor*> seen;
  std::vector<const Descriptor*> found;
  for (const std::string& name : methods) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
    const ServiceDescriptor* service = FindApiService(parts.first);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (parts.second == "*" || parts.second == method.name()) AddMessages(method.output_type(), seen, found);
    }
  }
  return found;
}

std::string PolicyNameOf(const Descriptor& message) {
  std::string name;
  for (const char c : message.name()) {
    if (absl::ascii_isupper(c) && !name.empty()) name += '_';
    name += absl::ascii_tolower(c);
  }
  return name;
}

void ClearFields(const FieldNames& fields, Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection.ListFields(*message, &present);
  for (const FieldDescriptor* field : present) {
    if (fields.contains(field->full_name())) {
      reflection.ClearField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      ClearFields(fields, reflection.MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        ClearFields(fields, reflection.MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

}  // namespace bonnie::server
