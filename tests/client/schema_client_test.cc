#include "clients/cpp/schema_client.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bonnie/schema/v1/migration_service.grpc.pb.h"

namespace bonnie::client {
namespace {

using ::testing::ElementsAre;

// Streams as many events as it is told, the last of them `done` or not, and then `status`.
class FakeMigrations : public schema::v1::MigrationService::Service {
 public:
  grpc::Status GetCurrent(grpc::ServerContext* context, const schema::v1::GetCurrentRequest*,
                          schema::v1::GetCurrentResponse*) override {
    Note(*context);
    return grpc::Status::OK;
  }
  grpc::Status ApplyPlan(grpc::ServerContext* context, const schema::v1::ApplyPlanRequest*,
                         grpc::ServerWriter<schema::v1::ApplyPlanResponse>* writer) override {
    ++calls;
    Note(*context);
    for (int i = 1; i <= events; ++i) {
      schema::v1::ApplyPlanResponse event;
      event.set_sequence(i);
      if (i == events && ends) event.mutable_done();
      writer->Write(event);
    }
    return status;
  }

  int events = 3;
  bool ends = true;
  grpc::Status status;
  int calls = 0;
  std::vector<std::string> sites;  // that the callers meant; "-": any

 private:
  void Note(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("bonnie-site");
    sites.push_back(found == context.client_metadata().end()
                        ? "-"
                        : std::string(found->second.data(), found->second.size()));
  }
};

class SchemaClientTest : public ::testing::Test {
 protected:
  SchemaClientTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<SchemaClient>(server_->InProcessChannel({}), Options());
  }
  ~SchemaClientTest() override { server_->Shutdown(); }

  absl::Status Apply() {
    return client_->ApplyPlan({},
                              [&](const schema::v1::ApplyPlanResponse& event) { seen_.push_back(event.sequence()); });
  }

  FakeMigrations service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<SchemaClient> client_;
  std::vector<int64_t> seen_;
};

TEST_F(SchemaClientTest, TellsOfEveryEventInOrder) {
  EXPECT_TRUE(Apply().ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
}

TEST_F(SchemaClientTest, EveryCallSaysWhichSiteIsMeant) {
  Options options;
  options.site = "gcp";
  const SchemaClient client(server_->InProcessChannel({}), options);
  EXPECT_TRUE(client.GetCurrent({}).ok());
  EXPECT_TRUE(client.ApplyPlan({}, [](const schema::v1::ApplyPlanResponse&) {}).ok());
  EXPECT_TRUE(client_->GetCurrent({}).ok());
  EXPECT_TRUE(Apply().ok());
  EXPECT_THAT(service_.sites, ElementsAre("gcp", "gcp", "-", "-"));
}

TEST_F(SchemaClientTest, AStreamThatEndsBeforeTheOperationIsAnError) {
  service_.ends = false;
  EXPECT_EQ(Apply().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SchemaClientTest, NeverAppliesASecondTimeByItself) {
  service_.events = 0;
  service_.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
  EXPECT_EQ(Apply().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(service_.calls, 1);
}

}  // namespace
}  // namespace bonnie::client
