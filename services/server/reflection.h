#ifndef BONNIE_SERVICES_SERVER_REFLECTION_H_
#define BONNIE_SERVICES_SERVER_REFLECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "services/server/call.h"

namespace bonnie::server {

// Server reflection, v1 and v1alpha, over the protos linked into the binary and those of google.rpc's error details.
//
// The packaged plugin serves v1alpha only and repeats itself within a stream (a second list_services holds every
// service twice); grpcurl needs google.rpc.* to show error details, which nothing of Debian's packages describes.
//
// Thread-safe; `calls` outlives it.
class Reflection {
 public:
  explicit Reflection(Calls& calls);
  ~Reflection();

  // Full names to list; before the first call.
  void List(std::vector<std::string> services);
  // Both services, to register with the server.
  std::vector<grpc::Service*> services();
  // Ends all streams with kUnavailable, and those that come later at once.
  void EndStreams();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_REFLECTION_H_
