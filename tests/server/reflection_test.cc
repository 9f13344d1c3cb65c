#include "services/server/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/time/clock.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "services/server/metrics.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

struct V1 {
  using Service = grpc::reflection::v1::ServerReflection;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Service = grpc::reflection::v1alpha::ServerReflection;
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

// One open reflection stream.
template <class Api>
class ReflectionTest : public ::testing::Test {
 protected:
  ReflectionTest() : stub_(Api::Service::NewStub(server_.Channel())), stream_(stub_->ServerReflectionInfo(&context_)) {}

  typename Api::Response Ask(const typename Api::Request& request) {
    typename Api::Response response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }
  std::set<std::string> FilesIn(const typename Api::Response& response) {
    std::set<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      EXPECT_TRUE(names.insert(file.name()).second) << "twice: " << file.name();
    }
    return names;
  }
  std::vector<std::string> List() {
    typename Api::Request request;
    request.set_list_services("*");
    std::vector<std::string> names;
    const typename Api::Response response = Ask(request);
    for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
    return names;
  }

  TestServer server_;
  grpc::ClientContext context_;
  std::unique_ptr<typename Api::Service::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<typename Api::Request, typename Api::Response>> stream_;
};
using Versions = ::testing::Types<V1, V1Alpha>;
TYPED_TEST_SUITE(ReflectionTest, Versions);

TYPED_TEST(ReflectionTest, ListsEachServiceOnceHoweverOftenItIsAsked) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(this->List(),
                UnorderedElementsAre("bonnie.records.v1.StatusService", "bonnie.schema.v1.MigrationService",
                                     "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                     "grpc.reflection.v1alpha.ServerReflection"));
  }
}

TYPED_TEST(ReflectionTest, DescribesEveryServiceItLists) {
  for (const std::string& name : this->List()) {
    typename TypeParam::Request request;
    request.set_file_containing_symbol(name);
    EXPECT_FALSE(this->FilesIn(this->Ask(request)).empty()) << name;
  }
}

TYPED_TEST(ReflectionTest, SendsAFileWithWhatItNeedsAndNothingOfTheAnswerBefore) {
  typename TypeParam::Request request;
  request.set_file_by_filename("bonnie/records/v1/status_service.proto");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(this->FilesIn(this->Ask(request)),
                UnorderedElementsAre("bonnie/records/v1/status_service.proto", "google/protobuf/duration.proto"));
  }
  request.set_file_by_filename("grpc/health/v1/health.proto");
  EXPECT_THAT(this->FilesIn(this->Ask(request)), ElementsAre("grpc/health/v1/health.proto"));
}

TYPED_TEST(ReflectionTest, DescribesErrorDetails) {
  typename TypeParam::Request request;
  request.set_file_containing_symbol("google.rpc.ErrorInfo");
  EXPECT_THAT(this->FilesIn(this->Ask(request)), Contains("google/rpc/error_details.proto"));
  request.set_file_containing_symbol("google.rpc.Status");
  EXPECT_THAT(this->FilesIn(this->Ask(request)),
              UnorderedElementsAre("google/rpc/status.proto", "google/protobuf/any.proto"));
}

TYPED_TEST(ReflectionTest, SaysNotFoundAndGoesOn) {
  typename TypeParam::Request request;
  request.set_file_containing_symbol("no.such.Thing");
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  request.set_file_by_filename("no/such.proto");
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  request.mutable_file_containing_extension()->set_containing_type("no.Such");
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  EXPECT_EQ(this->Ask(typename TypeParam::Request()).error_response().error_code(), 3);
  EXPECT_EQ(this->List().size(), 5u);
}

TYPED_TEST(ReflectionTest, AnswersExtensions) {
  typename TypeParam::Request request;
  request.set_all_extension_numbers_of_type("google.rpc.ErrorInfo");
  const auto response = this->Ask(request);
  EXPECT_EQ(response.all_extension_numbers_response().base_type_name(), "google.rpc.ErrorInfo");
  EXPECT_EQ(response.all_extension_numbers_response().extension_number_size(), 0);
}

TYPED_TEST(ReflectionTest, EndsWithItsCaller) {
  this->List();
  EXPECT_TRUE(this->stream_->WritesDone());
  EXPECT_TRUE(this->stream_->Finish().ok());
}

TYPED_TEST(ReflectionTest, EndsWithTheDrain) {
  this->List();
  const absl::Time start = absl::Now();
  EXPECT_EQ(this->server_.Stop(), absl::OkStatus());
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_EQ(this->stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(ReflectionPolicyTest, IsAMethodLikeAnyOther) {
  TestServer server;
  const auto stub = grpc::reflection::v1::ServerReflection::NewStub(server.Channel("reader"));
  grpc::ClientContext context;
  EXPECT_EQ(stub->ServerReflectionInfo(&context)->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST(ReflectionPolicyTest, ItsStreamsAreBoundedWithTheOtherWatches) {
  TestServer server;
  {
    const auto stub = grpc::reflection::v1::ServerReflection::NewStub(server.Channel());
    grpc::ClientContext context;
    const auto stream = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1::ServerReflectionRequest request;
    request.set_list_services("*");
    grpc::reflection::v1::ServerReflectionResponse response;
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_inflight{kind=\"watch\"} 1"));
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_inflight{kind=\"watch\"} 0"));
}

TEST(ReflectionPolicyTest, CanBeSwitchedOff) {
  TestServer server([](config::v1::Server& config) { config.set_disable_reflection(true); });
  const auto stub = grpc::reflection::v1::ServerReflection::NewStub(server.Channel());
  grpc::ClientContext context;
  EXPECT_EQ(stub->ServerReflectionInfo(&context)->Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace bonnie::server
