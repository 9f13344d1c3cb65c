#ifndef BONNIE_SERVICES_SERVER_LISTENER_H_
#define BONNIE_SERVICES_SERVER_LISTENER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/acceptor.h"

namespace bonnie::server {

struct Listener {
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections;  // the server's way in
  std::unique_ptr<Acceptor> acceptor;  // feeds it; goes before the server shuts down, which closes the port
};

// Starts a gRPC server for `services` with the limits of `config` (its defaults set) and those that are not
// configurable: keepalive, ping strikes, no compressed requests, no transmit zero-copy (CVE-2024-11407). `named` gets
// the services' full names before the first call can arrive; `refused` is called, on another thread, for connections
// that were closed because file descriptors run out. kUnavailable: the address cannot be bound; named, with its owner.
absl::StatusOr<Listener> Listen(const config::v1::Server& config, std::shared_ptr<grpc::ServerCredentials> credentials,
                                const std::vector<grpc::Service*>& services,
                                std::function<void(const std::vector<std::string>&)> named,
                                std::function<void()> refused = [] {});

// The channel arguments that Listen sets, by name; for the test that compares them with what is promised.
std::vector<std::pair<std::string, int>> ListenArguments(const config::v1::Server& config);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_LISTENER_H_
