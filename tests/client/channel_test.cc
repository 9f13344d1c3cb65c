#include "clients/cpp/channel.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include <string>

namespace bonnie::client {
namespace {

using ::testing::HasSubstr;

TEST(ChannelTest, RefusesWhatIsNoHostAndPort) {
  for (const char* address :
       {"", "localhost", "localhost:", ":7101", "localhost:0", "localhost:65536", "localhost:x"}) {
    Options options;
    options.address = address;
    EXPECT_EQ(CheckAddress(options).code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(ChannelTest, PlaintextIsForLoopbackOnly) {
  Options options;
  options.insecure_loopback = true;
  for (const char* address : {"localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    options.address = address;
    EXPECT_TRUE(Dial(options).ok()) << address;
  }
  for (const char* address : {"example.com:1", "10.0.0.1:1", "0.0.0.0:1", "127.0.0.1.example.com:1"}) {
    options.address = address;
    EXPECT_EQ(Dial(options).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(ChannelTest, NamesAFileThatIsMissing) {
  Options options;
  options.address = "localhost:7101";
  options.tls = {"/nowhere/ca.pem", "/nowhere/client.pem", "/nowhere/client.key"};
  const absl::Status status = Dial(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("ca_file /nowhere/ca.pem: No such file"));
}

}  // namespace
}  // namespace bonnie::client
