#include "clients/cpp/call.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "absl/time/clock.h"

namespace bonnie::client {
namespace {

TEST(CallTest, GivesEachAttemptTheSameDeadline) {
  std::vector<std::chrono::system_clock::time_point> deadlines;
  const absl::Status status = Attempt({}, absl::Seconds(5), [&](grpc::ClientContext& context) {
    deadlines.push_back(context.deadline());
    return deadlines.size() < 3 ? grpc::Status(grpc::StatusCode::CANCELLED, "") : grpc::Status::OK;
  });
  EXPECT_TRUE(status.ok());
  ASSERT_EQ(deadlines.size(), 3u);
  EXPECT_EQ(deadlines[0], deadlines[2]);
}

TEST(CallTest, TheCallersTimeoutGoesBeforeTheMethods) {
  Options options;
  options.timeout = absl::Seconds(60);
  (void)Attempt(options, absl::Seconds(5), [](grpc::ClientContext& context) {
    EXPECT_GT(absl::FromChrono(context.deadline()) - absl::Now(), absl::Seconds(50));
    return grpc::Status::OK;
  });
}

TEST(CallTest, DoesNotRepeatPastTheDeadline) {
  int attempts = 0;
  const absl::Status status = Attempt({}, absl::Milliseconds(120), [&](grpc::ClientContext&) {
    ++attempts;
    return grpc::Status(grpc::StatusCode::CANCELLED, "");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(attempts, 2);  // at 0 and at 50 ms; the next would be at 150 ms
}

}  // namespace
}  // namespace bonnie::client
