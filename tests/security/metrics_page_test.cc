// One half-sent request kept everybody from the page for 30 s, and a web page could read it by DNS rebinding.
#include "services/server/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/raw_http2.h"

namespace bonnie::security {
namespace {

using server::MetricsPage;
using test_support::RawConnection;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::unique_ptr<MetricsPage> OpenPage(std::vector<std::string> hosts = {}) {
  auto page = MetricsPage::Open({"127.0.0.1:0", std::move(hosts)}, [] { return "bonnie_things 3\n"; });
  EXPECT_TRUE(page.ok()) << page.status();
  return *std::move(page);
}

// All that comes back for `request`, within 10 s.
std::string Ask(int port, const std::string& request) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char bytes[4096];
    for (ssize_t got; (got = recv(fd, bytes, sizeof bytes, 0)) > 0;) answer.append(bytes, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

std::string Get(const std::string& host, const std::string& path = "/metrics") {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", host, "\r\n\r\n");
}

TEST(MetricsPageTest, HalfSentRequestsKeepNobodyFromThePage) {
  const auto page = OpenPage();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  std::vector<RawConnection> halves(100);  // three times as many as the page keeps open
  for (RawConnection& half : halves) {
    ASSERT_TRUE(half.Connect(page->port()));
    half.Send("GET /metrics HTTP/1.1\r\nHo", end);
  }
  const absl::Time start = absl::Now();
  const std::string answer = Ask(page->port(), Get("127.0.0.1"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(absl::EndsWith(answer, "\r\n\r\nbonnie_things 3\n")) << answer;
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  for (RawConnection& half : halves) EXPECT_TRUE(half.ClosedBy(end));  // the oldest at once, all after 5 s of silence
}

TEST(MetricsPageTest, WhoSendsAByteNowAndThenKeepsNobodyFromThePage) {
  const auto page = OpenPage();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  std::vector<RawConnection> slow(64);
  for (RawConnection& one : slow) {
    ASSERT_TRUE(one.Connect(page->port()));
    one.Send("GET /metrics HTTP/1.1\r\nX: ", end);
  }
  for (int i = 0; i < 5; ++i) {
    for (RawConnection& one : slow) one.Send("x", end);
    const absl::Time start = absl::Now();
    EXPECT_THAT(Ask(page->port(), Get("127.0.0.1")), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  }
}

TEST(MetricsPageTest, AnEndlessHeadIsRefused) {
  const auto page = OpenPage();
  const std::string answer =
      Ask(page->port(), absl::StrCat("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ", std::string(20000, 'x')));
  EXPECT_FALSE(absl::StartsWith(answer, "HTTP/1.1 200")) << answer;
}

TEST(MetricsPageTest, OtherMethodsAndPathsAreRefused) {
  const auto page = OpenPage();
  EXPECT_THAT(Ask(page->port(), Get("localhost", "/")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask(page->port(), "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask(page->port(), "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(MetricsPageTest, ANameThatSomebodyElseControlsIsRefused) {
  const auto page = OpenPage({"azure-records.internal"});
  const int port = page->port();
  for (const std::string& host : {std::string("localhost"), absl::StrCat("localhost:", port), std::string("LOCALHOST"),
                                  std::string("127.0.0.1"), absl::StrCat("127.0.0.1:", port), std::string("10.0.0.7"),
                                  absl::StrCat("[::1]:", port), std::string("Azure-Records.internal:9464")}) {
    EXPECT_THAT(Ask(port, Get(host)), StartsWith("HTTP/1.1 200 OK\r\n")) << host;
  }
  for (const char* host : {"evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
                           "127.1", "[::1", "[]", "", "internal", "x@localhost"}) {
    EXPECT_THAT(Ask(port, Get(host)), StartsWith("HTTP/1.1 403 ")) << host;
  }
  EXPECT_THAT(Ask(port, "GET /metrics HTTP/1.0\r\n\r\n"), HasSubstr(" 403 "));
}

}  // namespace
}  // namespace bonnie::security
