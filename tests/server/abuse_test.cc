// What callers without manners do to a server of gRPC 1.51 (CVE-2023-44487, -33953, -4785), and that others do not
// notice. Our limits are what stands between: without them each of these took the memory, a core, or the port.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server/metrics.h"
#include "tests/server/test_server.h"
#include "tests/support/raw_http2.h"

namespace bonnie::server {
namespace {

using namespace test_support;  // NOLINT: frames and connections
using ::testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__)
#define BONNIE_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BONNIE_SANITIZED true
#endif
#endif
#ifndef BONNIE_SANITIZED
#define BONNIE_SANITIZED false
#endif
// Sanitizers keep freed memory: with them nothing can be said.
constexpr std::int64_t kMostGrowth = BONNIE_SANITIZED ? INT64_MAX : std::int64_t{160} << 20;
// And the server needs many times as long for what was thrown at it before it comes to anybody else.
constexpr std::chrono::seconds kPatience(BONNIE_SANITIZED ? 60 : 10);

std::int64_t ResidentBytes() {
  std::int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void Plaintext(config::v1::Server& config) {
  config.clear_tls();
  config.set_insecure_loopback(true);
}

std::shared_ptr<grpc::Channel> PlaintextChannel(TestServer& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server.address(), grpc::InsecureChannelCredentials(), arguments);
}

bool Answers(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::health::v1::HealthCheckResponse response;
  return grpc::health::v1::Health::NewStub(channel)
      ->Check(&context, grpc::health::v1::HealthCheckRequest(), &response)
      .ok();
}

// Somebody else, who calls all the time, and a look at the memory.
class Bystander {
 public:
  explicit Bystander(TestServer& server) : thread_([this, &server] {
    const auto channel = PlaintextChannel(server);
    do {
      refused_ += !Answers(channel);
      peak_ = std::max(peak_.load(), ResidentBytes());
      absl::SleepFor(absl::Milliseconds(10));
    } while (!done_);
  }) {}
  ~Bystander() {
    done_ = true;
    thread_.join();
    EXPECT_EQ(refused_, 0);
    EXPECT_LT(peak_ - before_, kMostGrowth);
  }

 private:
  const std::int64_t before_ = ResidentBytes();
  std::atomic<std::int64_t> peak_{0};
  std::atomic<int> refused_{0};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

TEST(AbuseTest, RapidResetsTakeNoMemoryFromOthers) {
  TestServer server(Plaintext);
  const Bystander bystander(server);
  const absl::Time end = absl::Now() + absl::Seconds(10);
  RawConnection connection;
  ASSERT_TRUE(connection.Connect(server.port()));
  ASSERT_TRUE(connection.Send(Http2Hello(), end));
  const std::string headers = GrpcHeaders("/grpc.health.v1.Health/Check");
  const std::string cancel("\0\0\0\10", 4);
  std::uint32_t stream = 1;
  for (int i = 0; i < 200; ++i) {  // 20,000 calls that are taken back at once
    std::string burst;
    for (int k = 0; k < 100; ++k, stream += 2) {
      burst += Http2Frame(kHeadersFrame, kEndHeaders, stream, headers) + Http2Frame(kResetFrame, 0, stream, cancel);
    }
    if (!connection.Send(burst, end)) break;  // to be closed is what it deserves
  }
  EXPECT_GT(stream, 1000u);
  EXPECT_LT(absl::Now(), end);
}

TEST(AbuseTest, AnEndlessHeaderBlockIsEnded) {
  TestServer server([](config::v1::Server& config) {
    Plaintext(config);
    config.mutable_limits()->mutable_max_connection_idle()->set_seconds(1);
  });
  const Bystander bystander(server);
  const absl::Time end = absl::Now() + absl::Seconds(12);
  RawConnection connection;
  ASSERT_TRUE(connection.Connect(server.port()));
  ASSERT_TRUE(connection.Send(Http2Hello(), end));
  // A literal whose value is said to have 127 MiB, and then piece by piece of it, never the end.
  const std::string value_length("\x7f\x81\xff\xff\x3e", 5);
  ASSERT_TRUE(connection.Send(
      Http2Frame(kHeadersFrame, 0, 1, GrpcHeaders("/x") + std::string("\0\1x", 3) + value_length), end));
  const std::string more = Http2Frame(kContinuationFrame, 0, 1, std::string(16384, 'a'));
  bool open = true;
  while (open && absl::Now() < end) open = connection.Send(more, end);
  EXPECT_FALSE(open);
  EXPECT_LT(absl::Now(), end);
}

// The descriptors that a process may have, for the life of this.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t most) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit limit{most, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(AbuseTest, ThePortSurvivesARunOnDescriptors) {
  TestServer server;
  const auto connected = server.Channel();
  const auto calls = [&](const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    records::v1::GetStatusResponse response;
    return records::v1::StatusService::NewStub(channel)
        ->GetStatus(&context, records::v1::GetStatusRequest(), &response)
        .ok();
  };
  ASSERT_TRUE(calls(connected));
  {
    std::vector<RawConnection> flood(150);  // sockets of this process too, so made before they are scarce
    const int next = dup(0);
    close(next);
    const DescriptorLimit limit(static_cast<rlim_t>(next) + 60);
    for (RawConnection& connection : flood) EXPECT_TRUE(connection.Connect(server.port()));
    EXPECT_TRUE(Eventually([&] {
      return server.server->metrics().Text().find("bonnie_connections_refused_total ") != std::string::npos;
    }));
    EXPECT_TRUE(calls(connected));
    EXPECT_TRUE(std::ifstream("/dev/null").is_open());  // some are left for ourselves
  }
  EXPECT_THAT(server.Log(), HasSubstr("\"event\":\"connections_refused\""));
  EXPECT_TRUE(calls(server.Channel()));
}

TEST(AbuseTest, SlowHandshakesAreEndedAndHoldUpNobody) {
  const struct Case {
    const char* name;
    bool tls;
    std::string bytes;  // sent one by one
  } cases[] = {
      {"a ClientHello", true, std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11) + std::string(64, 'r')},
      {"the preface of HTTP/2", false, Http2Hello()},
      {"nothing", false, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    TestServer server([&c](config::v1::Server& config) {
      if (!c.tls) Plaintext(config);
      config.mutable_limits()->mutable_handshake_timeout()->set_seconds(1);
    });
    RawConnection slow;
    ASSERT_TRUE(slow.Connect(server.port()));
    EXPECT_TRUE(c.tls ? CallGetStatus(server).ok() : Answers(PlaintextChannel(server)));
    const absl::Time end = absl::Now() + absl::Seconds(10);
    for (char byte : c.bytes) {
      if (slow.ClosedBy(absl::Now() + absl::Milliseconds(100))) break;
      slow.Send(absl::string_view(&byte, 1), end);
    }
    EXPECT_TRUE(slow.ClosedBy(end));
  }
}

}  // namespace
}  // namespace bonnie::server
