#include "clients/cpp/connect_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bonnie::client {
namespace {

using ::testing::HasSubstr;

struct FailedConnect {
  const char* name;
  bool insecure;
  const char* grpc;  // as gRPC 1.51 writes it
  const char* want;
};

class ConnectErrorTest : public ::testing::TestWithParam<FailedConnect> {};

TEST_P(ConnectErrorTest, SaysAddressAndLikelyCause) {
  Options options;
  options.address = "localhost:7101";
  options.insecure_loopback = GetParam().insecure;
  options.tls = {"ca.pem", "client.pem", "client.key"};
  const absl::Status status = ExplainConnectError(absl::UnavailableError(GetParam().grpc), options);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("localhost:7101: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().want));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().grpc));
}

INSTANTIATE_TEST_SUITE_P(
    Causes, ConnectErrorTest,
    ::testing::Values(
        FailedConnect{"nobody", false, "last error: Failed to connect to remote host: Connection refused",
                      "nobody listens there"},
        FailedConnect{"no_tls", false,
                      "Ssl handshake failed: SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version number",
                      "speaks no TLS"},
        FailedConnect{"wants_tls", true, "last error: UNAVAILABLE: ipv4:127.0.0.1:46637: Socket closed", "wants TLS"},
        FailedConnect{"refused", false, "last error: UNAVAILABLE: ipv4:127.0.0.1:46637: Socket closed",
                      "refuses the client certificate client.pem"},
        FailedConnect{"other_ca", false, "SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify failed",
                      "not signed by a CA of ca_file ca.pem"},
        FailedConnect{"name", false, "Peer name localhost is not in peer certificate", "does not name this host"},
        FailedConnect{"name_by_verifier", false,
                      "Custom verification check failed: Hostname Verification Check failed.",
                      "does not name this host"},
        FailedConnect{"dns", false, "DNS resolution failed for x:1: Domain name not found", "no such host"},
        FailedConnect{"other", false, "something new", "cannot be reached"}),
    [](const auto& info) { return info.param.name; });

TEST(ConnectErrorOtherTest, NamesSiteAndBothIdentitiesOfAnotherService) {
  Options options;
  options.address = "localhost:7101";
  options.site = "azure";
  const absl::Status status = ExplainConnectError(
      absl::UnavailableError(
          "last error: Custom verification check failed: its certificate has the identity spiffe://b/x, "
          "and the configuration requires spiffe://b/y (checked by Bonnie)"),
      options);
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("localhost:7101: site azure: its certificate has the identity spiffe://b/x, and the configuration "
                "requires spiffe://b/y; is this the address of another service? ["));
}

TEST(ConnectErrorOtherTest, LeavesOtherErrorsAlone) {
  EXPECT_EQ(ExplainConnectError(absl::NotFoundError("no patient 7"), {}), absl::NotFoundError("no patient 7"));
  EXPECT_TRUE(ExplainConnectError(absl::OkStatus(), {}).ok());
}

}  // namespace
}  // namespace bonnie::client
