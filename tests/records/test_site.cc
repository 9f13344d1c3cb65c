#include "tests/records/test_site.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server/config.h"

namespace bonnie::records {
namespace {

namespace rpcwire = bonnie::internal::rpcwire::v1;

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Unpacks a detail by its public type name.
template <class Detail>
bool Unpack(const google::protobuf::Any& any, const char* name, Detail* detail) {
  return any.type_url() == absl::StrCat("type.googleapis.com/google.rpc.", name) &&
         detail->ParseFromString(any.value());
}

}  // namespace

WireError::WireError(const grpc::Status& status) : code(status.error_code()) {
  rpcwire::Status wire;
  wire.ParseFromString(status.error_details());
  everything = absl::StrCat(status.error_message(), " ", status.error_details());
  for (const google::protobuf::Any& any : wire.details()) {
    rpcwire::ErrorInfo info;
    rpcwire::BadRequest bad;
    rpcwire::ResourceInfo about;
    rpcwire::PreconditionFailure precondition_failure;
    rpcwire::RetryInfo retry;
    if (Unpack(any, "ErrorInfo", &info)) {
      reason = info.reason();
      metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (Unpack(any, "BadRequest", &bad)) {
      for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
    } else if (Unpack(any, "ResourceInfo", &about)) {
      resource = about.resource_name();
    } else if (Unpack(any, "PreconditionFailure", &precondition_failure)) {
      precondition =
          absl::StrCat(precondition_failure.violations(0).type(), " ", precondition_failure.violations(0).subject());
    } else if (Unpack(any, "RetryInfo", &retry)) {
      retry_seconds = static_cast<double>(retry.retry_delay().seconds()) + retry.retry_delay().nanos() * 1e-9;
    }
  }
}

config::v1::RecordsConfig SiteConfig(const test_support::TestDatabase& database, const KeyFolder& folder) {
  config::v1::RecordsConfig config;
  config.set_site("azure");
  config.mutable_page_token_keys()->set_key_file(folder.WriteKey("page-token.key", '7'));
  config::v1::Server* server = config.mutable_server();
  server->set_address("127.0.0.1:0");
  server->set_policy_file(BONNIE_SOURCE_DIR "/deploy/local/records_policy.textproto");
  server->mutable_tls()->set_cert_file(database.pki_file("azure-records.pem"));
  server->mutable_tls()->set_key_file(database.pki_file("azure-records.key"));
  server->mutable_tls()->set_client_ca_file(database.ca_file());
  server->mutable_log()->set_file(folder.path() + "/records.log");
  server->mutable_drain_delay()->set_nanos(0);
  server->mutable_drain_timeout()->set_seconds(5);
  config::v1::Database* db = config.mutable_database();
  db->set_host("127.0.0.1");
  db->set_port(database.port());
  db->set_schema("bonnie");
  db->mutable_credentials()->set_user("bonnie_records");
  db->mutable_credentials()->set_password_file(database.password_file("records"));
  db->mutable_tls()->set_ca_file(database.ca_file());
  return config;
}

TestSite::TestSite(const test_support::TestDatabase& database, const Change& change) : database_(database) {
  config::v1::RecordsConfig config = SiteConfig(database, folder_);
  server::SetDefaults(&config);
  if (change) change(config);
  absl::StatusOr<std::unique_ptr<Site>> site = Site::Create(config);
  if (!site.ok()) {
    std::cerr << "No records service: " << site.status() << std::endl;
    std::abort();
  }
  site_ = *std::move(site);
  runner_ = std::thread([this] {
    if (absl::Status status = site_->Run(); !status.ok()) {
      std::cerr << "The records service ended: " << status << std::endl;
      std::abort();
    }
  });
  while (site_->port() == 0) absl::SleepFor(absl::Milliseconds(5));
}

TestSite::~TestSite() {
  site_->Stop();
  runner_.join();
}

std::shared_ptr<grpc::Channel> ConnectTo(const test_support::TestDatabase& database, int port,
                                         const std::string& identity) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ReadFile(database.ca_file());
  tls.pem_cert_chain = ReadFile(database.pki_file(identity + ".pem"));
  tls.pem_private_key = ReadFile(database.pki_file(identity + ".key"));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);             // tests see what the service says
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), grpc::SslCredentials(tls), arguments);
}

bool WaitForHealth(const std::shared_ptr<grpc::Channel>& channel, bool serving, absl::Duration limit) {
  const auto health = grpc::health::v1::Health::NewStub(channel);
  const absl::Time until = absl::Now() + limit;
  while (absl::Now() < until) {
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status =
        Call(*health, &grpc::health::v1::Health::Stub::Check, grpc::health::v1::HealthCheckRequest(), &response);
    if (status.ok() && (response.status() == grpc::health::v1::HealthCheckResponse::SERVING) == serving) return true;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return false;
}

std::shared_ptr<grpc::Channel> TestSite::Connect(const std::string& identity) const {
  return ConnectTo(database_, site_->port(), identity);
}

std::unique_ptr<v1::PatientService::Stub> TestSite::Patients(const std::string& identity) const {
  return v1::PatientService::NewStub(Connect(identity));
}
std::unique_ptr<v1::MedicalRecordService::Stub> TestSite::Records(const std::string& identity) const {
  return v1::MedicalRecordService::NewStub(Connect(identity));
}
std::unique_ptr<v1::StatusService::Stub> TestSite::Status(const std::string& identity) const {
  return v1::StatusService::NewStub(Connect(identity));
}

bool TestSite::WaitUntilServing(bool serving, absl::Duration limit) const {
  return WaitForHealth(Connect(), serving, limit);
}

std::string ReadLog(const KeyFolder& folder) { return ReadFile(folder.path() + "/records.log"); }

std::string TestSite::Log() const { return ReadLog(folder_); }

std::string NewRequestId() {
  thread_local absl::BitGen random;
  return absl::StrFormat("%08x-%04x-4%03x-a%03x-%012x", absl::Uniform<std::uint32_t>(random),
                         absl::Uniform<std::uint16_t>(random), absl::Uniform<std::uint16_t>(random) & 0xfff,
                         absl::Uniform<std::uint16_t>(random) & 0xfff,
                         absl::Uniform<std::uint64_t>(random) & 0xffffffffffff);
}

}  // namespace bonnie::records
