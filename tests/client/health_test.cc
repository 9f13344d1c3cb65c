#include "clients/cpp/health.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>

#include "grpc/health/v1/health.grpc.pb.h"

namespace bonnie::client {
namespace {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

class FakeHealth : public ::grpc::health::v1::Health::Service {
 public:
  ::grpc::Status Check(::grpc::ServerContext*, const HealthCheckRequest* request,
                       HealthCheckResponse* response) override {
    if (!request->service().empty()) return {::grpc::StatusCode::NOT_FOUND, "unknown"};
    response->set_status(status);
    return answer;
  }
  HealthCheckResponse::ServingStatus status = HealthCheckResponse::SERVING;
  ::grpc::Status answer;
};

TEST(HealthTest, SpeaksTheRealHealthService) {
  FakeHealth health;
  ::grpc::ServerBuilder builder;
  builder.RegisterService(&health);
  const std::unique_ptr<::grpc::Server> server = builder.BuildAndStart();
  const std::shared_ptr<::grpc::Channel> channel = server->InProcessChannel({});
  EXPECT_TRUE(*IsServing(channel, {}));
  health.status = HealthCheckResponse::NOT_SERVING;
  EXPECT_FALSE(*IsServing(channel, {}));
  health.status = HealthCheckResponse::UNKNOWN;
  EXPECT_FALSE(*IsServing(channel, {}));
  health.answer = ::grpc::Status(::grpc::StatusCode::PERMISSION_DENIED, "no");
  EXPECT_EQ(IsServing(channel, {}).status().code(), absl::StatusCode::kPermissionDenied);
  server->Shutdown();
}

}  // namespace
}  // namespace bonnie::client
