#include "services/server/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/server/metrics.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

TlsFiles Files(const std::string& name) { return {Pki(name + ".pem"), Pki(name + ".key"), Pki("ca.pem")}; }

TEST(LoadCertificatesTest, ReadsAGoodPair) {
  const auto certificates = LoadCertificates(Files("azure-records"), absl::Now());
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  EXPECT_GT(certificates->not_after, absl::Now() + absl::Hours(24 * 29));
}

TEST(LoadCertificatesTest, NamesFileAndReason) {
  const std::string folder = TestFolder() + "/bad";
  std::filesystem::create_directories(folder);
  WriteText(folder + "/text", "no certificate\n");
  WriteText(folder + "/empty", "");
  const TlsFiles good = Files("azure-records");
  const struct {
    TlsFiles files;
    absl::Time now;
    std::string want;
  } kCases[] = {
      {{"/nowhere/a.pem", good.key_file, good.client_ca_file}, absl::Now(), "/nowhere/a.pem: No such file"},
      {{folder + "/text", good.key_file, good.client_ca_file}, absl::Now(), folder + "/text: holds no PEM certificate"},
      {{folder + "/empty", good.key_file, good.client_ca_file},
       absl::Now(),
       folder + "/empty: holds no PEM certificate"},
      {{good.cert_file, folder + "/text", good.client_ca_file},
       absl::Now(),
       folder + "/text: holds no PEM private key"},
      {{good.cert_file, Pki("client.key"), good.client_ca_file}, absl::Now(), "client.key: is not the key of"},
      {{good.cert_file, good.key_file, folder + "/text"}, absl::Now(), folder + "/text: holds no PEM certificate"},
      {{good.cert_file, good.key_file, Pki("client.pem")},
       absl::Now(),
       "client.pem: holds a certificate that is no CA's"},
      {Files("variants/expired"), absl::Now(), "expired.pem: the certificate expired at 20"},
      {good, absl::Now() + absl::Hours(24 * 400), "azure-records.pem: the certificate expired at"},
      {good, absl::Now() - absl::Hours(24 * 400), "azure-records.pem: the certificate is not valid before"},
  };
  for (const auto& test : kCases) {
    const auto certificates = LoadCertificates(test.files, test.now);
    EXPECT_EQ(certificates.status().code(), absl::StatusCode::kFailedPrecondition) << test.want;
    EXPECT_THAT(std::string(certificates.status().message()), HasSubstr(test.want));
  }
}

TEST(LoadCertificatesTest, RefusesAKeyThatOthersMayReadAndACaThatTheyMayWrite) {
  const std::string folder = TestFolder() + "/modes";
  std::filesystem::create_directories(folder);
  const TlsFiles good = Files("azure-records");
  TlsFiles files{folder + "/a.pem", folder + "/a.key", folder + "/ca.pem"};
  const auto write_all = [&] {
    WriteText(files.cert_file, ReadText(good.cert_file));
    WriteText(files.key_file, ReadText(good.key_file));
    WriteText(files.client_ca_file, ReadText(good.client_ca_file));
  };
  write_all();
  const auto tls = ServerTls::Open(files);
  ASSERT_TRUE(tls.ok()) << tls.status();
  const struct {
    std::string file;
    int mode;
    const char* want;
  } kCases[] = {
      {files.key_file, 0640, "group or others may read or write it; to mend: chmod go-rwx "},
      {files.key_file, 0604, "group or others may read or write it; to mend: chmod go-rwx "},
      {files.cert_file, 0664, "group or others may write it; to mend: chmod go-w "},
      {files.client_ca_file, 0646, "group or others may write it; to mend: chmod go-w "},
  };
  for (const auto& test : kCases) {
    write_all();
    ASSERT_EQ((*tls)->Reload().value_or(false), true);
    std::filesystem::permissions(test.file, std::filesystem::perms(test.mode));
    const std::string want = absl::StrCat(test.file, ": ", test.want, test.file);
    EXPECT_EQ(std::string(LoadCertificates(files, absl::Now()).status().message()), want);
    EXPECT_EQ(std::string((*tls)->Reload().status().message()), want);
  }
}

// What a call over a new connection gets, trusting `ca` and presenting `identity`.
grpc::Status Handshake(TestServer& server, const std::string& ca, const std::string& identity) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadText(ca);
  if (!identity.empty()) {
    options.pem_cert_chain = ReadText(Pki(identity + ".pem"));
    options.pem_private_key = ReadText(Pki(identity + ".key"));
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel = grpc::CreateCustomChannel(server.address(), grpc::SslCredentials(options), arguments);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  records::v1::GetStatusResponse response;
  return records::v1::StatusService::NewStub(channel)->GetStatus(&context, records::v1::GetStatusRequest(), &response);
}

TEST(ServerTlsTest, LetsInACertificateOfItsCa) {
  TestServer server;
  EXPECT_TRUE(Handshake(server, Pki("ca.pem"), "client").ok());
}

TEST(ServerTlsTest, KeepsStrangersOut) {
  TestServer server;
  for (const char* stranger : {"", "variants/other-ca-client", "variants/expired-client"}) {
    EXPECT_EQ(Handshake(server, Pki("ca.pem"), stranger).error_code(), grpc::StatusCode::UNAVAILABLE) << stranger;
  }
  // None of them came as far as a call.
  EXPECT_THAT(server.Log(), ::testing::Not(HasSubstr("\"event\":\"rpc\"")));
  EXPECT_TRUE(Handshake(server, Pki("ca.pem"), "client").ok());
}

TEST(ServerTlsTest, PutsANewPairInForceWithoutARestart) {
  TestServer server;
  ASSERT_TRUE(Handshake(server, Pki("ca.pem"), "client").ok());
  WriteText(server.folder + "/server.pem", ReadText(Pki("variants/other-ca-server.pem")));
  WriteText(server.folder + "/server.key", ReadText(Pki("variants/other-ca-server.key")));
  EXPECT_TRUE(Eventually([&] { return Handshake(server, Pki("variants/other-ca.pem"), "client").ok(); }));
  EXPECT_FALSE(Handshake(server, Pki("ca.pem"), "client").ok());
}

TEST(ServerTlsTest, PutsANewClientCaInForce) {
  TestServer server;
  ASSERT_FALSE(Handshake(server, Pki("ca.pem"), "variants/other-ca-client").ok());
  WriteText(server.folder + "/ca.pem", ReadText(Pki("variants/other-ca.pem")));
  EXPECT_TRUE(Eventually([&] { return Handshake(server, Pki("ca.pem"), "variants/other-ca-client").ok(); }));
  EXPECT_FALSE(Handshake(server, Pki("ca.pem"), "client").ok());
}

TEST(ServerTlsTest, KeepsThePairBeforeWhenTheNewOneDoesNotMatch) {
  TestServer server;
  WriteText(server.folder + "/server.pem", ReadText(Pki("gcp-records.pem")));  // its key is still the old one
  ASSERT_TRUE(Eventually([&] { return server.Log().find("reload_failed") != std::string::npos; }));
  EXPECT_THAT(server.Log(), HasSubstr("server.key: is not the key of the certificate in"));
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_reload_failures_total{what=\"certificates\"} 1"));
  EXPECT_TRUE(Handshake(server, Pki("ca.pem"), "client").ok());
  WriteText(server.folder + "/server.key", ReadText(Pki("gcp-records.key")));  // now they match
  EXPECT_TRUE(Eventually([&] { return server.Log().find("\"reloaded\"") != std::string::npos; }));
  EXPECT_TRUE(Handshake(server, Pki("ca.pem"), "client").ok());
}

// Whether a TLS handshake of at most `version` comes about.
bool Speaks(int port, int version) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);  // or this side would refuse old versions itself
  SSL_CTX_set_max_proto_version(context, version);
  BIO* bio = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(bio, absl::StrCat("127.0.0.1:", port).c_str());
  SSL* ssl = nullptr;
  BIO_get_ssl(bio, &ssl);
  static constexpr unsigned char kProtocols[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, kProtocols, sizeof kProtocols);
  SSL_use_certificate_chain_file(ssl, Pki("client.pem").c_str());
  SSL_use_PrivateKey_file(ssl, Pki("client.key").c_str(), SSL_FILETYPE_PEM);
  const bool done = BIO_do_handshake(bio) == 1;
  BIO_free_all(bio);
  SSL_CTX_free(context);
  return done;
}

TEST(ServerTlsTest, SpeaksTls12AndNewerOnly) {
  TestServer server;
  EXPECT_TRUE(Speaks(server.port(), TLS1_3_VERSION));
  EXPECT_TRUE(Speaks(server.port(), TLS1_2_VERSION));
  EXPECT_FALSE(Speaks(server.port(), TLS1_1_VERSION));
  EXPECT_FALSE(Speaks(server.port(), TLS1_VERSION));
}

}  // namespace
}  // namespace bonnie::server
