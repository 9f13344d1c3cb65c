#ifndef BONNIE_SERVICES_SERVER_LISTENER_H_
#define BONNIE_SERVICES_SERVER_LISTENER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bonnie/config/v1/config.pb.h"

namespace bonnie::server {

struct Listener {
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

// Starts a gRPC server for `services` with the limits of `config` (its defaults set) and those that are not
// configurable: keepalive, ping strikes, no transmit zero-copy (CVE-2024-11407). `named` gets the services' full names
// before the first call can arrive. kUnavailable: the address cannot be bound; named, with its owner.
absl::StatusOr<Listener> Listen(const config::v1::Server& config, std::shared_ptr<grpc::ServerCredentials> credentials,
                                const std::vector<grpc::Service*>& services,
                                std::function<void(const std::vector<std::string>&)> named);

// The channel arguments that Listen sets, by name; for the test that compares them with what is promised.
std::vector<std::pair<std::string, int>> ListenArguments(const config::v1::Server& config);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_LISTENER_H_
