#ifndef BONNIE_SERVICES_SERVER_API_H_
#define BONNIE_SERVICES_SERVER_API_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Descriptor;
class Message;
class ServiceDescriptor;
}  // namespace google::protobuf

// The services of all Bonnie binaries as descriptors. A role policy may be shared by both services, so each binary
// knows the methods and messages of the other one too.
namespace bonnie::server {

// Fields by their full names, such as bonnie.records.v1.MedicalRecord.diagnosis.
using FieldNames = absl::flat_hash_set<std::string>;

// Every service: of bonnie.records.v1, of bonnie.schema.v1, health, reflection. Lives as long as the process.
const std::vector<const google::protobuf::ServiceDescriptor*>& ApiServices();
// The service with that full name, or null.
const google::protobuf::ServiceDescriptor* FindApiService(absl::string_view full_name);

// All message types that a response of `methods` holds at any depth, the responses included. `methods` are
// Service/Method or Service/*; a name that no service has adds nothing.
std::vector<const google::protobuf::Descriptor*> ResponseMessages(const std::vector<std::string>& methods);
// The name of a message type in a policy: medical_record of MedicalRecord.
std::string PolicyNameOf(const google::protobuf::Descriptor& message);

// Clears the fields of `message`, and of all messages in it, whose full names are in `fields`.
void ClearFields(const FieldNames& fields, google::protobuf::Message* message);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_API_H_
