#ifndef BONNIE_CLIENTS_CPP_HEALTH_H_
#define BONNIE_CLIENTS_CPP_HEALTH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "clients/cpp/options.h"

namespace grpc {
class Channel;
}

namespace bonnie::client {

// Whether the server at the other end of `channel` as a whole answers SERVING to grpc.health.v1.Health/Check.
// Blocks. Errors: those of any call.
absl::StatusOr<bool> IsServing(const std::shared_ptr<grpc::Channel>& channel, const Options& options);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_HEALTH_H_
