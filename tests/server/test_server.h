#ifndef BONNIE_TESTS_SERVER_TEST_SERVER_H_
#define BONNIE_TESTS_SERVER_TEST_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "bonnie/config/v1/config.pb.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "bonnie/records/v1/status_service.grpc.pb.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/server/call.h"
#include "services/server/server.h"

namespace bonnie::server {

// A folder that is removed at the end of the process, with a PKI in pki/ (deploy/pki/make-pki --test-variants).
const std::string& TestFolder();
// A file of the PKI: "client.pem", "variants/other-ca-client.key".
std::string Pki(const std::string& name);
std::string ReadText(const std::string& file);
// Replaces the file; its owner alone may read it.
void WriteText(const std::string& file, const std::string& text);

// Unary and stream services whose handlers a test writes.
class ScriptedStatus final : public records::v1::StatusService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const records::v1::GetStatusRequest*,
                                      records::v1::GetStatusResponse* response) override;

  Method method{"bonnie.records.v1.StatusService", "GetStatus", absl::Seconds(2), absl::Seconds(10)};
  Calls* calls = nullptr;
  std::function<void(records::v1::GetStatusResponse&)> fill = [](records::v1::GetStatusResponse&) {};
  std::function<void(UnaryCall*)> handler = [](UnaryCall* call) { call->Finish(absl::OkStatus()); };
};

class ScriptedApply final : public schema::v1::MigrationService::Service {
 public:
  static constexpr Method kApplyPlan{"bonnie.schema.v1.MigrationService", "ApplyPlan", absl::InfiniteDuration(),
                                     absl::InfiniteDuration()};

  grpc::Status ApplyPlan(grpc::ServerContext* context, const schema::v1::ApplyPlanRequest*,
                         grpc::ServerWriter<schema::v1::ApplyPlanResponse>*) override;

  Calls* calls = nullptr;
  std::function<absl::Status(StreamCall&)> handler = [](StreamCall&) { return absl::OkStatus(); };
};

// A server on a port of 127.0.0.1 that the system chose, with both scripted services, mTLS, and a policy: the identity
// `client` may call everything, `reader` health alone, `stranger` nothing. No drain delay. Drains and joins at
// destruction.
class TestServer {
 public:
  // `change` adjusts the configuration, `prepare` the server before it runs. Aborts when it does not start.
  explicit TestServer(std::function<void(config::v1::Server&)> change = {}, std::function<void(Server&)> prepare = {});
  ~TestServer();

  // Drains; answers what Run did. Once.
  absl::Status Stop();

  // Certificates of the PKI by name; empty for none.
  std::shared_ptr<grpc::Channel> Channel(const std::string& identity = "client");
  std::string Log();  // all lines so far
  // An address and no name: gRPC's resolver (c-ares) loses some bytes with each name it resolves, and LeakSanitizer
  // says so.
  std::string address() const { return "127.0.0.1:" + std::to_string(server->port()); }
  int port() const { return server->port(); }

  ScriptedStatus status;
  ScriptedApply apply;
  std::string folder;  // of this server's files: policy.textproto, server.log, server.{pem,key}, ca.pem
  std::unique_ptr<Server> server;

 private:
  std::thread thread_;
  absl::Status run_;
};

// The configuration that TestServer starts from, with its files written to `folder`.
config::v1::Server TestConfig(const std::string& folder);

// One GetStatus with a deadline of `timeout`; the reply's trailers in `context`.
grpc::Status CallGetStatus(TestServer& server, const std::string& identity, grpc::ClientContext& context,
                           std::chrono::milliseconds timeout = std::chrono::seconds(5));
grpc::Status CallGetStatus(TestServer& server, const std::string& identity = "client");

// What is in grpc-status-details-bin.
internal::rpcwire::v1::Status DetailsIn(const grpc::Status& status);
// ErrorInfo.reason of it; empty without one.
std::string ReasonIn(const grpc::Status& status);

// Waits up to 5 s for it to become true.
bool Eventually(const std::function<bool()>& condition);

}  // namespace bonnie::server

#endif  // BONNIE_TESTS_SERVER_TEST_SERVER_H_
