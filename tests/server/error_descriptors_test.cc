#include "services/server/error_descriptors.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.pb.h"

namespace bonnie::server {
namespace {

TEST(ErrorDescriptorsTest, DescribesGoogleRpcWithItsPublicNumbers) {
  const struct {
    const char* message;
    const char* field;
    int number;
  } kFields[] = {
      {"google.rpc.Status", "details", 3},
      {"google.rpc.ErrorInfo", "reason", 1},
      {"google.rpc.ErrorInfo", "domain", 2},
      {"google.rpc.ErrorInfo", "metadata", 3},
      {"google.rpc.RetryInfo", "retry_delay", 1},
      {"google.rpc.BadRequest", "field_violations", 1},
      {"google.rpc.BadRequest.FieldViolation", "description", 2},
      {"google.rpc.PreconditionFailure", "violations", 1},
      {"google.rpc.PreconditionFailure.Violation", "subject", 2},
      {"google.rpc.ResourceInfo", "resource_name", 2},
      {"google.rpc.QuotaFailure.Violation", "description", 2},
  };
  for (const auto& want : kFields) {
    const auto* message = ReflectionPool().FindMessageTypeByName(want.message);
    ASSERT_NE(message, nullptr) << want.message;
    ASSERT_NE(message->FindFieldByName(want.field), nullptr) << want.field;
    EXPECT_EQ(message->FindFieldByName(want.field)->number(), want.number) << want.field;
  }
  EXPECT_TRUE(ReflectionPool().FindMessageTypeByName("google.rpc.ErrorInfo")->FindFieldByName("metadata")->is_map());
}

TEST(ErrorDescriptorsTest, LeavesTheProcesssOwnPoolAlone) {
  EXPECT_EQ(google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("google.rpc.Status"), nullptr);
}

TEST(ErrorDescriptorsTest, DescribesWhatIsLinked) {
  grpc::health::v1::HealthCheckRequest::descriptor();  // links it
  EXPECT_NE(ReflectionPool().FindServiceByName("grpc.health.v1.Health"), nullptr);
}

}  // namespace
}  // namespace bonnie::server
