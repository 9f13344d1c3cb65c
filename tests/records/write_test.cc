#include "services/records/write.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/records/shared_site.h"

namespace bonnie::records {
namespace {

using ::testing::ElementsAre;
using Stub = v1::PatientService::Stub;

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// Requests that carry a request id, sent more than once.
class WriteTest : public ::testing::Test {
 protected:
  WriteTest() {
    *create_.mutable_patient() = APatient();
    create_.set_request_id(NewRequestId());
    create_.mutable_patient()->set_last_name("Of " + create_.request_id());
  }
  grpc::Status Create(v1::CreatePatientResponse* response, const std::string& identity = "client") {
    return Call(*SharedSite().Patients(identity), &Stub::CreatePatient, create_, response);
  }
  int Stored() {
    return std::stoi(*SharedDatabase().RootQuery("SELECT COUNT(*) FROM patients WHERE last_name = '" +
                                                 create_.patient().last_name() + "'"));
  }

  v1::CreatePatientRequest create_;
};

TEST_F(WriteTest, AnswersARetryAsTheFirst) {
  v1::CreatePatientResponse first, second, third;
  ASSERT_TRUE(Create(&first).ok());
  ASSERT_TRUE(Create(&second).ok());
  create_.set_request_id(absl::AsciiStrToUpper(create_.request_id()));  // the same UUID
  ASSERT_TRUE(Create(&third).ok());
  EXPECT_TRUE(Same(first, second));
  EXPECT_TRUE(Same(first, third));
  EXPECT_EQ(Stored(), 1);
}

TEST_F(WriteTest, AnswersARetryWithTheSourceKeyAsTheFirst) {
  create_.mutable_patient()->set_source_key("test:" + create_.request_id());
  v1::CreatePatientResponse first, second;
  ASSERT_TRUE(Create(&first).ok());
  const grpc::Status status = Create(&second);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(Same(first, second));
}

TEST_F(WriteTest, RefusesAnotherPayload) {
  v1::CreatePatientResponse response;
  ASSERT_TRUE(Create(&response).ok());
  create_.mutable_patient()->set_first_name("Another");
  const WireError error(Create(&response));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason, "REQUEST_ID_REUSED");
  EXPECT_THAT(error.fields, ElementsAre("request_id"));
  EXPECT_EQ(Stored(), 1);
}

TEST_F(WriteTest, KeepsCallersAndMethodsApart) {
  v1::CreatePatientResponse mine, theirs;
  ASSERT_TRUE(Create(&mine).ok());
  ASSERT_TRUE(Create(&theirs, "clinician").ok());
  EXPECT_NE(mine.patient().id(), theirs.patient().id());
  v1::DeletePatientRequest deletion;
  deletion.set_id(mine.patient().id());
  deletion.set_etag("*");
  deletion.set_request_id(create_.request_id());
  v1::DeletePatientResponse deleted;
  EXPECT_TRUE(Call(*SharedSite().Patients(), &Stub::DeletePatient, deletion, &deleted).ok());
}

TEST_F(WriteTest, KeepsNoIdOfAWriteThatFailed) {
  create_.mutable_patient()->set_source_key("test:" + create_.request_id());
  const std::int64_t holder = CreatePatient(create_.patient()).id();
  v1::CreatePatientResponse response;
  EXPECT_EQ(Create(&response).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  ASSERT_TRUE(
      SharedDatabase().RootQuery(absl::StrCat("UPDATE patients SET source_key = NULL WHERE id = ", holder)).ok());
  EXPECT_TRUE(Create(&response).ok());
}

TEST_F(WriteTest, AnswersARetriedUpdateThoughItsEtagIsGone) {
  v1::CreatePatientResponse created;
  ASSERT_TRUE(Create(&created).ok());
  v1::UpdatePatientRequest update;
  *update.mutable_patient() = created.patient();
  update.mutable_patient()->set_first_name("Changed");
  update.set_request_id(NewRequestId());
  v1::UpdatePatientResponse first, second;
  ASSERT_TRUE(Call(*SharedSite().Patients(), &Stub::UpdatePatient, update, &first).ok());
  const grpc::Status status = Call(*SharedSite().Patients(), &Stub::UpdatePatient, update, &second);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(Same(first, second));
}

TEST_F(WriteTest, AnswersARetriedDeleteWithItsCount) {
  v1::CreatePatientResponse created;
  ASSERT_TRUE(Create(&created).ok());
  CreateRecord(ARecord(created.patient().id()));
  CreateRecord(ARecord(created.patient().id()));
  v1::DeletePatientRequest deletion;
  deletion.set_id(created.patient().id());
  deletion.set_etag(created.patient().etag());
  deletion.set_force(true);
  deletion.set_request_id(NewRequestId());
  v1::DeletePatientResponse first, second;
  ASSERT_TRUE(Call(*SharedSite().Patients(), &Stub::DeletePatient, deletion, &first).ok());
  const grpc::Status status = Call(*SharedSite().Patients(), &Stub::DeletePatient, deletion, &second);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(second.cascaded_records(), 2);
  EXPECT_TRUE(Same(first, second));
}

TEST_F(WriteTest, DoesRacingDuplicatesOnce) {
  for (int round = 0; round < 10; ++round) {
    create_.set_request_id(NewRequestId());
    create_.mutable_patient()->set_last_name("Of " + create_.request_id());
    std::vector<v1::CreatePatientResponse> responses(8);
    std::vector<grpc::Status> statuses(responses.size());
    std::vector<std::thread> racers;
    for (std::size_t i = 0; i < responses.size(); ++i) {
      racers.emplace_back([&, i] { statuses[i] = Create(&responses[i]); });
    }
    for (std::thread& racer : racers) racer.join();
    for (std::size_t i = 0; i < responses.size(); ++i) {
      ASSERT_TRUE(statuses[i].ok()) << statuses[i].error_message();
      EXPECT_TRUE(Same(responses[i], responses[0]));
    }
    EXPECT_EQ(Stored(), 1);
  }
}

TEST_F(WriteTest, LosesNoUpdateToARace) {
  v1::CreatePatientResponse created;
  ASSERT_TRUE(Create(&created).ok());
  std::atomic<int> acknowledged{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      const auto stub = SharedSite().Patients();
      for (int i = 0; i < 10; ++i) {
        v1::GetPatientRequest get;
        get.set_id(created.patient().id());
        v1::GetPatientResponse got;
        if (!Call(*stub, &Stub::GetPatient, get, &got).ok()) continue;
        v1::UpdatePatientRequest update;
        *update.mutable_patient() = got.patient();
        update.mutable_patient()->set_first_name(
            absl::StrCat(got.patient().first_name().size() > 90 ? "x" : got.patient().first_name(), "."));
        update.mutable_patient()->set_contact_number(absl::StrCat("00000 ", writer, " ", i));
        v1::UpdatePatientResponse updated;
        const grpc::Status status = Call(*stub, &Stub::UpdatePatient, update, &updated);
        if (status.ok()) {
          ++acknowledged;
        } else {
          EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED) << status.error_message();
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const int version = std::stoi(*SharedDatabase().RootQuery(
      absl::StrCat("SELECT row_version FROM patients WHERE id = ", created.patient().id())));
  EXPECT_EQ(version, 1 + acknowledged);
  EXPECT_GT(acknowledged, 0);
}

TEST_F(WriteTest, LeavesNoRecordToADeletedPatient) {
  for (int round = 0; round < 10; ++round) {
    const std::int64_t patient = CreatePatient().id();
    std::thread creator([&] {
      v1::CreateMedicalRecordRequest request;
      *request.mutable_medical_record() = ARecord(patient);
      v1::CreateMedicalRecordResponse response;
      Call(*SharedSite().Records(), &v1::MedicalRecordService::Stub::CreateMedicalRecord, request, &response);
    });
    v1::DeletePatientRequest deletion;
    deletion.set_id(patient);
    deletion.set_etag("*");
    v1::DeletePatientResponse deleted;
    Call(*SharedSite().Patients(), &Stub::DeletePatient, deletion, &deleted);
    creator.join();
    EXPECT_EQ(*SharedDatabase().RootQuery(absl::StrCat(
                  "SELECT COUNT(*) FROM medical_records m JOIN patients p ON p.id = m.patient_id WHERE p.id = ",
                  patient, " AND p.delete_time IS NOT NULL AND m.delete_time IS NULL")),
              "0\n");
  }
}

}  // namespace
}  // namespace bonnie::records
