#include "services/server/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server/config.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// Whether the other side closes `fd` before `deadline`; what it sends is thrown away.
bool ClosedBy(int fd, absl::Time deadline) {
  while (absl::Now() < deadline) {
    pollfd wait{fd, POLLIN, 0};
    poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(0, absl::ToInt64Milliseconds(deadline - absl::Now()))));
    char bytes[4096];
    if (const ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT); n == 0 || (n < 0 && errno != EAGAIN))
      return true;
  }
  return false;
}

TEST(ListenerTest, SetsThePromisedLimits) {
  config::v1::Server config;
  SetDefaults(&config);
  const std::vector<std::pair<std::string, int>> arguments = ListenArguments(config);
  const std::map<std::string, int> got(arguments.begin(), arguments.end());
  const std::map<std::string, int> want = {
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5000},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, 60000},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, 900000},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30000},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, 100},
      {GRPC_ARG_KEEPALIVE_TIME_MS, 60000},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 20000},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
      {GRPC_ARG_TCP_TX_ZEROCOPY_ENABLED, 0},  // CVE-2024-11407: never
      {GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0},
  };
  EXPECT_EQ(got, want);
}

TEST(ListenerTest, ClosesWhoNeverShakesHands) {
  TestServer server(
      [](config::v1::Server& config) { config.mutable_limits()->mutable_handshake_timeout()->set_seconds(1); });
  std::vector<int> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(Connect(server.port()));
  for (std::size_t i = 0; i < silent.size(); i += 2) {  // every other one begins a ClientHello
    EXPECT_EQ(write(silent[i], "\x16\x03\x01", 3), 3);
  }
  EXPECT_TRUE(CallGetStatus(server).ok());  // nobody else is held up
  const absl::Time deadline = absl::Now() + absl::Seconds(5);
  for (int fd : silent) {
    EXPECT_TRUE(ClosedBy(fd, deadline));
    close(fd);
  }
}

TEST(ListenerTest, ClosesIdleConnections) {
  TestServer server([](config::v1::Server& config) {
    config.clear_tls();
    config.set_insecure_loopback(true);
    config.mutable_limits()->mutable_max_connection_idle()->set_seconds(1);
  });
  const int fd = Connect(server.port());
  const std::string preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);  // and an empty SETTINGS
  EXPECT_EQ(write(fd, preface.data(), preface.size()), static_cast<ssize_t>(preface.size()));
  EXPECT_TRUE(ClosedBy(fd, absl::Now() + absl::Seconds(5)));
  close(fd);
}

TEST(ListenerTest, RefusesTooLargeAMessage) {
  TestServer server([](config::v1::Server& config) { config.mutable_limits()->set_max_message_bytes(65536); });
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(70000, 'x'));
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_EQ(grpc::health::v1::Health::NewStub(server.Channel())->Check(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(ListenerTest, NamesAPortThatIsTaken) {
  TestServer server;
  config::v1::Server config = TestConfig(TestFolder() + "/taken");
  config.set_address(absl::StrCat("127.0.0.1:", server.port()));
  const auto second = Server::Create({"bonnie-test", "test.bonnie", "1"}, "azure", config);
  ASSERT_TRUE(second.ok()) << second.status();
  const absl::Status status = (*second)->Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("127.0.0.1:", server.port(), ": cannot listen there")));
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("(pid ", getpid(), ")")));
}

}  // namespace
}  // namespace bonnie::server
