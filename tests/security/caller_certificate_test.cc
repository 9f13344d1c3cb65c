// A certificate counts while it is valid, and no longer: a connection and a TLS session outlive the handshake that
// checked it. A ticket let in a certificate that had expired, over TLS 1.2 and 1.3, and nothing could be revoked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/server/caller_certificates.h"
#include "services/server/config.h"
#include "services/server/error.h"
#include "services/server/listener.h"
#include "services/server/metrics.h"
#include "services/server/tls.h"
#include "tests/security/issued_certificates.h"
#include "tests/security/tls_client.h"
#include "tests/server/test_server.h"

namespace bonnie::security {
namespace {

using server::Pki;
using server::ReadText;
using server::TestServer;
using ::testing::HasSubstr;

constexpr char kClient[] = "spiffe://bonnie/client";
constexpr char kGetStatus[] = "/bonnie.records.v1.StatusService/GetStatus";

absl::Time WholeSeconds(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time)); }

void SleepUntil(absl::Time time) { absl::SleepFor(time - absl::Now() + absl::Milliseconds(50)); }

grpc::Status CallOver(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  records::v1::GetStatusResponse response;
  return records::v1::StatusService::NewStub(channel)->GetStatus(&context, records::v1::GetStatusRequest(), &response);
}

TEST(CallerCertificateTest, AResumedSessionDoesNotOutliveTheCertificate) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3");
    TestServer server;
    const absl::Time until = WholeSeconds(absl::Now() + absl::Seconds(4));
    const std::string identity = IssueClient(kClient, until);
    TlsClient first(identity, version);
    ASSERT_TRUE(first.Connect(server.port(), nullptr));
    EXPECT_EQ(first.Call(kGetStatus), "0");
    const SessionPtr session = first.session();

    TlsClient again(identity, version);  // the way in is there
    ASSERT_TRUE(again.Connect(server.port(), session.get()));
    EXPECT_TRUE(again.resumed());
    EXPECT_EQ(again.Call(kGetStatus), "0");
    const SessionPtr second = again.session();

    SleepUntil(until + absl::Seconds(1));
    TlsClient late(identity, version);
    if (late.Connect(server.port(), second.get())) {
      EXPECT_TRUE(late.resumed());  // a full handshake would have been refused
      EXPECT_EQ(late.Call(kGetStatus), "16");
      EXPECT_THAT(server.Log(), HasSubstr("\"reason\":\"CERTIFICATE_EXPIRED\""));
    }
    EXPECT_TRUE(server::CallGetStatus(server).ok());
  }
}

TEST(CallerCertificateTest, AConnectionDoesNotOutliveTheCertificate) {
  TestServer server;
  const absl::Time until = WholeSeconds(absl::Now() + absl::Seconds(3));
  const auto channel = server.Channel(IssueClient(kClient, until));
  ASSERT_TRUE(CallOver(channel).ok());
  SleepUntil(until + absl::Seconds(1));
  const grpc::Status refused = CallOver(channel);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(server::ReasonIn(refused), "CERTIFICATE_EXPIRED");
}

// A session ticket's key lives 30 s, whatever a certificate says.
TEST(CallerCertificateTest, ATicketIsForgottenAfterHalfAMinute) {
  const std::string folder = server::TestFolder() + "/tickets";
  config::v1::Server config = server::TestConfig(folder);
  server::SetDefaults(&config);
  std::atomic<std::int64_t> seconds{0};
  const absl::Time start = absl::Now();
  const auto tls =
      server::ServerTls::Open(server::TlsFilesOf(config.tls()), [&] { return start + absl::Seconds(seconds.load()); });
  ASSERT_TRUE(tls.ok()) << tls.status();
  records::v1::StatusService::CallbackService unimplemented;
  auto listener =
      server::Listen(config, (*tls)->credentials(), {&unimplemented}, [](const std::vector<std::string>&) {});
  ASSERT_TRUE(listener.ok()) << listener.status();
  const int port = listener->acceptor->port();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient first("client", version);
    ASSERT_TRUE(first.Connect(port, nullptr));
    EXPECT_EQ(first.Call(kGetStatus), "12");
    const SessionPtr session = first.session();
    seconds += 20;
    TlsClient soon("client", version);
    ASSERT_TRUE(soon.Connect(port, session.get()));
    EXPECT_TRUE(soon.resumed());
    EXPECT_EQ(soon.Call(kGetStatus), "12");
    const SessionPtr newer = soon.session();
    seconds += 11;
    TlsClient late("client", version);
    ASSERT_TRUE(late.Connect(port, newer.get()));
    EXPECT_FALSE(late.resumed());
  }
  listener->acceptor.reset();
  listener->server->Shutdown(std::chrono::system_clock::now());
}

TEST(CallerCertificateTest, ARevokedCertificateIsRefusedAlsoOnAnOpenConnection) {
  const std::string revoked = IssueClient(kClient, absl::Now() + absl::Hours(1));
  const std::string crl = RevocationList({});
  TestServer server([&](config::v1::Server& config) {
    const std::string folder = std::filesystem::path(config.policy_file()).parent_path();
    server::WriteText(folder + "/crl.pem", crl);
    config.mutable_tls()->set_crl_file(folder + "/crl.pem");
  });
  const auto open = server.Channel(revoked);
  ASSERT_TRUE(CallOver(open).ok());
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_crl_expiry_seconds 2"));  // 30 days: 2,592,000

  server::WriteText(server.folder + "/crl.pem", RevocationList({revoked}));
  ASSERT_TRUE(server::Eventually([&] { return !CallOver(open).ok(); }));
  for (const auto& channel : {open, server.Channel(revoked)}) {
    const grpc::Status refused = CallOver(channel);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(server::ReasonIn(refused), "CERTIFICATE_REVOKED");
  }
  EXPECT_TRUE(server::CallGetStatus(server).ok());

  // A list that cannot be used changes nothing.
  server::WriteText(server.folder + "/crl.pem", "no list\n");
  ASSERT_TRUE(server::Eventually([&] { return server.Log().find("reload_failed") != std::string::npos; }));
  EXPECT_THAT(server.Log(), HasSubstr("crl.pem: holds no PEM certificate revocation list"));
  EXPECT_EQ(server::ReasonIn(CallOver(open)), "CERTIFICATE_REVOKED");
  EXPECT_TRUE(server::CallGetStatus(server).ok());
}

// What the server reads when it starts.
server::Certificates Trusted(const std::string& crl_file, absl::Time now) {
  auto read =
      server::LoadCertificates({Pki("azure-records.pem"), Pki("azure-records.key"), Pki("ca.pem"), crl_file}, now);
  EXPECT_TRUE(read.ok()) << read.status();
  return *std::move(read);
}

std::string ReasonOf(const absl::Status& status) {
  const absl::optional<server::ErrorDetails> details = server::DetailsOf(status);
  return details.has_value() ? details->reason : "";
}

TEST(CallerCertificatesTest, NobodyIsLetInWithoutAValidList) {
  RevocationList({});
  const absl::Time now = absl::Now();
  server::CallerCertificates callers;
  const std::string client = ReadText(Pki("client.pem"));
  const auto check = [&](const std::string& pem, absl::Time at) {
    return ReasonOf(callers.Check(
        pem, [] { return std::string(); }, at));
  };
  EXPECT_EQ(check(client, now), "CERTIFICATE_NOT_TRUSTED");  // nothing is trusted yet
  const server::Certificates with_list = Trusted(Pki("crl.pem"), now);
  EXPECT_GT(with_list.crls_until, now + absl::Hours(24 * 29));
  callers.Trust(with_list);
  EXPECT_EQ(check(client, now), "");
  EXPECT_EQ(check(client, now + absl::Hours(24 * 31)), "CRL_UNUSABLE");
  EXPECT_EQ(check(ReadText(Pki("variants/other-ca-client.pem")), now), "CERTIFICATE_NOT_TRUSTED");
  EXPECT_EQ(check(ReadText(Pki("variants/expired-client.pem")), now), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(check(ReadText(Pki("variants/wrong-name.pem")), now), "CERTIFICATE_NOT_TRUSTED");  // a server's
  EXPECT_EQ(check("no certificate", now), "CERTIFICATE_NOT_TRUSTED");
  callers.Trust(Trusted("", now));
  EXPECT_EQ(check(client, now + absl::Hours(24 * 31)), "");  // without a crl_file nothing is revoked
  EXPECT_EQ(check(client, now + absl::Hours(24 * 91)), "CERTIFICATE_EXPIRED");
}

TEST(CallerCertificatesTest, AListThatProvesNothingIsRefusedAtStart) {
  RevocationList({});
  const std::string folder = server::TestFolder() + "/lists";
  std::filesystem::create_directories(folder);
  server::WriteText(folder + "/two-cas", ReadText(Pki("ca.pem")) + ReadText(Pki("variants/other-ca.pem")));
  server::WriteText(folder + "/empty", "");
  const absl::Time now = absl::Now();
  const struct Case {
    const char* name;
    std::string ca, crl;
    absl::Time now;
    const char* want;
  } cases[] = {
      {"missing", Pki("ca.pem"), "/nowhere/crl.pem", now, "/nowhere/crl.pem: No such file"},
      {"empty", Pki("ca.pem"), folder + "/empty", now, "empty: holds no PEM certificate revocation list"},
      {"no list", Pki("ca.pem"), Pki("ca.pem"), now, "ca.pem: holds no PEM certificate revocation list"},
      {"expired", Pki("ca.pem"), Pki("crl.pem"), now + absl::Hours(24 * 31),
       "crl.pem: the revocation list of /O=Bonnie/CN=Bonnie private CA expired at 20"},
      {"another CA's", Pki("variants/other-ca.pem"), Pki("crl.pem"), now,
       "crl.pem: holds no revocation list signed by /O=Bonnie/CN=Bonnie test: a CA nobody trusts"},
      {"one of two CAs'", folder + "/two-cas", Pki("crl.pem"), now, "holds no revocation list signed by"},
  };
  for (const Case& c : cases) {
    const auto read =
        server::LoadCertificates({Pki("azure-records.pem"), Pki("azure-records.key"), c.ca, c.crl}, c.now);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kFailedPrecondition) << c.name;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(c.want)) << c.name;
  }
}

}  // namespace
}  // namespace bonnie::security
