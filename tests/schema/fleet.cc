#include "tests/schema/fleet.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/server/config.h"

namespace bonnie::schema {

namespace {

std::string Contents(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string FleetPolicy() {
  return R"(
    roles { name: "migrator" methods: "bonnie.schema.v1.SchemaService/*" methods: "bonnie.schema.v1.MigrationService/*"
            rights: RIGHT_EXECUTE_IN_SCRATCH }
    roles { name: "peer" rights: RIGHT_EXECUTE_IN_SCRATCH
            forwards { methods: "bonnie.schema.v1.SchemaService/*" methods: "bonnie.schema.v1.MigrationService/*"
                       speaks_for: "insecure" speaks_for: "spiffe://bonnie/*" } }
    bindings { identity: "insecure" roles: "migrator" roles: "peer" }
    bindings { identity: "spiffe://bonnie/client" roles: "migrator" }
    bindings { identity: "spiffe://bonnie/migrator" roles: "migrator" }
    bindings { identity: "spiffe://bonnie/auditor" roles: "migrator" }
    bindings { identity: "spiffe://bonnie/azure-schema" roles: "peer" }
    bindings { identity: "spiffe://bonnie/gcp-schema" roles: "peer" }
  )";
}

ServingSite::ServingSite(const test_support::TestDatabase& database, FleetSite options)
    : database_(database), options_(std::move(options)) {
  folder_.Write("policy.textproto", options_.policy.empty() ? FleetPolicy() : options_.policy);
  folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
  folder_.Seal();
  config::v1::SchemaConfig config;
  config.set_site(options_.name);
  config.set_migrations_dir(folder_.path());
  config.set_approval(config::v1::APPROVAL_POLICY_NONE);
  config::v1::Server& server = *config.mutable_server();
  server.set_address(absl::StrCat("127.0.0.1:", options_.port));
  server.set_policy_file(folder_.path() + "/policy.textproto");
  server.mutable_drain_delay()->set_seconds(0);
  server.mutable_log()->set_file(folder_.path() + "/server.log");
  server.set_insecure_loopback(!options_.tls);
  if (options_.tls) {
    server.mutable_tls()->set_cert_file(database.pki_file(options_.name + "-schema.pem"));
    server.mutable_tls()->set_key_file(database.pki_file(options_.name + "-schema.key"));
    server.mutable_tls()->set_client_ca_file(database.ca_file());
  }
  for (const auto& [name, port] : options_.peers) {
    config::v1::Peer& peer = *config.add_peers();
    peer.set_name(name);
    peer.set_address(absl::StrCat("127.0.0.1:", port));
    if (options_.tls) peer.set_identity(absl::StrCat("spiffe://bonnie/", name, "-schema"));
  }
  config::v1::Database& to = *config.mutable_database();
  to.set_host("127.0.0.1");
  to.set_port(database.port());
  to.set_schema(options_.schema);
  to.mutable_credentials()->set_user("bonnie_schema");
  to.mutable_credentials()->set_password_file(database.password_file("schema"));
  to.mutable_tls()->set_ca_file(database.ca_file());
  config.mutable_scratch()->set_user("bonnie_scratch");
  config.mutable_scratch()->set_password_file(database.password_file("scratch"));
  if (options_.change) options_.change(config);
  EXPECT_EQ(server::CheckConfig(config), absl::OkStatus());
  server::SetDefaults(&config);
  auto site = Site::Create(config);
  EXPECT_TRUE(site.ok()) << site.status();
  site_ = *std::move(site);
  thread_ = std::thread([this] { EXPECT_EQ(site_->Run(), absl::OkStatus()); });
  while (site_->port() == 0) absl::SleepFor(absl::Milliseconds(5));
}

ServingSite::~ServingSite() { Stop(); }

void ServingSite::Stop() {
  if (!thread_.joinable()) return;
  site_->Stop();
  thread_.join();
}

std::shared_ptr<grpc::Channel> ServingSite::Channel(const std::string& identity) const {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (!identity.empty()) {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = Contents(database_.ca_file());
    ssl.pem_cert_chain = Contents(database_.pki_file(identity + ".pem"));
    ssl.pem_private_key = Contents(database_.pki_file(identity + ".key"));
    credentials = grpc::SslCredentials(ssl);
  }
  return grpc::CreateChannel(absl::StrCat("127.0.0.1:", site_->port()), credentials);
}

std::string ServingSite::Log() const { return Contents(folder_.path() + "/server.log"); }

bool HasReason(const grpc::Status& status, const std::string& reason) {
  return status.error_details().find(reason) != std::string::npos;
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time give_up = absl::Now() + absl::Seconds(10);
  while (!condition()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace bonnie::schema
