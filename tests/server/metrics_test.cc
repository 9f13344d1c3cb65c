#include "services/server/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A socket bound to a free port of 127.0.0.1, listening, and that port.
std::pair<int, int> TakePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(fd, 1), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return {fd, ntohs(address.sin_port)};
}

TEST(MetricsTest, CountsByMethodAndCode) {
  const auto metrics = Metrics::Open("");
  ASSERT_TRUE(metrics.ok());
  const auto method = (*metrics)->OfMethod("p.Service", "Get", "unary");
  method->started->Increment();
  method->handled(0).Increment();
  method->handled(0).Increment();
  method->handled(5).Increment();
  method->seconds->Observe(0.003);
  const std::string text = (*metrics)->Text();
  EXPECT_THAT(
      text,
      HasSubstr("grpc_server_started_total{grpc_method=\"Get\",grpc_service=\"p.Service\",grpc_type=\"unary\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Get\",grpc_service=\"p.Service\","
                        "grpc_type=\"unary\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"NOT_FOUND\""));
  EXPECT_THAT(text, Not(HasSubstr("grpc_code=\"ABORTED\"")));
  EXPECT_THAT(text, HasSubstr("le=\"0.005\"} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total"));
}

TEST(MetricsTest, AnswersTheSameCounterForTheSameName) {
  const auto metrics = Metrics::Open("");
  prometheus::Counter& one = (*metrics)->Counter("bonnie_x_total", "X.", {{"why", "a"}});
  EXPECT_EQ(&one, &(*metrics)->Counter("bonnie_x_total", "X.", {{"why", "a"}}));
  EXPECT_NE(&one, &(*metrics)->Counter("bonnie_x_total", "X.", {{"why", "b"}}));
}

TEST(MetricsTest, AsksForSamplesAtEachLook) {
  const auto metrics = Metrics::Open("");
  double value = 3;
  (*metrics)->AddGauge("bonnie_things", "Things.", [&value] { return value; }, {{"kind", "a"}});
  (*metrics)->AddGauge("bonnie_things", "Things.", [] { return 9; }, {{"kind", "b"}});
  (*metrics)->AddCounter("bonnie_done_total", "Done.", [] { return 4; });
  EXPECT_THAT((*metrics)->Text(), HasSubstr("bonnie_things{kind=\"a\"} 3"));
  value = 5;
  const std::string text = (*metrics)->Text();
  EXPECT_THAT(text, HasSubstr("bonnie_things{kind=\"a\"} 5"));
  EXPECT_THAT(text, HasSubstr("bonnie_things{kind=\"b\"} 9"));
  EXPECT_THAT(text, HasSubstr("# TYPE bonnie_done_total counter"));
  (*metrics)->StopServing();
  EXPECT_THAT((*metrics)->Text(), Not(HasSubstr("bonnie_things")));
}

TEST(MetricsTest, ServesItsPage) {
  const auto [fd, port] = TakePort();
  close(fd);  // free now, and nobody else's in this moment
  const auto metrics = Metrics::Open(absl::StrCat("127.0.0.1:", port));
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  (*metrics)->AddGauge("bonnie_things", "Things.", [] { return 3; });
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_EQ(write(client, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer(100000, '\0');
  std::size_t got = 0;
  for (ssize_t n; (n = read(client, &answer[got], answer.size() - got)) > 0;) got += static_cast<std::size_t>(n);
  close(client);
  answer.resize(got);
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("bonnie_things 3"));
}

TEST(MetricsTest, NamesAnAddressThatIsTaken) {
  const auto [fd, port] = TakePort();
  const auto metrics = Metrics::Open(absl::StrCat("127.0.0.1:", port));
  EXPECT_EQ(metrics.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(metrics.status().message()), HasSubstr(absl::StrCat("127.0.0.1:", port, ": cannot listen")));
  EXPECT_THAT(std::string(metrics.status().message()), HasSubstr(absl::StrCat("(pid ", getpid(), ")")));
  close(fd);
}

}  // namespace
}  // namespace bonnie::server
