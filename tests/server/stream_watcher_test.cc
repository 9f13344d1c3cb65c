#include "services/server/stream_watcher.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

TEST(StreamWatcherTest, CancelsTheBudgetOfAStreamWhoseCallerWentAway) {
  TestServer server;
  absl::Notification inside, cancelled;
  absl::Time seen;
  server.apply.handler = [&](StreamCall& call) {
    call.budget().cancellation->Listen([&] {
      seen = absl::Now();
      cancelled.Notify();
    });
    inside.Notify();
    EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
    EXPECT_TRUE(call.cancelled());
    call.budget().cancellation->Listen({});
    return absl::CancelledError("the caller went away");
  };
  grpc::ClientContext context;
  const auto stub = schema::v1::MigrationService::NewStub(server.Channel());
  const auto stream = stub->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
  inside.WaitForNotification();
  const absl::Time gone = absl::Now();
  context.TryCancel();
  ASSERT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_LT(seen - gone, absl::Milliseconds(500));  // 20 ms, and a busy machine
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(StreamWatcherTest, LeavesAStreamAloneWhileItsCallerWaits) {
  TestServer server;
  server.apply.handler = [](StreamCall& call) {
    absl::SleepFor(absl::Milliseconds(100));
    EXPECT_FALSE(call.cancelled());
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  const auto stub = schema::v1::MigrationService::NewStub(server.Channel());
  const auto stream = stub->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace bonnie::server
