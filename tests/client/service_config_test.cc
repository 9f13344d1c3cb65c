#include "clients/cpp/service_config.h"

#include <gmock/gmock.h>
#include <grpcpp/support/validate_service_config.h>
#include <gtest/gtest.h>

namespace bonnie::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServiceConfigTest, IsOneThatGrpcAccepts) {
  EXPECT_EQ(grpc::experimental::ValidateServiceConfigJSON(ServiceConfig(true)), "");
  EXPECT_EQ(grpc::experimental::ValidateServiceConfigJSON(ServiceConfig(false)), "");
}

TEST(ServiceConfigTest, LeavesTheTimeToACallerWhoGivesOne) {
  EXPECT_THAT(ServiceConfig(true), HasSubstr(R"("timeout": "5s")"));
  EXPECT_THAT(ServiceConfig(false), Not(HasSubstr("timeout")));
}

}  // namespace
}  // namespace bonnie::client
