#include "services/records/patient_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/records/shared_site.h"

namespace bonnie::records {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Stub = v1::PatientService::Stub;

class PatientServiceTest : public ::testing::Test {
 protected:
  template <class Request, class Response>
  grpc::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response, const std::string& identity = "client") {
    response->Clear();
    return Call(*SharedSite().Patients(identity), method, request, response);
  }
  v1::Patient Get(std::int64_t id) {
    v1::GetPatientRequest request;
    request.set_id(id);
    v1::GetPatientResponse response;
    const grpc::Status status = Ask(&Stub::GetPatient, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.patient();
  }
  // Deletes it whatever it is, records too.
  v1::Patient Delete(std::int64_t id) {
    v1::DeletePatientRequest request;
    request.set_id(id);
    request.set_etag("*");
    request.set_force(true);
    v1::DeletePatientResponse response;
    EXPECT_TRUE(Ask(&Stub::DeletePatient, request, &response).ok());
    return response.patient();
  }
  static bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  }
};

TEST_F(PatientServiceTest, CreatesAndReadsBack) {
  v1::Patient wanted = APatient();
  wanted.set_source_key(absl::StrCat("test:", NewRequestId()));
  const v1::Patient created = CreatePatient(wanted);
  EXPECT_GT(created.id(), 0);
  EXPECT_THAT(created.etag(), ::testing::SizeIs(12));
  EXPECT_EQ(created.create_time().seconds(), created.update_time().seconds());
  EXPECT_NEAR(static_cast<double>(created.create_time().seconds()),
              static_cast<double>(absl::ToUnixSeconds(absl::Now())), 60);
  EXPECT_FALSE(created.has_delete_time());
  EXPECT_TRUE(created.has_is_deceased());
  EXPECT_TRUE(Same(Get(created.id()), created));
  v1::Patient content = created;
  for (const char* output : {"id", "create_time", "update_time", "etag", "is_deceased"}) {
    content.GetReflection()->ClearField(&content, content.GetDescriptor()->FindFieldByName(output));
  }
  EXPECT_TRUE(Same(content, wanted)) << content.DebugString();
}

TEST_F(PatientServiceTest, AnswersNotFoundByName) {
  v1::GetPatientRequest request;
  request.set_id(kNobody);
  v1::GetPatientResponse response;
  const WireError error(Ask(&Stub::GetPatient, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(error.reason, "PATIENT_NOT_FOUND");
  EXPECT_EQ(error.resource, absl::StrCat("patients/", kNobody));
}

TEST_F(PatientServiceTest, AnswersOnlyWhatTheReadMaskNames) {
  v1::GetPatientRequest request;
  request.set_id(CreatePatient().id());
  request.mutable_read_mask()->add_paths("last_name");
  v1::GetPatientResponse response;
  ASSERT_TRUE(Ask(&Stub::GetPatient, request, &response).ok());
  v1::Patient want;
  want.set_last_name("Ünal");
  EXPECT_TRUE(Same(response.patient(), want));
  request.mutable_read_mask()->set_paths(0, "no_such_field");
  EXPECT_THAT(WireError(Ask(&Stub::GetPatient, request, &response)).fields, ElementsAre("read_mask.paths[0]"));
}

TEST_F(PatientServiceTest, ReadsABatchInTheOrderAsked) {
  const std::int64_t a = CreatePatient().id(), b = CreatePatient().id(), c = CreatePatient().id();
  v1::BatchGetPatientsRequest request;
  for (std::int64_t id : {c, a, b}) request.add_ids(id);
  v1::BatchGetPatientsResponse response;
  ASSERT_TRUE(Ask(&Stub::BatchGetPatients, request, &response).ok());
  ASSERT_EQ(response.patients_size(), 3);
  EXPECT_EQ(response.patients(0).id(), c);
  EXPECT_EQ(response.patients(1).id(), a);
  EXPECT_EQ(response.patients(2).id(), b);

  request.add_ids(kNobody);
  const WireError error(Ask(&Stub::BatchGetPatients, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(error.metadata.at("missing_ids"), absl::StrCat(kNobody));

  request.set_allow_missing(true);
  ASSERT_TRUE(Ask(&Stub::BatchGetPatients, request, &response).ok());
  EXPECT_EQ(response.patients_size(), 3);
  EXPECT_THAT(response.missing_ids(), ElementsAre(kNobody));
}

TEST_F(PatientServiceTest, RefusesASecondRowOfASourceAndNamesTheFirst) {
  v1::CreatePatientRequest request;
  *request.mutable_patient() = APatient();
  request.mutable_patient()->set_source_key(absl::StrCat("test:", NewRequestId()));
  const std::int64_t id = CreatePatient(request.patient()).id();
  v1::CreatePatientResponse response;
  for (const char* when : {"while it lives", "after its deletion"}) {
    const WireError error(Ask(&Stub::CreatePatient, request, &response));
    EXPECT_EQ(error.code, grpc::StatusCode::ALREADY_EXISTS) << when;
    EXPECT_EQ(error.reason, "DUPLICATE");
    EXPECT_EQ(error.resource, absl::StrCat("patients/", id));
    EXPECT_EQ(error.metadata.at("id"), absl::StrCat(id));
    if (!Get(id).has_delete_time()) Delete(id);
  }
}

TEST_F(PatientServiceTest, ReportsEverythingThatIsWrong) {
  v1::CreatePatientRequest request;
  request.mutable_patient()->set_first_name(" ");
  request.set_request_id("1");
  v1::CreatePatientResponse response;
  const WireError error(Ask(&Stub::CreatePatient, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason, "INVALID_REQUEST");
  EXPECT_THAT(error.fields, ElementsAre("patient.first_name", "patient.last_name", "patient.date_of_birth",
                                        "patient.gender", "request_id"));
}

TEST_F(PatientServiceTest, ValidatesOnlyWhenAsked) {
  v1::CreatePatientRequest request;
  *request.mutable_patient() = APatient();
  request.mutable_patient()->set_source_key(absl::StrCat("test:", NewRequestId()));
  request.set_validate_only(true);
  request.set_request_id(NewRequestId());
  v1::CreatePatientResponse response;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Ask(&Stub::CreatePatient, request, &response).ok());
    EXPECT_EQ(response.patient().id(), 0);
    EXPECT_EQ(response.patient().etag(), "");
    EXPECT_FALSE(response.patient().has_create_time());
    EXPECT_EQ(response.patient().last_name(), "Ünal");
  }
  request.set_validate_only(false);
  EXPECT_TRUE(Ask(&Stub::CreatePatient, request, &response).ok()) << "something was kept";
  request.set_validate_only(true);
  EXPECT_EQ(Ask(&Stub::CreatePatient, request, &response).error_code(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(PatientServiceTest, ChangesWhatTheMaskNames) {
  const v1::Patient created = CreatePatient();
  v1::UpdatePatientRequest request;
  request.mutable_patient()->set_id(created.id());
  request.mutable_patient()->set_etag(created.etag());
  request.mutable_patient()->set_last_name("Öz");
  request.mutable_patient()->set_first_name("Unmasked");
  request.mutable_update_mask()->add_paths("last_name");
  request.mutable_update_mask()->add_paths("contact_number");
  request.mutable_update_mask()->add_paths("update_time");  // output only: ignored
  v1::UpdatePatientResponse response;
  const grpc::Status status = Ask(&Stub::UpdatePatient, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::Patient want = created;
  want.set_last_name("Öz");
  want.clear_contact_number();
  *want.mutable_update_time() = response.patient().update_time();
  want.set_etag(response.patient().etag());
  EXPECT_TRUE(Same(response.patient(), want)) << response.patient().DebugString();
  EXPECT_NE(response.patient().etag(), created.etag());
  EXPECT_TRUE(Same(Get(created.id()), response.patient()));
}

TEST_F(PatientServiceTest, ChangesThePopulatedFieldsWithoutAMask) {
  v1::Patient patient = CreatePatient();
  v1::UpdatePatientRequest request;
  request.mutable_patient()->set_id(patient.id());
  request.mutable_patient()->set_etag("*");
  request.mutable_patient()->set_is_deceased(true);
  v1::UpdatePatientResponse response;
  ASSERT_TRUE(Ask(&Stub::UpdatePatient, request, &response).ok());
  EXPECT_TRUE(response.patient().is_deceased());
  EXPECT_EQ(response.patient().contact_number(), patient.contact_number());
  request.mutable_patient()->set_is_deceased(false);  // populated, although false
  ASSERT_TRUE(Ask(&Stub::UpdatePatient, request, &response).ok());
  EXPECT_FALSE(response.patient().is_deceased());
}

TEST_F(PatientServiceTest, LeavesTheVersionWhenNothingChanges) {
  const v1::Patient created = CreatePatient();
  v1::UpdatePatientRequest request;
  *request.mutable_patient() = created;
  for (const char* path : {"", "*", "first_name"}) {
    request.clear_update_mask();
    if (*path != '\0') request.mutable_update_mask()->add_paths(path);
    v1::UpdatePatientResponse response;
    const grpc::Status status = Ask(&Stub::UpdatePatient, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(Same(response.patient(), created)) << path;
  }
}

TEST_F(PatientServiceTest, RefusesAStaleEtag) {
  const v1::Patient created = CreatePatient();
  v1::UpdatePatientRequest request;
  request.mutable_patient()->set_id(created.id());
  request.mutable_patient()->set_etag(created.etag());
  request.mutable_patient()->set_first_name("First");
  v1::UpdatePatientResponse response;
  ASSERT_TRUE(Ask(&Stub::UpdatePatient, request, &response).ok());
  request.mutable_patient()->set_first_name("Second");
  const WireError error(Ask(&Stub::UpdatePatient, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(error.reason, "ETAG_MISMATCH");
  EXPECT_EQ(Get(created.id()).first_name(), "First");
}

TEST_F(PatientServiceTest, SeesChangesMadeByHandInTheEtag) {
  const v1::Patient created = CreatePatient();
  ASSERT_TRUE(SharedDatabase()
                  .RootQuery(absl::StrCat("UPDATE patients SET first_name = 'By hand' WHERE id = ", created.id()))
                  .ok());
  v1::DeletePatientRequest request;
  request.set_id(created.id());
  request.set_etag(created.etag());
  v1::DeletePatientResponse response;
  EXPECT_EQ(WireError(Ask(&Stub::DeletePatient, request, &response)).reason, "ETAG_MISMATCH");
}

TEST_F(PatientServiceTest, KeepsImmutableFields) {
  v1::Patient patient = APatient();
  patient.set_source_key(absl::StrCat("test:", NewRequestId()));
  const v1::Patient created = CreatePatient(patient);
  v1::UpdatePatientRequest request;
  *request.mutable_patient() = created;
  request.mutable_patient()->set_source_key("test:another");
  v1::UpdatePatientResponse response;
  EXPECT_THAT(WireError(Ask(&Stub::UpdatePatient, request, &response)).fields, ElementsAre("patient.source_key"));
  request.mutable_patient()->clear_source_key();
  request.mutable_update_mask()->add_paths("source_key");
  EXPECT_THAT(WireError(Ask(&Stub::UpdatePatient, request, &response)).fields, ElementsAre("patient.source_key"));
}

TEST_F(PatientServiceTest, LetsNobodyBeBornAfterAnAdmission) {
  const v1::Patient created = CreatePatient();
  CreateRecord(ARecord(created.id()));  // 2020-01-02
  v1::UpdatePatientRequest request;
  request.mutable_patient()->set_id(created.id());
  request.mutable_patient()->set_etag("*");
  *request.mutable_patient()->mutable_date_of_birth() = ARecord(0).admission_date();
  v1::UpdatePatientResponse response;
  EXPECT_TRUE(Ask(&Stub::UpdatePatient, request, &response).ok());
  request.mutable_patient()->mutable_date_of_birth()->set_day(3);
  EXPECT_THAT(WireError(Ask(&Stub::UpdatePatient, request, &response)).fields, ElementsAre("patient.date_of_birth"));
}

TEST_F(PatientServiceTest, DeletesSoftly) {
  const v1::Patient created = CreatePatient();
  v1::DeletePatientRequest request;
  request.set_id(created.id());
  request.set_etag(created.etag());
  v1::DeletePatientResponse response;
  ASSERT_TRUE(Ask(&Stub::DeletePatient, request, &response).ok());
  EXPECT_TRUE(response.patient().has_delete_time());
  EXPECT_EQ(response.cascaded_records(), 0);
  EXPECT_TRUE(Same(Get(created.id()), response.patient()));

  const v1::Patient deleted = response.patient();
  EXPECT_EQ(WireError(Ask(&Stub::DeletePatient, request, &response)).reason, "PATIENT_NOT_FOUND");
  request.set_allow_missing(true);
  ASSERT_TRUE(Ask(&Stub::DeletePatient, request, &response).ok());
  EXPECT_TRUE(Same(response.patient(), deleted));
  request.set_id(kNobody);
  ASSERT_TRUE(Ask(&Stub::DeletePatient, request, &response).ok());
  EXPECT_FALSE(response.has_patient());

  v1::UpdatePatientRequest update;
  *update.mutable_patient() = deleted;
  v1::UpdatePatientResponse updated;
  EXPECT_EQ(WireError(Ask(&Stub::UpdatePatient, update, &updated)).reason, "PATIENT_NOT_FOUND");
}

TEST_F(PatientServiceTest, DeletesRecordsOnlyByForce) {
  const v1::Patient created = CreatePatient();
  for (int i = 0; i < 3; ++i) CreateRecord(ARecord(created.id()));
  v1::DeletePatientRequest request;
  request.set_id(created.id());
  request.set_etag(created.etag());
  v1::DeletePatientResponse response;
  const WireError error(Ask(&Stub::DeletePatient, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(error.precondition, absl::StrCat("HAS_MEDICAL_RECORDS patients/", created.id()));
  EXPECT_FALSE(Get(created.id()).has_delete_time());

  request.set_force(true);
  ASSERT_TRUE(Ask(&Stub::DeletePatient, request, &response).ok());
  EXPECT_EQ(response.cascaded_records(), 3);
  EXPECT_EQ(*SharedDatabase().RootQuery(
                absl::StrCat("SELECT COUNT(*) FROM medical_records m JOIN patients p ON p.id = m.patient_id"
                             " WHERE p.id = ",
                             created.id(), " AND m.delete_time = p.delete_time")),
            "3\n");
}

TEST_F(PatientServiceTest, ReadsAChartFromOneSnapshot) {
  const v1::Patient created = CreatePatient();
  v1::GetPatientChartRequest request;
  request.set_id(created.id());
  request.set_page_size(2);
  for (int day : {3, 1, 2, 1, 9}) {
    v1::MedicalRecord record = ARecord(created.id());
    record.mutable_admission_date()->set_day(day);
    CreateRecord(record);
  }
  std::vector<int> days;
  v1::GetPatientChartResponse response;
  do {
    ASSERT_TRUE(Ask(&Stub::GetPatientChart, request, &response).ok());
    EXPECT_EQ(response.record_count(), 5);
    EXPECT_TRUE(Same(response.patient(), created));
    EXPECT_NEAR(static_cast<double>(response.snapshot_time().seconds()),
                static_cast<double>(absl::ToUnixSeconds(absl::Now())), 60);
    for (const auto& record : response.medical_records()) days.push_back(record.admission_date().day());
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
  EXPECT_THAT(days, ElementsAre(1, 1, 2, 3, 9));
  request.set_page_token("");
  request.set_id(kNobody);
  EXPECT_EQ(WireError(Ask(&Stub::GetPatientChart, request, &response)).reason, "PATIENT_NOT_FOUND");
}

TEST_F(PatientServiceTest, BindsPageTokensToCallAndCaller) {
  CreatePatient();
  CreatePatient();
  v1::ListPatientsRequest request;
  request.set_page_size(1);
  v1::ListPatientsResponse response;
  ASSERT_TRUE(Ask(&Stub::ListPatients, request, &response).ok());
  request.set_page_token(response.next_page_token());
  ASSERT_FALSE(request.page_token().empty());
  EXPECT_EQ(WireError(Ask(&Stub::ListPatients, request, &response, "reader")).reason, "PAGE_TOKEN_MISMATCH");
  request.set_page_size(2);
  EXPECT_TRUE(Ask(&Stub::ListPatients, request, &response).ok());
  request.set_show_deleted(true);
  const WireError error(Ask(&Stub::ListPatients, request, &response));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason, "PAGE_TOKEN_MISMATCH");
  request.set_page_token("x");
  EXPECT_EQ(WireError(Ask(&Stub::ListPatients, request, &response)).reason, "PAGE_TOKEN_INVALID");
}

TEST_F(PatientServiceTest, ListsDeletedOnesOnlyWhenAsked) {
  v1::ListPatientsRequest request;
  request.set_page_size(500);
  request.set_include_total_size(true);
  v1::ListPatientsResponse before, after;
  const std::int64_t id = CreatePatient().id();
  ASSERT_TRUE(Ask(&Stub::ListPatients, request, &before).ok());
  Delete(id);
  ASSERT_TRUE(Ask(&Stub::ListPatients, request, &after).ok());
  EXPECT_EQ(after.total_size(), before.total_size() - 1);
  for (const v1::Patient& patient : after.patients()) EXPECT_FALSE(patient.has_delete_time());
  request.set_show_deleted(true);
  ASSERT_TRUE(Ask(&Stub::ListPatients, request, &after).ok());
  EXPECT_GE(after.total_size(), before.total_size());
}

TEST_F(PatientServiceTest, LetsInWhomThePolicyNames) {
  v1::GetPatientRequest request;
  request.set_id(CreatePatient().id());
  v1::GetPatientResponse response;
  EXPECT_TRUE(Ask(&Stub::GetPatient, request, &response, "reader").ok());
  EXPECT_EQ(Ask(&Stub::GetPatient, request, &response, "auditor").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Ask(&Stub::GetPatient, request, &response, "stranger").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  v1::DeletePatientRequest deletion;
  v1::DeletePatientResponse deleted;
  EXPECT_EQ(Ask(&Stub::DeletePatient, deletion, &deleted, "reader").error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(PatientServiceTest, PutsNoValueOfARowIntoErrorsOrTheLog) {
  v1::CreatePatientRequest request;
  *request.mutable_patient() = APatient();
  request.mutable_patient()->set_first_name("CanaryFirst");
  request.mutable_patient()->set_last_name("CanaryLast");
  request.mutable_patient()->set_contact_number("0987654321");
  request.mutable_patient()->set_source_key("canary:source-key");
  request.set_request_id(NewRequestId());
  v1::CreatePatientResponse response;
  ASSERT_TRUE(Ask(&Stub::CreatePatient, request, &response).ok());
  std::string seen;
  request.set_request_id(NewRequestId());
  seen += WireError(Ask(&Stub::CreatePatient, request, &response)).everything;  // duplicate source key
  request.mutable_patient()->set_first_name("CanaryFirst\n");
  request.mutable_patient()->set_contact_number("0987654321 Canary");
  seen += WireError(Ask(&Stub::CreatePatient, request, &response)).everything;  // invalid
  v1::UpdatePatientRequest update;
  *update.mutable_patient() = request.patient();
  update.mutable_patient()->set_first_name("CanaryFirst");
  update.mutable_patient()->set_contact_number("0987654321");
  update.mutable_patient()->set_id(1);
  update.mutable_patient()->set_etag("CanaryEtag");
  v1::UpdatePatientResponse updated;
  seen += WireError(Ask(&Stub::UpdatePatient, update, &updated)).everything;  // stale
  EXPECT_THAT(seen, Not(IsEmpty()));
  absl::SleepFor(absl::Milliseconds(200));  // the log is written every few milliseconds
  const std::string log = SharedSite().Log();
  EXPECT_THAT(log, HasSubstr("UpdatePatient"));
  for (const char* canary : {"Canary", "0987654321", "canary:"}) {
    EXPECT_THAT(seen, Not(HasSubstr(canary)));
    EXPECT_THAT(log, Not(HasSubstr(canary)));
  }
}

}  // namespace
}  // namespace bonnie::records
