// 1.5 MB of zipped zeros took a service from 91 to 1,685 MiB, for any certificate of the CA, without a line in the log:
// gRPC 1.51 checks the size before and after it inflates, and its memory quota does not count what it inflates to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/server/metrics.h"
#include "tests/security/compressed_call.h"
#include "tests/server/test_server.h"
#include "tests/support/raw_http2.h"

namespace bonnie::security {
namespace {

using server::TestServer;
using ::testing::HasSubstr;

constexpr std::size_t kInflatedBytes = std::size_t{1500} << 20;  // some 1.5 MB compressed
constexpr std::int64_t kMostGrowthKib = 32 << 10;
constexpr char kUnary[] = "/bonnie.records.v1.StatusService/GetStatus";
constexpr char kStream[] = "/bonnie.schema.v1.MigrationService/ApplyPlan";
constexpr char kBidiStream[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

// Kibibytes of a line of /proc/self/status, such as VmHWM: the most that this process ever had in memory.
std::int64_t ProcessKib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view value = line;
    std::int64_t kib = 0;
    if (!absl::ConsumePrefix(&value, name + ":") || !absl::ConsumeSuffix(&value, " kB")) continue;
    if (absl::SimpleAtoi(value, &kib)) return kib;
  }
  return -1;
}

// Fails when the process's high-water mark rose while this lived.
class FlatMemory {
 public:
  FlatMemory() : before_(ProcessKib("VmHWM")) { EXPECT_GT(before_, 0); }
  ~FlatMemory() { EXPECT_LT(ProcessKib("VmHWM") - before_, kMostGrowthKib); }

 private:
  const std::int64_t before_;
};

TEST(CompressionTest, ACompressedRequestIsRefusedAndTakesNoMemory) {
  TestServer server;
  ASSERT_TRUE(server::CallGetStatus(server).ok());
  const std::string gzip = CompressedZeros(kInflatedBytes, GRPC_COMPRESS_GZIP);
  const std::string deflate = CompressedZeros(kInflatedBytes / 5, GRPC_COMPRESS_DEFLATE);
  ASSERT_LT(gzip.size(), std::size_t{2} << 20);
  for (const char* identity : {"client", "stranger"}) {
    for (const char* method : {kUnary, kStream, kBidiStream, "/no.such.Service/Method"}) {
      for (grpc_compression_algorithm algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
        SCOPED_TRACE(testing::Message() << identity << " " << method << " " << algorithm);
        const FlatMemory flat;
        const std::string& payload = algorithm == GRPC_COMPRESS_GZIP ? gzip : deflate;
        EXPECT_EQ(Send({server.address(), identity, method, algorithm, payload}), GRPC_STATUS_UNIMPLEMENTED);
      }
    }
  }
  EXPECT_TRUE(server::CallGetStatus(server).ok());
  // Of these calls those to the handlers of whole messages and to no method came to no handler.
  EXPECT_TRUE(server::Eventually([&] {
    return server.server->metrics().Text().find("bonnie_calls_refused_by_grpc_total 12\n") != std::string::npos;
  })) << server.server->metrics().Text();
  EXPECT_THAT(server.Log(), HasSubstr("\"event\":\"calls_refused_by_grpc\",\"calls\":"));
  EXPECT_THAT(server.Log(), HasSubstr("Compression algorithm 'gzip' is disabled."));
  EXPECT_THAT(server.Log(), HasSubstr("Compression algorithm 'deflate' is disabled."));
}

TEST(CompressionTest, RequestsThatGrpcRefusesForOtherReasonsAreCountedToo) {
  TestServer server;
  ASSERT_TRUE(server::CallGetStatus(server).ok());
  const struct {
    const char* name;
    const char* method;
    std::string payload;
    grpc_status_code want;
  } kCases[] = {
      {"too large", kUnary, std::string(5 << 20, 'x'), GRPC_STATUS_RESOURCE_EXHAUSTED},
      {"malformed", kUnary, "\xff garbage", GRPC_STATUS_UNIMPLEMENTED},
      {"malformed, to a stream", kStream, "\xff garbage", GRPC_STATUS_INTERNAL},
      {"no such method", "/no.such.Service/Method", "", GRPC_STATUS_UNIMPLEMENTED},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Send({server.address(), "client", test.method, GRPC_COMPRESS_NONE, test.payload}), test.want)
        << test.name;
  }
  EXPECT_TRUE(server::Eventually([&] {
    return server.server->metrics().Text().find("bonnie_calls_refused_by_grpc_total 4\n") != std::string::npos;
  })) << server.server->metrics().Text();
}

// One DATA frame with one message whose first byte says "compressed".
std::string CompressedMessage(const std::string& payload) {
  std::string message(1, '\1');
  for (int shift : {24, 16, 8, 0}) message += static_cast<char>(payload.size() >> shift);
  return message + payload;
}

// What no gRPC client sends. Within the 64 KiB that may be sent unasked; inflated it would be 60 MB.
TEST(CompressionTest, NoOtherWayToSayCompressedTakesMemory) {
  const std::string zeros = CompressedZeros(60 << 20, GRPC_COMPRESS_GZIP);
  ASSERT_LT(zeros.size(), 65000u);
  const struct {
    const char* name;
    const char* header;
    const char* value;
  } kCases[] = {
      {"flag without an encoding", "x-nothing", "0"},     {"flag with identity", "grpc-encoding", "identity"},
      {"unknown encoding", "grpc-encoding", "br"},        {"gzip", "grpc-encoding", "gzip"},
      {"stream compression", "content-encoding", "gzip"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    TestServer server([](config::v1::Server& config) {
      config.clear_tls();
      config.set_insecure_loopback(true);
    });
    const absl::Time end = absl::Now() + absl::Seconds(5);
    test_support::RawConnection connection;
    ASSERT_TRUE(connection.Connect(server.port()));
    const FlatMemory flat;
    const std::string headers =
        test_support::GrpcHeaders("/grpc.health.v1.Health/Check") + test_support::Http2Header(test.header, test.value);
    const bool whole_stream = std::string(test.header) == "content-encoding";
    std::string call = test_support::Http2Hello() +
                       test_support::Http2Frame(test_support::kHeadersFrame, test_support::kEndHeaders, 1, headers);
    const std::string body = whole_stream ? zeros : CompressedMessage(zeros);
    for (std::size_t at = 0; at < body.size(); at += 16384) {  // a frame's largest size
      const bool last = at + 16384 >= body.size();
      call += test_support::Http2Frame(test_support::kDataFrame, last ? test_support::kEndStream : 0, 1,
                                       body.substr(at, 16384));
    }
    ASSERT_TRUE(connection.Send(call, end));
    EXPECT_TRUE(connection.AnswersBy(end));
  }
}

}  // namespace
}  // namespace bonnie::security
