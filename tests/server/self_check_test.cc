#include "services/server/self_check.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

absl::Time Soon() { return absl::Now() + absl::Seconds(5); }

TEST(SelfCheckTest, PassesWhileTheServerAccepts) {
  TestServer server;
  const auto own = LoadCertificates({Pki("azure-records.pem"), Pki("azure-records.key"), Pki("ca.pem")}, absl::Now());
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(CheckListener(server.port(), &*own, Soon()), absl::OkStatus());
}

TEST(SelfCheckTest, PassesWithoutTls) {
  TestServer server([](config::v1::Server& config) {
    config.clear_tls();
    config.set_insecure_loopback(true);
  });
  EXPECT_EQ(CheckListener(server.port(), nullptr, Soon()), absl::OkStatus());
}

TEST(SelfCheckTest, FailsWhenNobodyAcceptsOrListens) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 5), 0);  // the kernel takes the connection, the process never does
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_EQ(CheckListener(port, nullptr, absl::Now() + absl::Milliseconds(50)).code(),
            absl::StatusCode::kDeadlineExceeded);
  close(fd);
  EXPECT_EQ(CheckListener(port, nullptr, Soon()).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace bonnie::server
