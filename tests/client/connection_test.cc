// The client against real TLS servers, good and bad ones: what a person reads when a connection cannot be made.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bonnie/records/v1/status_service.grpc.pb.h"
#include "clients/cpp/records_client.h"
#include "tests/client/test_pki.h"

namespace bonnie::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FakeStatus : public records::v1::StatusService::Service {
  grpc::Status GetStatus(grpc::ServerContext*, const records::v1::GetStatusRequest*,
                         records::v1::GetStatusResponse* response) override {
    response->set_site("azure");
    return grpc::Status::OK;
  }
};

class ConnectionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { pki_ = new TestPki; }
  static void TearDownTestSuite() { delete pki_; }

  // Serves with the pair called `name`; an empty name serves plaintext.
  void Serve(const std::string& name) {
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (!name.empty()) {
      grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
      ssl.pem_root_certs = pki_->Read("ca.pem");
      ssl.pem_key_cert_pairs.push_back({pki_->Read(name + ".key"), pki_->Read(name + ".pem")});
      credentials = grpc::SslServerCredentials(ssl);
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  Options OptionsAs(const std::string& identity) const {
    Options options;
    options.address = absl::StrCat("localhost:", port_);
    options.tls = pki_->Identity(identity);
    return options;
  }

  static std::string Error(const Options& options) {
    const absl::StatusOr<RecordsClient> client = RecordsClient::Connect(options);
    EXPECT_TRUE(client.ok()) << client.status();
    const absl::Status status = client->GetStatus().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    return std::string(status.message());
  }

  static TestPki* pki_;
  FakeStatus service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};
TestPki* ConnectionTest::pki_ = nullptr;

TEST_F(ConnectionTest, CallsOverMutualTls) {
  Serve("azure-records");
  const absl::StatusOr<RecordsClient> client = RecordsClient::Connect(OptionsAs("client"));
  ASSERT_TRUE(client.ok()) << client.status();
  const auto status = client->GetStatus();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->site(), "azure");
}

TEST_F(ConnectionTest, TakesTheServiceWhoseIdentityIsConfigured) {
  Serve("azure-records");
  Options options = OptionsAs("client");
  options.service_identity = "spiffe://bonnie/azure-records";
  for (const char* host : {"localhost", "127.0.0.1"}) {
    options.address = absl::StrCat(host, ":", port_);
    const absl::StatusOr<RecordsClient> client = RecordsClient::Connect(options);
    ASSERT_TRUE(client.ok()) << client.status();
    const auto status = client->GetStatus();
    EXPECT_TRUE(status.ok()) << host << ": " << status.status();
  }
}

// Every service has a certificate of the same CA: one that has fallen must not pass for another.
TEST_F(ConnectionTest, RefusesAServiceWithAnotherIdentity) {
  const struct {
    const char* server;
    const char* found;
  } kCases[] = {
      {"gcp-records", "the identity spiffe://bonnie/gcp-records"},
      {"azure-schema", "the identity spiffe://bonnie/azure-schema"},
      {"variants/server-without-uri", "no identity"},
      {"variants/server-two-uris", "2 identities"},  // one of them is the right one
  };
  for (const auto& test : kCases) {
    Serve(test.server);
    Options options = OptionsAs("client");
    options.site = "azure";
    options.service_identity = "spiffe://bonnie/azure-records";
    EXPECT_THAT(Error(options),
                AllOf(HasSubstr(absl::StrCat("localhost:", port_, ": site azure: its certificate has ", test.found,
                                             ", and the configuration requires spiffe://bonnie/azure-records")),
                      HasSubstr("is this the address of another service?")));
    server_->Shutdown();
  }
}

TEST_F(ConnectionTest, AnIdentityReplacesNoOtherCheck) {
  const struct {
    const char* server;
    const char* want;
  } kCases[] = {
      {"variants/other-ca-server", "not signed by a CA of ca_file"},
      {"variants/wrong-name", "does not name this host"},
      {"variants/expired", "or is expired"},
      {"", "speaks no TLS"},
  };
  for (const auto& test : kCases) {
    Serve(test.server);
    Options options = OptionsAs("client");
    options.service_identity = "spiffe://bonnie/azure-records";
    EXPECT_THAT(Error(options), HasSubstr(test.want)) << test.server;
    server_->Shutdown();
  }
}

TEST_F(ConnectionTest, RefusesAServerOfAnotherCa) {
  Serve("variants/other-ca-server");
  EXPECT_THAT(Error(OptionsAs("client")), AllOf(HasSubstr("localhost:"), HasSubstr("not signed by a CA of ca_file")));
}

TEST_F(ConnectionTest, RefusesAServerOfAnotherName) {
  Serve("variants/wrong-name");
  EXPECT_THAT(Error(OptionsAs("client")), HasSubstr("does not name this host"));
}

TEST_F(ConnectionTest, RefusesAnExpiredServer) {
  Serve("variants/expired");
  EXPECT_THAT(Error(OptionsAs("client")), HasSubstr("or is expired"));
}

TEST_F(ConnectionTest, SaysWhenTheServiceSpeaksNoTls) {
  Serve("");
  EXPECT_THAT(Error(OptionsAs("client")), HasSubstr("speaks no TLS"));
}

TEST_F(ConnectionTest, SaysWhenTheServiceWantsTls) {
  Serve("azure-records");
  Options options = OptionsAs("client");
  options.insecure_loopback = true;
  EXPECT_THAT(Error(options), HasSubstr("wants TLS"));
}

TEST_F(ConnectionTest, SaysWhenTheServiceRefusesTheCertificate) {
  Serve("azure-records");
  EXPECT_THAT(Error(OptionsAs("variants/other-ca-client")),
              AllOf(HasSubstr("refuses the client certificate"), HasSubstr("other-ca-client.pem")));
}

TEST_F(ConnectionTest, SaysWhenNobodyListens) {
  Serve("azure-records");
  server_->Shutdown();
  server_.reset();
  EXPECT_THAT(Error(OptionsAs("client")), HasSubstr("nobody listens there"));
}

}  // namespace
}  // namespace bonnie::client
