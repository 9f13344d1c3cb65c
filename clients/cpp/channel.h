#ifndef BONNIE_CLIENTS_CPP_CHANNEL_H_
#define BONNIE_CLIENTS_CPP_CHANNEL_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/options.h"

namespace grpc {
class Channel;
}

namespace bonnie::client {

// Opens a channel to the service at `options.address`: mutual TLS, retries and timeouts (service_config.h), keepalive.
// Does not block; gRPC connects at the first call. For the library's clients, and for callers with stubs of their own,
// who add the metadata `bonnie-site` to their contexts if they want `options.site` to be checked.
// kInvalidArgument: the address is not host:port, or plaintext was asked for an address that is not loopback or
// together with an identity. kFailedPrecondition: a TLS file cannot be used (tls_files.h).
absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const Options& options);

// kInvalidArgument: `options` cannot be dialled, whatever the files hold.
absl::Status CheckAddress(const Options& options);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_CHANNEL_H_
