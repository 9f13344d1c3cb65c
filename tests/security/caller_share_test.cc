// One caller's share: four slow models of one caller kept everybody's `schema check` waiting, and eight streams of one
// reader refused ApplyPlan.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/schema/fleet.h"
#include "tests/support/test_database.h"

namespace bonnie::security {
namespace {

using schema::Eventually;
using schema::FleetSite;
using schema::HasReason;
using schema::ServingSite;

namespace v1 = schema::v1;

constexpr std::chrono::seconds kSlow(8);  // the slow callers' own deadline

// Takes a server many seconds, within every limit on models.
v1::Model SlowModel(int first) {
  v1::Model model;
  for (int table = first; table < first + 1500; ++table) {
    std::string text = absl::StrCat("CREATE TABLE t", table, " (id INT NOT NULL");
    for (int column = 0; column < 12; ++column) absl::StrAppend(&text, ", c", column, " VARCHAR(20)");
    absl::StrAppend(&text, ", PRIMARY KEY (id)");
    for (int column = 0; column < 8; ++column) absl::StrAppend(&text, ", KEY k", column, " (c", column, ")");
    v1::ModelFile* file = model.add_files();
    file->set_name(absl::StrCat("t", table, ".sql"));
    file->set_text(absl::StrCat(text, ");"));
  }
  return model;
}

v1::Model SmallModel(const std::string& table) {
  v1::Model model;
  v1::ModelFile* file = model.add_files();
  file->set_name(absl::StrCat(table, ".sql"));
  file->set_text(absl::StrCat("CREATE TABLE ", table, " (id INT NOT NULL, PRIMARY KEY (id));"));
  return model;
}

class CallerShareTest : public ::testing::Test {
 protected:
  CallerShareTest() : site_(database_, FleetSite{.name = "azure", .tls = true}) {}

  grpc::Status Check(const std::string& identity, v1::Model model, std::chrono::seconds deadline) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    v1::CheckPendingRequest request;
    *request.mutable_model() = std::move(model);
    v1::CheckPendingResponse response;
    return v1::MigrationService::NewStub(site_.Channel(identity))->CheckPending(&context, request, &response);
  }
  grpc::Status Inspect(const std::string& identity, v1::Model model, std::chrono::seconds deadline) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    v1::InspectSchemaRequest request;
    *request.mutable_source()->mutable_model() = std::move(model);
    const auto reader = v1::SchemaService::NewStub(site_.Channel(identity))->InspectSchema(&context, request);
    v1::InspectSchemaResponse response;
    while (reader->Read(&response)) {
    }
    return reader->Finish();
  }
  grpc::Status Apply(const std::string& identity) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    v1::ApplyPlanRequest request;
    request.set_fingerprint("no such plan");
    const auto reader = v1::MigrationService::NewStub(site_.Channel(identity))->ApplyPlan(&context, request);
    v1::ApplyPlanResponse response;
    while (reader->Read(&response)) {
    }
    return reader->Finish();
  }

  test_support::TestDatabase database_;
  ServingSite site_;
};

TEST_F(CallerShareTest, SlowModelsOfOneCallerDoNotHoldUpAnothersCheck) {
  const grpc::Status before = Check("auditor", SmallModel("first"), std::chrono::seconds(20));
  ASSERT_TRUE(before.ok()) << before.error_message();
  std::atomic<int> ended{0};
  std::vector<std::thread> slow;
  for (int i = 0; i < 4; ++i) {
    slow.emplace_back([&, i] {
      Check("client", SlowModel(i * 10000), kSlow);
      ++ended;
    });
  }
  std::thread stream([&] {
    Inspect("client", SlowModel(90000), kSlow);
    ++ended;
  });
  absl::SleepFor(absl::Seconds(1));
  const absl::Time start = absl::Now();
  for (int i = 0; i < 3; ++i) {
    const grpc::Status status = Check("auditor", SmallModel(absl::StrCat("meanwhile", i)), kSlow);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(ended, 0);  // or nothing was slow
  for (std::thread& caller : slow) caller.join();
  stream.join();
}

TEST_F(CallerShareTest, StreamsOfReadersDoNotRefuseApplyPlan) {
  std::vector<std::thread> readers;
  std::atomic<int> quota{0}, overloaded{0};
  for (const char* identity : {"client", "client", "client", "auditor", "auditor", "auditor"}) {
    readers.emplace_back([&, identity] {
      const grpc::Status status = Inspect(identity, SlowModel(0), kSlow);
      quota += HasReason(status, "QUOTA");
      overloaded += HasReason(status, "OVERLOADED");
    });
  }
  EXPECT_TRUE(Eventually([&] { return quota == 2; })) << quota;  // the third stream of each
  for (const char* identity : {"client", "migrator"}) {
    const grpc::Status status = Apply(identity);
    EXPECT_FALSE(HasReason(status, "QUOTA") || HasReason(status, "OVERLOADED")) << status.error_message();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << status.error_message();
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(quota, 2);
  EXPECT_EQ(overloaded, 0);
}

}  // namespace
}  // namespace bonnie::security
