#include "tests/server/test_server.h"

#include <grpcpp/security/credentials.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/server/log.h"

namespace bonnie::server {
namespace {

constexpr char kPolicy[] = R"(
roles { name: "all" methods: "bonnie.records.v1.StatusService/*" methods: "bonnie.schema.v1.MigrationService/ApplyPlan"
        methods: "grpc.reflection.v1.ServerReflection/*" methods: "grpc.reflection.v1alpha.ServerReflection/*" }
roles { name: "health" methods: "grpc.health.v1.Health/*" }
bindings { identity: "spiffe://bonnie/client" roles: "all" roles: "health" }
bindings { identity: "spiffe://bonnie/reader" roles: "health" }
bindings { identity: "insecure" roles: "health" }
)";

[[noreturn]] void Give(const std::string& why) {
  std::fprintf(stderr, "test server: %s\n", why.c_str());
  std::abort();
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bonnie-server-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) Give("no temporary folder");
    path = pattern;
    const std::string command =
        absl::StrCat(BONNIE_SOURCE_DIR, "/deploy/pki/make-pki ", path, "/pki --test-variants >", path, "/pki.log 2>&1");
    if (std::system(command.c_str()) != 0) Give(ReadText(path + "/pki.log"));
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

}  // namespace

const std::string& TestFolder() {
  static const Folder folder;
  return folder.path;
}

std::string Pki(const std::string& name) { return absl::StrCat(TestFolder(), "/pki/", name); }

std::string ReadText(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void WriteText(const std::string& file, const std::string& text) {
  std::ofstream(file + ".new") << text;
  std::filesystem::permissions(file + ".new", std::filesystem::perms(0600));
  std::filesystem::rename(file + ".new", file);
}

grpc::ServerUnaryReactor* ScriptedStatus::GetStatus(grpc::CallbackServerContext* context,
                                                    const records::v1::GetStatusRequest*,
                                                    records::v1::GetStatusResponse* response) {
  return calls->Serve(context, method, response, [&](UnaryCall* call) {
    response->set_site("azure");
    fill(*response);
    handler(call);
  });
}

grpc::Status ScriptedApply::ApplyPlan(grpc::ServerContext* context, const schema::v1::ApplyPlanRequest*,
                                      grpc::ServerWriter<schema::v1::ApplyPlanResponse>*) {
  return calls->ServeStream(context, kApplyPlan, [&](StreamCall& call) { return handler(call); });
}

config::v1::Server TestConfig(const std::string& folder) {
  std::filesystem::create_directories(folder);
  WriteText(folder + "/policy.textproto", kPolicy);
  for (const char* file : {"pem", "key"}) {
    WriteText(absl::StrCat(folder, "/server.", file), ReadText(Pki(absl::StrCat("azure-records.", file))));
  }
  WriteText(folder + "/ca.pem", ReadText(Pki("ca.pem")));
  config::v1::Server config;
  config.set_address("127.0.0.1:0");
  config.mutable_tls()->set_cert_file(folder + "/server.pem");
  config.mutable_tls()->set_key_file(folder + "/server.key");
  config.mutable_tls()->set_client_ca_file(folder + "/ca.pem");
  config.set_policy_file(folder + "/policy.textproto");
  config.mutable_log()->set_file(folder + "/server.log");
  config.mutable_drain_delay();  // set, to 0 s
  return config;
}

TestServer::TestServer(std::function<void(config::v1::Server&)> change, std::function<void(Server&)> prepare) {
  static int number = 0;
  folder = absl::StrCat(TestFolder(), "/", ++number);
  config::v1::Server config = TestConfig(folder);
  if (change) change(config);
  absl::StatusOr<std::unique_ptr<Server>> made =
      Server::Create({"bonnie-test", "test.bonnie", "1.2.3"}, "azure", config);
  if (!made.ok()) Give(made.status().ToString());
  server = *std::move(made);
  status.calls = apply.calls = &server->calls();
  server->Add(&status);
  server->Add(&apply);
  if (prepare) prepare(*server);
  thread_ = std::thread([this] { run_ = server->Run(); });
  if (!Eventually([this] { return server->port() != 0; })) Give("does not listen");
}

TestServer::~TestServer() {
  if (thread_.joinable()) Stop().IgnoreError();
  server.reset();
}

absl::Status TestServer::Stop() {
  server->Stop();
  thread_.join();
  return run_;
}

std::shared_ptr<grpc::Channel> TestServer::Channel(const std::string& identity) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadText(Pki("ca.pem"));
  if (!identity.empty()) {
    options.pem_cert_chain = ReadText(Pki(identity + ".pem"));
    options.pem_private_key = ReadText(Pki(identity + ".key"));
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomChannel(address(), grpc::SslCredentials(options), arguments);
}

std::string TestServer::Log() {
  server->log().Flush();
  return ReadText(folder + "/server.log");
}

grpc::Status CallGetStatus(TestServer& server, const std::string& identity, grpc::ClientContext& context,
                           std::chrono::milliseconds timeout) {
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  records::v1::GetStatusResponse response;
  return records::v1::StatusService::NewStub(server.Channel(identity))
      ->GetStatus(&context, records::v1::GetStatusRequest(), &response);
}

grpc::Status CallGetStatus(TestServer& server, const std::string& identity) {
  grpc::ClientContext context;
  return CallGetStatus(server, identity, context);
}

internal::rpcwire::v1::Status DetailsIn(const grpc::Status& status) {
  internal::rpcwire::v1::Status details;
  if (!details.ParseFromString(status.error_details())) Give("details that do not parse");
  return details;
}

std::string ReasonIn(const grpc::Status& status) {
  const internal::rpcwire::v1::Status details = DetailsIn(status);
  for (const google::protobuf::Any& any : details.details()) {
    internal::rpcwire::v1::ErrorInfo info;
    if (any.type_url() == "type.googleapis.com/google.rpc.ErrorInfo" && info.ParseFromString(any.value())) {
      return info.reason();
    }
  }
  return "";
}

bool Eventually(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(5); absl::Now() < end;
       absl::SleepFor(absl::Milliseconds(5))) {
    if (condition()) return true;
  }
  return condition();
}

}  // namespace bonnie::server
