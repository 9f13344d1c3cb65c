#ifndef BONNIE_SERVICES_RECORDS_CANONICAL_H_
#define BONNIE_SERVICES_RECORDS_CANONICAL_H_

#include <string>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace bonnie::records {

// `message` in wire format, the same bytes for equal messages of one binary's protos; for comparing, not for keeping.
// Pure.
std::string CanonicalBytes(const google::protobuf::Message& message);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_CANONICAL_H_
