#include "clients/cpp/records_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/cpp/status.h"
#include "tests/client/fake_records_service.h"

namespace bonnie::client {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

records::v1::CreatePatientRequest Ada() {
  records::v1::CreatePatientRequest request;
  request.mutable_patient()->set_first_name("Ada");
  return request;
}

TEST(RecordsClientTest, GivesEachWriteARequestIdOfItsOwn) {
  FakeRecordsService service;
  RecordsClient client(service.channel(), {});
  ASSERT_TRUE(client.CreatePatient(Ada()).ok());
  ASSERT_TRUE(client.CreatePatient(Ada()).ok());
  const std::vector<std::string> ids = service.request_ids();
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_THAT(ids, Each(SizeIs(36)));
  EXPECT_NE(ids[0], ids[1]);
}

TEST(RecordsClientTest, KeepsTheCallersRequestId) {
  FakeRecordsService service;
  RecordsClient client(service.channel(), {});
  records::v1::CreatePatientRequest request = Ada();
  request.set_request_id("3f0c7a52-0d9f-4a3e-8f57-0e5d1b8a6c11");
  ASSERT_TRUE(client.CreatePatient(request).ok());
  EXPECT_THAT(service.request_ids(), ElementsAre(request.request_id()));
}

struct FailedCall {
  const char* name;
  grpc::StatusCode code;
  bool after_the_work;  // the answer is lost, not the write
};

class RetryTest : public ::testing::TestWithParam<FailedCall> {};

TEST_P(RetryTest, RepeatsAWriteUnderItsRequestIdSoThatItHappensOnce) {
  FakeRecordsService service;
  service.FailNextCreate(grpc::Status(GetParam().code, "stopping"), GetParam().after_the_work);
  RecordsClient client(service.channel(), {});
  const auto created = client.CreatePatient(Ada());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->patient().id(), 1);
  EXPECT_EQ(service.patients(), 1);
  const std::vector<std::string> ids = service.request_ids();
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_EQ(ids[0], ids[1]);
}

INSTANTIATE_TEST_SUITE_P(Codes, RetryTest,
                         ::testing::Values(FailedCall{"unavailable", grpc::StatusCode::UNAVAILABLE, false},
                                           FailedCall{"unavailable_after", grpc::StatusCode::UNAVAILABLE, true},
                                           FailedCall{"cancelled", grpc::StatusCode::CANCELLED, false},
                                           FailedCall{"cancelled_after", grpc::StatusCode::CANCELLED, true}),
                         [](const auto& info) { return info.param.name; });

TEST(RecordsClientTest, RepeatsNothingElse) {
  for (const grpc::StatusCode code : {grpc::StatusCode::ABORTED, grpc::StatusCode::INTERNAL, grpc::StatusCode::UNKNOWN,
                                      grpc::StatusCode::NOT_FOUND}) {
    FakeRecordsService service;
    service.FailNextCreate(grpc::Status(code, "no"));
    RecordsClient client(service.channel(), {});
    EXPECT_EQ(static_cast<int>(client.CreatePatient(Ada()).status().code()), static_cast<int>(code));
    EXPECT_THAT(service.request_ids(), SizeIs(1)) << code;
  }
}

TEST(RecordsClientTest, GivesUpOnAServiceThatStaysUnavailable) {
  FakeRecordsService service;
  for (int i = 0; i < 10; ++i) service.FailNextCreate(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no"));
  RecordsClient client(service.channel(), {});
  EXPECT_EQ(client.CreatePatient(Ada()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(service.request_ids(), SizeIs(4));
}

TEST(RecordsClientTest, AnswersErrorsWithTheirDetails) {
  FakeRecordsService service;
  service.FailNextCreate(
      RichError(grpc::StatusCode::ALREADY_EXISTS, "patients/7: is there", "DUPLICATE", {{"id", "7"}}));
  RecordsClient client(service.channel(), {});
  const absl::Status status = client.CreatePatient(Ada()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(DetailsOf(status).reason, "DUPLICATE");
  EXPECT_EQ(DetailsOf(status).metadata.at("id"), "7");
}

TEST(RecordsClientTest, ListsPatientsOverAllPages) {
  FakeRecordsService service;
  RecordsClient client(service.channel(), {});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.CreatePatient(Ada()).ok());
  std::vector<int64_t> ids;
  for (const absl::StatusOr<records::v1::Patient>& patient : client.Patients({})) {
    ASSERT_TRUE(patient.ok()) << patient.status();
    ids.push_back(patient->id());
  }
  EXPECT_THAT(ids, ElementsAre(1, 2, 3, 4, 5));
}

TEST(RecordsClientTest, StopsAtItsTimeout) {
  FakeRecordsService service;
  for (int i = 0; i < 100; ++i) service.FailNextCreate(grpc::Status(grpc::StatusCode::CANCELLED, "no"));
  Options options;
  options.timeout = absl::Milliseconds(200);
  RecordsClient client(service.channel(), options);
  const absl::Time begun = absl::Now();
  EXPECT_FALSE(client.CreatePatient(Ada()).ok());
  EXPECT_LT(absl::Now() - begun, absl::Seconds(1));
}

}  // namespace
}  // namespace bonnie::client
