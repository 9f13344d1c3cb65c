#include "services/server/error_descriptors.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_replace.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"

namespace bonnie::server {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FileDescriptorProto;

void Rename(DescriptorProto& message) {
  for (auto& field : *message.mutable_field()) {
    if (!field.has_type_name()) continue;
    field.set_type_name(absl::StrReplaceAll(field.type_name(), {{".bonnie.internal.rpcwire.v1.", ".google.rpc."}}));
  }
  for (DescriptorProto& nested : *message.mutable_nested_type()) Rename(nested);
}

// Of rpcwire's messages under their public names: either Status alone or all the others, as Google's two files have
// them.
FileDescriptorProto File(const std::string& name, const std::string& dependency, bool status) {
  FileDescriptorProto all;
  internal::rpcwire::v1::Status::descriptor()->file()->CopyTo(&all);
  FileDescriptorProto file;
  file.set_name(name);
  file.set_package("google.rpc");
  file.set_syntax("proto3");
  file.add_dependency(dependency);
  for (const DescriptorProto& message : all.message_type()) {
    if ((message.name() == "Status") != status) continue;
    *file.add_message_type() = message;
    Rename(*file.mutable_message_type()->rbegin());
  }
  return file;
}

}  // namespace

const google::protobuf::DescriptorPool& ReflectionPool() {
  static const google::protobuf::DescriptorPool& pool = *[] {
    auto* made = new google::protobuf::DescriptorPool(google::protobuf::DescriptorPool::generated_pool());
    const auto built = {
        made->BuildFile(File("google/rpc/status.proto", "google/protobuf/any.proto", true)),
        made->BuildFile(File("google/rpc/error_details.proto", "google/protobuf/duration.proto", false))};
    for (const auto* file : built) {
      if (file == nullptr) std::abort();  // rpcwire's proto was changed into something that is not google.rpc's
    }
    return made;
  }();
  return pool;
}

}  // namespace bonnie::server
