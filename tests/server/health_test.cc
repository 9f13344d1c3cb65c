#include "services/server/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The answer to Check, or the error's code as a negative number.
int Check(TestServer& server, const std::string& name, const std::string& identity = "reader") {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  HealthCheckRequest request;
  request.set_service(name);
  HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(server.Channel(identity))->Check(&context, request, &response);
  return status.ok() ? response.status() : -status.error_code();
}

// What the database "is", for servers whose probe a test writes.
struct FakeDatabase {
  std::atomic<bool> up{true}, read_only{false};
  std::atomic<int> probes{0};
  Probe probe() {
    return [this](absl::Time) -> absl::StatusOr<ProbeResult> {
      ++probes;
      if (!up) return absl::UnavailableError("the database does not answer");
      return ProbeResult{read_only, "0005", "MariaDB 10"};
    };
  }
};

TEST(HealthTest, KnowsItsNames) {
  FakeDatabase database;
  TestServer server({}, [&](Server& made) { made.SetProbe(database.probe()); });
  for (const char* name : {"", "liveness", "bonnie.records.v1.StatusService", "bonnie.records.v1/write",
                           "bonnie.schema.v1.MigrationService", "bonnie.schema.v1/write"}) {
    EXPECT_EQ(Check(server, name), HealthCheckResponse::SERVING) << name;
  }
  for (const char* name : {"nobody", "grpc.health.v1.Health", "bonnie.records.v1"}) {
    EXPECT_EQ(Check(server, name), -grpc::StatusCode::NOT_FOUND) << name;
  }
}

TEST(HealthTest, AsksThePolicyToo) {
  TestServer server;
  EXPECT_EQ(Check(server, "", "stranger"), -grpc::StatusCode::PERMISSION_DENIED);
}

TEST(HealthTest, StartsNotServingUntilTheDatabaseAnswers) {
  FakeDatabase database;
  database.up = false;
  TestServer server({}, [&](Server& made) { made.SetProbe(database.probe()); });
  EXPECT_EQ(Check(server, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check(server, "bonnie.records.v1.StatusService"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check(server, "liveness"), HealthCheckResponse::SERVING);
  EXPECT_THAT(server.Log(),
              ::testing::HasSubstr("\"event\":\"not_ready\",\"reason\":\"the database does not answer\""));
  database.up = true;
  EXPECT_TRUE(Eventually([&] { return Check(server, "") == HealthCheckResponse::SERVING; }));
  EXPECT_EQ(Check(server, "bonnie.records.v1/write"), HealthCheckResponse::SERVING);
}

TEST(HealthTest, TakesWritesOffForAReadOnlyDatabase) {
  FakeDatabase database;
  database.read_only = true;
  TestServer server({}, [&](Server& made) { made.SetProbe(database.probe()); });
  EXPECT_EQ(Check(server, "bonnie.records.v1.StatusService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check(server, "bonnie.records.v1/write"), HealthCheckResponse::NOT_SERVING);
}

TEST(HealthTest, AnswersHoweverFullTheProcessIs) {
  TestServer server([](config::v1::Server& config) { config.mutable_limits()->set_max_unary_calls(1); });
  absl::Notification inside;
  UnaryCall* held = nullptr;
  server.status.handler = [&](UnaryCall* call) {
    held = call;
    inside.Notify();
  };
  std::thread caller([&] { CallGetStatus(server); });
  inside.WaitForNotification();
  EXPECT_EQ(Check(server, ""), HealthCheckResponse::SERVING);
  held->Finish(absl::OkStatus());
  caller.join();
}

TEST(HealthTest, WatchTellsEachChangeAndEndsWithTheDrain) {
  TestServer server;
  Health& health = server.server->health();
  const auto stub = grpc::health::v1::Health::NewStub(server.Channel("reader"));
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("bonnie.records.v1.StatusService");
  const auto watch = stub->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  health.Set("bonnie.records.v1.StatusService", false);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health.Set("", true);  // another name: nothing to tell
  health.Set("bonnie.records.v1.StatusService", true);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);

  const absl::Time start = absl::Now();
  EXPECT_EQ(server.Stop(), absl::OkStatus());
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));  // the library's own health would hold it for the whole grace
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  const grpc::Status status = watch->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonIn(status), "SHUTTING_DOWN");
}

TEST(HealthTest, WatchSaysThatANameIsUnknown) {
  TestServer server;
  const auto stub = grpc::health::v1::Health::NewStub(server.Channel("reader"));
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("nobody");
  const auto watch = stub->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(HealthTest, RefusesAWatchWithoutARole) {
  TestServer server;
  grpc::ClientContext context;
  const auto watch =
      grpc::health::v1::Health::NewStub(server.Channel("stranger"))->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

// Streams without a limit were memory without a limit, for anybody who may ask how we are.
TEST(HealthTest, OneIdentityCannotOpenWatchesWithoutEnd) {
  TestServer server;
  const int limit = GateOptions().max_watches_per_identity;
  std::vector<std::shared_ptr<grpc::Channel>> channels;  // a connection has 100 streams
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<HealthCheckResponse>>> watches;
  HealthCheckResponse response;
  const auto watch = [&](const std::shared_ptr<grpc::Channel>& channel) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    watches.push_back(grpc::health::v1::Health::NewStub(channel)->Watch(contexts.back().get(), HealthCheckRequest()));
    return watches.back()->Read(&response);
  };
  for (int i = 0; i < limit; ++i) {
    if (i % 90 == 0) channels.push_back(server.Channel("reader"));
    ASSERT_TRUE(watch(channels.back())) << i;
  }
  EXPECT_FALSE(watch(channels.back()));
  const grpc::Status refused = watches.back()->Finish();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonIn(refused), "QUOTA");
  EXPECT_TRUE(watch(server.Channel("client")));                         // others may
  EXPECT_EQ(Check(server, "", "reader"), HealthCheckResponse::SERVING);  // and it can still ask
  EXPECT_TRUE(CallGetStatus(server).ok());
  contexts.front()->TryCancel();
  EXPECT_TRUE(Eventually([&] { return watch(channels.back()); }));  // who leaves makes room
  for (const auto& context : contexts) context->TryCancel();
}

TEST(HealthTest, ManyWatchersComeAndGo) {
  TestServer server;
  const auto stub = grpc::health::v1::Health::NewStub(server.Channel("reader"));
  std::vector<std::thread> watchers;
  for (int i = 0; i < 8; ++i) {
    watchers.emplace_back([&stub] {
      for (int k = 0; k < 20; ++k) {
        grpc::ClientContext context;
        const auto watch = stub->Watch(&context, HealthCheckRequest());
        HealthCheckResponse response;
        EXPECT_TRUE(watch->Read(&response));
        context.TryCancel();
        while (watch->Read(&response)) {
        }
        watch->Finish();
      }
    });
  }
  for (int i = 0; i < 200; ++i) server.server->health().Set("", i % 2 == 0);
  for (std::thread& watcher : watchers) watcher.join();
  EXPECT_EQ(server.Stop(), absl::OkStatus());
}

}  // namespace
}  // namespace bonnie::server
