#include "services/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server/metrics.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

TEST(ServerTest, RefusesToStartWithBadFiles) {
  const std::string folder = TestFolder() + "/refused";
  const config::v1::Server good = TestConfig(folder);
  const struct {
    const char* name;
    std::function<void(config::v1::Server&)> change;
    std::string want;
  } kCases[] = {
      {"certificate missing", [](auto& c) { c.mutable_tls()->set_cert_file("/nowhere/a.pem"); },
       "/nowhere/a.pem: No such"},
      {"not a pair", [](auto& c) { c.mutable_tls()->set_key_file(Pki("client.key")); },
       "client.key: is not the key of"},
      {"expired",
       [](auto& c) {
         c.mutable_tls()->set_cert_file(Pki("variants/expired.pem"));
         c.mutable_tls()->set_key_file(Pki("variants/expired.key"));
       },
       "expired.pem: the certificate expired"},
      {"policy missing", [](auto& c) { c.set_policy_file("/nowhere/p"); }, "/nowhere/p: No such file"},
      {"log", [](auto& c) { c.mutable_log()->set_file("/proc/nowhere/l"); }, "/proc/nowhere/l: cannot write the log"},
      {"plaintext on the network",
       [](auto& c) {
         c.clear_tls();
         c.set_insecure_loopback(true);
         c.set_address("0.0.0.0:0");
       },
       "want a loopback address"},
      {"a limit", [](auto& c) { c.mutable_limits()->set_max_streams(-3); }, "limits.max_streams: -3, want 1 to 200"},
  };
  for (const auto& test : kCases) {
    config::v1::Server config = good;
    test.change(config);
    const auto server = Server::Create({"bonnie-test", "test.bonnie", "1"}, "azure", config);
    ASSERT_FALSE(server.ok()) << test.name;
    EXPECT_THAT(std::string(server.status().message()), HasSubstr(test.want)) << test.name;
  }
}

TEST(ServerTest, NamesAllVersionsInTheFirstLine) {
  TestServer server({}, [](Server& made) {
    made.SetProbe([](absl::Time) { return ProbeResult{false, "0005", "MariaDB 10.11.6"}; });
  });
  const std::string log = server.Log();
  const nlohmann::json first = nlohmann::json::parse(log.substr(0, log.find('\n')));
  EXPECT_EQ(first["event"], "start");
  EXPECT_EQ(first["binary"], "bonnie-test");
  EXPECT_EQ(first["version"], "1.2.3");
  EXPECT_EQ(first["site"], "azure");
  EXPECT_EQ(first["server"], "MariaDB 10.11.6");
  EXPECT_THAT(first["driver"].get<std::string>(), ::testing::StartsWith("MySQL Connector/C++ 1."));
  for (const char* key : {"grpc", "protobuf", "openssl"}) EXPECT_FALSE(first[key].get<std::string>().empty()) << key;
}

TEST(ServerTest, ShowsHowItIsOnItsMetricsPage) {
  TestServer server({}, [](Server& made) {
    made.SetProbe([](absl::Time) { return ProbeResult{true, "0005", "MariaDB 10.11.6"}; });
  });
  ASSERT_TRUE(Eventually([&] { return server.Log().find("\"ready\"") != std::string::npos; }));
  const std::string text = server.server->metrics().Text();
  for (const char* want :
       {"bonnie_ready 1", "bonnie_db_up 1", "bonnie_db_read_only 1", "bonnie_inflight{kind=\"unary\"} 0",
        "bonnie_schema_version{revision=\"0005\"} 1", "bonnie_log_dropped_total 0", "bonnie_cert_expiry_seconds"}) {
    EXPECT_THAT(text, HasSubstr(want));
  }
}

TEST(ServerTest, DrainsCallsInWorkBeforeItEnds) {
  absl::Notification drained;
  TestServer server({}, [&](Server& made) { made.OnDrain([&] { drained.Notify(); }); });
  absl::Notification inside;
  UnaryCall* held = nullptr;
  server.status.handler = [&](UnaryCall* call) {
    held = call;
    inside.Notify();
  };
  grpc::Status answer;
  std::thread caller([&] { answer = CallGetStatus(server); });
  inside.WaitForNotification();
  absl::Status run;
  std::thread stopper([&] { run = server.Stop(); });
  drained.WaitForNotification();
  EXPECT_EQ(ReasonIn(CallGetStatus(server)), "SHUTTING_DOWN");  // the port is still open, the gate is not
  held->Finish(absl::OkStatus());
  stopper.join();
  caller.join();
  EXPECT_TRUE(answer.ok()) << answer.error_message();
  EXPECT_EQ(run, absl::OkStatus());
}

TEST(ServerTest, ServesOnForTheDrainDelay) {
  TestServer server([](config::v1::Server& config) { config.mutable_drain_delay()->set_seconds(1); });
  const absl::Time start = absl::Now();
  server.server->Stop();
  ASSERT_TRUE(Eventually([&] { return server.Log().find("draining") != std::string::npos; }));
  EXPECT_TRUE(CallGetStatus(server).ok());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_TRUE(grpc::health::v1::Health::NewStub(server.Channel())
                  ->Check(&context, grpc::health::v1::HealthCheckRequest(), &response)
                  .ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  ASSERT_TRUE(Eventually([&] { return server.Log().find("stopped") != std::string::npos; }));
  EXPECT_GE(absl::Now() - start, absl::Seconds(1));
}

TEST(ServerTest, CutsWhatOutlastsTheDrainTimeout) {
  TestServer server([](config::v1::Server& config) { config.mutable_drain_timeout()->set_nanos(100 * 1000 * 1000); });
  absl::Notification inside;
  UnaryCall* held = nullptr;
  server.status.handler = [&](UnaryCall* call) {
    held = call;
    call->budget().cancellation->Listen(
        [call] { std::thread([call] { call->Finish(absl::CancelledError("")); }).detach(); });
    inside.Notify();
  };
  std::thread caller([&] { EXPECT_FALSE(CallGetStatus(server).ok()); });
  inside.WaitForNotification();
  const absl::Time start = absl::Now();
  EXPECT_EQ(server.Stop(), absl::OkStatus());
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  caller.join();
  EXPECT_THAT(ReadText(server.folder + "/server.log"), HasSubstr("\"event\":\"drain_timeout\",\"calls_left\":1"));
}

TEST(ServerTest, StreamsSeeTheDrain) {
  TestServer server;
  absl::Notification inside;
  server.apply.handler = [&](StreamCall& call) {
    inside.Notify();
    while (!call.draining()) absl::SleepFor(absl::Milliseconds(1));
    return ShuttingDown();
  };
  grpc::ClientContext context;
  const auto stub = schema::v1::MigrationService::NewStub(server.Channel());
  const auto stream = stub->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
  inside.WaitForNotification();
  EXPECT_EQ(server.Stop(), absl::OkStatus());
  EXPECT_EQ(ReasonIn(stream->Finish()), "SHUTTING_DOWN");
}

TEST(ServerTest, KeepsValuesOutOfItsLog) {
  constexpr char kCanary[] = "CANARY-Zaphod";
  TestServer server;
  server.status.handler = [&](UnaryCall* call) { call->Finish(absl::NotFoundError(kCanary)); };
  CallGetStatus(server);
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(kCanary);
  grpc::health::v1::HealthCheckResponse response;
  grpc::health::v1::Health::NewStub(server.Channel())->Check(&context, request, &response);
  const std::string log = server.Log();
  EXPECT_THAT(log, HasSubstr("NOT_FOUND"));
  EXPECT_EQ(log.find(kCanary), std::string::npos);
  EXPECT_EQ(server.server->metrics().Text().find(kCanary), std::string::npos);
}

}  // namespace
}  // namespace bonnie::server
