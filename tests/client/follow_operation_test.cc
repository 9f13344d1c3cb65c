#include "clients/cpp/follow_operation.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"

namespace bonnie::client {
namespace {

using ::testing::ElementsAre;

// An operation of five events, whose streams break off after some.
class FollowedMigrations : public schema::v1::MigrationService::Service {
 public:
  grpc::Status ApplyPlan(grpc::ServerContext* context, const schema::v1::ApplyPlanRequest*,
                         grpc::ServerWriter<schema::v1::ApplyPlanResponse>* writer) override {
    ++applied;
    const grpc::Status status = Send(1, [&](const schema::v1::ApplyPlanResponse& event) { writer->Write(event); });
    while (hangs && !context->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
    return status;
  }
  grpc::Status WatchOperation(grpc::ServerContext*, const schema::v1::WatchOperationRequest* request,
                              grpc::ServerWriter<schema::v1::WatchOperationResponse>* writer) override {
    watched.push_back(request->from_sequence());
    EXPECT_EQ(request->operation_id(), "op");
    if (forgotten) return grpc::Status(grpc::StatusCode::NOT_FOUND, "who?");
    return Send(request->from_sequence(), [&](const schema::v1::ApplyPlanResponse& event) {
      schema::v1::WatchOperationResponse response;
      *response.mutable_event() = event;
      writer->Write(response);
    });
  }

  int64_t breaks_after = 2;  // events of one stream
  bool hangs = false;
  bool forgotten = false;
  std::atomic<int> applied = 0;
  std::vector<int64_t> watched;  // from_sequence of each

 private:
  template <class Write>
  grpc::Status Send(int64_t from, Write write) const {
    for (int64_t i = from; i <= 5; ++i) {
      if (i - from == breaks_after) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
      schema::v1::ApplyPlanResponse event;
      event.set_operation_id("op");
      event.set_sequence(i);
      if (i == 5) event.mutable_done();
      write(event);
    }
    return grpc::Status::OK;
  }
};

class FollowOperationTest : public ::testing::Test {
 protected:
  FollowOperationTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<SchemaClient>(server_->InProcessChannel({}), Options());
    options_.attempts = 3;
    options_.pause = absl::Milliseconds(1);
  }
  ~FollowOperationTest() override { server_->Shutdown(); }

  absl::Status Apply() {
    return ApplyAndFollow(
        *client_, {}, [&](const schema::v1::ApplyPlanResponse& event) { seen_.push_back(event.sequence()); }, options_);
  }

  FollowedMigrations service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<SchemaClient> client_;
  FollowOptions options_;
  std::vector<int64_t> seen_;
};

TEST_F(FollowOperationTest, ALostStreamIsTakenUpWhereItBrokeOff) {
  EXPECT_TRUE(Apply().ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(service_.watched, ElementsAre(3, 5));
  EXPECT_EQ(service_.applied, 1);
}

TEST_F(FollowOperationTest, AStreamThatIsLostAgainAndAgainIsGivenUp) {
  service_.breaks_after = 0;
  EXPECT_EQ(Apply().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(service_.watched.empty());  // which operation is not known
  schema::v1::WatchOperationRequest request;
  request.set_operation_id("op");
  request.set_from_sequence(4);
  EXPECT_EQ(FollowOperation(
                *client_, request, [](const schema::v1::ApplyPlanResponse&) {}, options_)
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_GE(service_.watched.size(), 3u);
}

TEST_F(FollowOperationTest, AServiceThatForgotTheOperationSaysSo) {
  service_.forgotten = true;
  EXPECT_EQ(Apply().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(seen_, ElementsAre(1, 2));
}

TEST_F(FollowOperationTest, WhoStopsHearsNoMoreAndEndsNothing) {
  service_.hangs = true;
  options_.stop = [&] { return service_.applied > 0; };
  EXPECT_EQ(Apply().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(service_.watched.empty());
}

}  // namespace
}  // namespace bonnie::client
