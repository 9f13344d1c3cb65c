#include "services/server/listener.h"

#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "services/data_access/status_macros.h"
#include "services/server/config.h"
#include "services/server/port_owner.h"

namespace bonnie::server {
namespace {

using ConnectionType = grpc::ServerBuilder::experimental_type::ExternalConnectionType;

constexpr int kMaxSyncThreads = 256;  // a backstop for sync streams; the gate admits fewer

int Millis(const google::protobuf::Duration& duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(ToDuration(duration)));
}

// Tells the names of the services that were added: grpc::Service keeps them to itself.
class NamesPlugin final : public grpc::ServerBuilderPlugin {
 public:
  explicit NamesPlugin(std::function<void(const std::vector<std::string>&)> named) : named_(std::move(named)) {}
  std::string name() override { return "bonnie-names"; }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer* server) override { named_(*server->GetServiceList()); }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  const std::function<void(const std::vector<std::string>&)> named_;
};

class NamesOption final : public grpc::ServerBuilderOption {
 public:
  explicit NamesOption(std::function<void(const std::vector<std::string>&)> named) : named_(std::move(named)) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<NamesPlugin>(named_));
  }

 private:
  const std::function<void(const std::vector<std::string>&)> named_;
};

// gRPC 1.51 inflates a message before any check of the identity, past max_message_bytes, and its memory quota does not
// count the result: 1.5 MB of zipped zeros took 1.6 GB. A compressed request is answered UNIMPLEMENTED instead.
void RefuseCompressedRequests(grpc::ServerBuilder& builder) {
  for (grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
}

}  // namespace

std::vector<std::pair<std::string, int>> ListenArguments(const config::v1::Server& config) {
  const config::v1::Limits& limits = config.limits();
  return {
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(limits.handshake_timeout())},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(limits.max_connection_idle())},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(limits.max_connection_age())},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(limits.max_connection_age_grace())},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams_per_connection()},
      {GRPC_ARG_KEEPALIVE_TIME_MS, 60000},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      // Below the clients' 30 s: the library's own 5 min would close eager clients.
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 20000},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
      {GRPC_ARG_TCP_TX_ZEROCOPY_ENABLED, 0},
      {GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0},
  };
}

absl::StatusOr<Listener> Listen(const config::v1::Server& config, std::shared_ptr<grpc::ServerCredentials> credentials,
                                const std::vector<grpc::Service*>& services,
                                std::function<void(const std::vector<std::string>&)> named,
                                std::function<void()> refused) {
  Listener listener;
  BONNIE_ASSIGN_OR_RETURN(listener.acceptor, Acceptor::Listen(config.address(), config.so_reuseport()));
  grpc::ServerBuilder builder;
  for (const auto& [name, value] : ListenArguments(config)) builder.AddChannelArgument(name, value);
  RefuseCompressedRequests(builder);
  builder.SetMaxReceiveMessageSize(config.limits().max_message_bytes());
  builder.SetMaxSendMessageSize(config.limits().max_message_bytes());
  builder.SetResourceQuota(grpc::ResourceQuota("bonnie")
                               .Resize(static_cast<std::size_t>(config.limits().memory_quota_bytes()))
                               .SetMaxThreads(kMaxSyncThreads));
  builder.SetOption(std::make_unique<NamesOption>(std::move(named)));
  for (grpc::Service* service : services) builder.RegisterService(service);
  listener.connections =
      builder.experimental().AddExternalConnectionAcceptor(ConnectionType::FROM_FD, std::move(credentials));
  listener.server = builder.BuildAndStart();
  if (listener.server == nullptr) return CannotListen(config.address());
  const auto take = [connections = listener.connections.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    connections->HandleNewConnection(&connection);
  };
  listener.acceptor->Start(take, std::move(refused));
  return listener;
}

}  // namespace bonnie::server
