#ifndef BONNIE_SERVICES_SERVER_ERROR_DESCRIPTORS_H_
#define BONNIE_SERVICES_SERVER_ERROR_DESCRIPTORS_H_

namespace google::protobuf {
class DescriptorPool;
}

namespace bonnie::server {

// What reflection describes: every proto linked into the binary, and google.rpc.Status with the details of Bonnie's
// errors, which no package of Debian's brings. Lives as long as the process; thread-safe.
const google::protobuf::DescriptorPool& ReflectionPool();

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ERROR_DESCRIPTORS_H_
