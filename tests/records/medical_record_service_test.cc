#include "services/records/medical_record_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/records/shared_site.h"

namespace bonnie::records {
namespace {

using ::testing::ElementsAre;

class MedicalRecordServiceTest : public ::testing::Test {
 protected:
  using Stub = v1::MedicalRecordService::Stub;

  template <class Request, class Response>
  grpc::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response, const std::string& identity = "client") {
    response->Clear();
    return Call(*SharedSite().Records(identity), method, request, response);
  }
  v1::MedicalRecord Get(std::int64_t id, const std::string& identity = "client") {
    v1::GetMedicalRecordRequest request;
    request.set_id(id);
    v1::GetMedicalRecordResponse response;
    const grpc::Status status = Ask(&Stub::GetMedicalRecord, request, &response, identity);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.medical_record();
  }
  WireError RefusedCreate(const v1::MedicalRecord& record) {
    v1::CreateMedicalRecordRequest request;
    *request.mutable_medical_record() = record;
    v1::CreateMedicalRecordResponse response;
    return WireError(Ask(&Stub::CreateMedicalRecord, request, &response));
  }
  static bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  }

  const std::int64_t patient_ = CreatePatient().id();
};

TEST_F(MedicalRecordServiceTest, CreatesAndReadsBack) {
  v1::MedicalRecord wanted = ARecord(patient_);
  wanted.set_treatment("");  // empty is not unset
  wanted.set_source_key(absl::StrCat("test:", NewRequestId()));
  const v1::MedicalRecord created = CreateRecord(wanted);
  EXPECT_TRUE(Same(Get(created.id()), created));
  EXPECT_TRUE(created.has_treatment());
  EXPECT_FALSE(created.has_discharge_date());
  EXPECT_EQ(created.diagnosis(), wanted.diagnosis());
  EXPECT_EQ(created.patient_id(), patient_);
  EXPECT_NE(created.etag(), "");
}

TEST_F(MedicalRecordServiceTest, TakesTheLongestTexts) {
  v1::MedicalRecord wanted = ARecord(patient_);
  std::string diagnosis, treatment;
  for (int i = 0; i < 2000; ++i) diagnosis += "\U0001F637";
  for (int i = 0; i < 10000; ++i) treatment += "\U0001F48A";
  wanted.set_diagnosis(diagnosis);
  wanted.set_treatment(treatment);
  EXPECT_EQ(Get(CreateRecord(wanted).id()).treatment(), treatment);
}

TEST_F(MedicalRecordServiceTest, WantsAPatientThatLives) {
  const WireError nobody = RefusedCreate(ARecord(kNobody));
  EXPECT_EQ(nobody.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(nobody.reason, "PATIENT_NOT_FOUND");
  EXPECT_EQ(nobody.resource, absl::StrCat("patients/", kNobody));
  v1::DeletePatientRequest deletion;
  deletion.set_id(patient_);
  deletion.set_etag("*");
  v1::DeletePatientResponse deleted;
  ASSERT_TRUE(Call(*SharedSite().Patients(), &v1::PatientService::Stub::DeletePatient, deletion, &deleted).ok());
  EXPECT_EQ(RefusedCreate(ARecord(patient_)).reason, "PATIENT_NOT_FOUND");
}

TEST_F(MedicalRecordServiceTest, LetsNobodyBeAdmittedBeforeBirth) {
  v1::MedicalRecord record = ARecord(patient_);
  record.mutable_admission_date()->set_year(1980);
  record.mutable_admission_date()->set_month(2);
  record.mutable_admission_date()->set_day(28);
  EXPECT_THAT(RefusedCreate(record).fields, ElementsAre("medical_record.admission_date"));
  record.mutable_admission_date()->set_day(29);
  CreateRecord(record);
}

TEST_F(MedicalRecordServiceTest, RefusesASecondRowOfASourceAndNamesTheFirst) {
  v1::MedicalRecord record = ARecord(patient_);
  record.set_source_key(absl::StrCat("test:", NewRequestId()));
  const std::int64_t id = CreateRecord(record).id();
  const WireError error = RefusedCreate(record);
  EXPECT_EQ(error.code, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(error.resource, absl::StrCat("medical_records/", id));
  EXPECT_EQ(error.metadata.at("id"), absl::StrCat(id));
}

TEST_F(MedicalRecordServiceTest, ChangesWithinItsRules) {
  const v1::MedicalRecord created = CreateRecord(ARecord(patient_));
  v1::UpdateMedicalRecordRequest request;
  v1::UpdateMedicalRecordResponse response;
  v1::MedicalRecord& wanted = *request.mutable_medical_record();
  wanted.set_id(created.id());
  wanted.set_etag(created.etag());
  *wanted.mutable_discharge_date() = created.admission_date();
  ASSERT_TRUE(Ask(&Stub::UpdateMedicalRecord, request, &response).ok());
  EXPECT_EQ(response.medical_record().discharge_date().day(), 2);
  EXPECT_EQ(WireError(Ask(&Stub::UpdateMedicalRecord, request, &response)).reason, "ETAG_MISMATCH");

  wanted.set_etag("*");
  wanted.mutable_discharge_date()->set_day(1);  // of the request alone it looks well
  EXPECT_THAT(WireError(Ask(&Stub::UpdateMedicalRecord, request, &response)).fields,
              ElementsAre("medical_record.discharge_date"));
  wanted.clear_discharge_date();
  wanted.set_patient_id(patient_ + 1);
  EXPECT_THAT(WireError(Ask(&Stub::UpdateMedicalRecord, request, &response)).fields,
              ElementsAre("medical_record.patient_id"));
  wanted.set_patient_id(patient_);
  wanted.mutable_admission_date()->set_year(1979);
  wanted.mutable_admission_date()->set_month(1);
  wanted.mutable_admission_date()->set_day(1);
  EXPECT_THAT(WireError(Ask(&Stub::UpdateMedicalRecord, request, &response)).fields,
              ElementsAre("medical_record.admission_date"));
  wanted.clear_admission_date();
  request.mutable_update_mask()->add_paths("discharge_date");
  ASSERT_TRUE(Ask(&Stub::UpdateMedicalRecord, request, &response).ok());
  EXPECT_FALSE(response.medical_record().has_discharge_date());

  const v1::MedicalRecord before = response.medical_record();
  ASSERT_TRUE(Ask(&Stub::UpdateMedicalRecord, request, &response).ok());
  EXPECT_TRUE(Same(response.medical_record(), before)) << "a change to what is there raised the version";
}

TEST_F(MedicalRecordServiceTest, DeletesSoftly) {
  const v1::MedicalRecord created = CreateRecord(ARecord(patient_));
  v1::DeleteMedicalRecordRequest request;
  request.set_id(created.id());
  request.set_etag("stale");
  v1::DeleteMedicalRecordResponse response;
  EXPECT_EQ(WireError(Ask(&Stub::DeleteMedicalRecord, request, &response)).reason, "ETAG_MISMATCH");
  request.set_etag(created.etag());
  ASSERT_TRUE(Ask(&Stub::DeleteMedicalRecord, request, &response).ok());
  EXPECT_TRUE(response.medical_record().has_delete_time());
  EXPECT_TRUE(Same(Get(created.id()), response.medical_record()));
  EXPECT_EQ(WireError(Ask(&Stub::DeleteMedicalRecord, request, &response)).reason, "MEDICAL_RECORD_NOT_FOUND");
  request.set_allow_missing(true);
  EXPECT_TRUE(Ask(&Stub::DeleteMedicalRecord, request, &response).ok());
  request.set_id(kNobody);
  ASSERT_TRUE(Ask(&Stub::DeleteMedicalRecord, request, &response).ok());
  EXPECT_FALSE(response.has_medical_record());
}

TEST_F(MedicalRecordServiceTest, ListsOfOnePatientByAdmission) {
  for (int day : {5, 2, 9, 2}) {
    v1::MedicalRecord record = ARecord(patient_);
    record.mutable_admission_date()->set_day(day);
    CreateRecord(record);
  }
  v1::ListMedicalRecordsRequest request;
  request.set_patient_id(patient_);
  request.set_page_size(3);
  request.set_include_total_size(true);
  v1::ListMedicalRecordsResponse response;
  ASSERT_TRUE(Ask(&Stub::ListMedicalRecords, request, &response).ok());
  EXPECT_EQ(response.total_size(), 4);
  ASSERT_EQ(response.medical_records_size(), 3);
  EXPECT_EQ(response.medical_records(0).admission_date().day(), 2);
  EXPECT_LT(response.medical_records(0).id(), response.medical_records(1).id());
  EXPECT_EQ(response.medical_records(2).admission_date().day(), 5);
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(Ask(&Stub::ListMedicalRecords, request, &response).ok());
  ASSERT_EQ(response.medical_records_size(), 1);
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(MedicalRecordServiceTest, EndsAPageBeforeItGrowsTooLargeForStockClients) {
  v1::MedicalRecord large = ARecord(patient_);
  std::string treatment;
  for (int i = 0; i < 10000; ++i) treatment += "\U0001F48A";
  large.set_treatment(treatment);
  const std::int64_t first = CreateRecord(large).id();
  ASSERT_TRUE(
      SharedDatabase()
          .RootQuery(absl::StrCat(
              "INSERT INTO medical_records (patient_id, diagnosis, treatment, admission_date) SELECT m.patient_id,"
              " m.diagnosis, m.treatment, m.admission_date FROM medical_records m JOIN (WITH RECURSIVE n AS ("
              "SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 120) SELECT x FROM n) r WHERE m.id = ",
              first))
          .ok());
  v1::ListMedicalRecordsRequest request;
  request.set_patient_id(patient_);
  request.set_page_size(500);
  v1::ListMedicalRecordsResponse response;
  int seen = 0, pages = 0;
  do {
    const grpc::Status status = Ask(&Stub::ListMedicalRecords, request, &response);  // refuses more than 4 MiB
    ASSERT_TRUE(status.ok()) << status.error_message();
    seen += response.medical_records_size();
    ++pages;
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
  EXPECT_EQ(seen, 121);
  EXPECT_EQ(pages, 2);
}

TEST_F(MedicalRecordServiceTest, HidesWhatARoleMayNotSee) {
  v1::MedicalRecord record = ARecord(patient_);
  record.set_treatment("rest");
  const v1::MedicalRecord created = CreateRecord(record);
  v1::MedicalRecord want = created;
  want.clear_diagnosis();
  want.clear_treatment();
  EXPECT_TRUE(Same(Get(created.id(), "clerk"), want));
  EXPECT_TRUE(Same(Get(created.id(), "clinician"), created));

  v1::ListMedicalRecordsRequest list;
  list.set_patient_id(patient_);
  list.mutable_read_mask()->add_paths("diagnosis");
  list.mutable_read_mask()->add_paths("id");
  v1::ListMedicalRecordsResponse listed;
  ASSERT_TRUE(Ask(&Stub::ListMedicalRecords, list, &listed, "clerk").ok());
  EXPECT_FALSE(listed.medical_records(0).has_diagnosis()) << "asked for, and hidden all the same";
  EXPECT_EQ(listed.medical_records(0).id(), created.id());

  v1::BatchGetMedicalRecordsRequest batch;
  batch.add_ids(created.id());
  v1::BatchGetMedicalRecordsResponse found;
  ASSERT_TRUE(Ask(&Stub::BatchGetMedicalRecords, batch, &found, "clerk").ok());
  EXPECT_TRUE(Same(found.medical_records(0), want));

  v1::GetPatientChartRequest chart_request;
  chart_request.set_id(patient_);
  v1::GetPatientChartResponse chart;
  ASSERT_TRUE(
      Call(*SharedSite().Patients("clerk"), &v1::PatientService::Stub::GetPatientChart, chart_request, &chart).ok());
  EXPECT_TRUE(Same(chart.medical_records(0), want));
}

// A clerk who may update records but sees no diagnosis guesses: right and wrong guesses have the same answer.
TEST_F(MedicalRecordServiceTest, DoesNotTellAHiddenDiagnosisByUpdatesThatChangeNothing) {
  const v1::MedicalRecord created = CreateRecord(ARecord(patient_));
  const KeyFolder folder;
  const std::string policy = folder.path() + "/policy.textproto";
  std::ofstream(policy) << R"(
    roles { name: "desk" hidden_fields: "medical_record.diagnosis" hidden_fields: "medical_record.discharge_date"
            methods: "bonnie.records.v1.MedicalRecordService/GetMedicalRecord"
            methods: "bonnie.records.v1.MedicalRecordService/UpdateMedicalRecord" }
    bindings { identity: "spiffe://bonnie/clerk" roles: "desk" })";
  const TestSite site(SharedDatabase(),
                      [&](config::v1::RecordsConfig& config) { config.mutable_server()->set_policy_file(policy); });
  const auto clerk = site.Records("clerk");
  const auto guess = [&](const std::string& diagnosis, bool validate_only, const char* path) {
    v1::UpdateMedicalRecordRequest request;
    request.mutable_medical_record()->set_id(created.id());
    request.mutable_medical_record()->set_etag(created.etag());
    request.mutable_medical_record()->set_diagnosis(diagnosis);
    if (path != nullptr) request.mutable_update_mask()->add_paths(path);
    request.set_validate_only(validate_only);
    v1::UpdateMedicalRecordResponse response;
    const WireError error(Call(*clerk, &Stub::UpdateMedicalRecord, request, &response));
    EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(error.fields, testing::Contains("medical_record.diagnosis"));
    return error.everything;
  };
  for (const bool validate_only : {false, true}) {
    for (const char* path : {static_cast<const char*>(nullptr), "diagnosis"}) {
      EXPECT_EQ(guess(created.diagnosis(), validate_only, path), guess("something else", validate_only, path));
    }
  }

  v1::UpdateMedicalRecordRequest dates;
  dates.mutable_medical_record()->set_id(created.id());
  dates.mutable_medical_record()->set_etag(created.etag());
  *dates.mutable_medical_record()->mutable_admission_date() = created.admission_date();
  v1::UpdateMedicalRecordResponse response;
  EXPECT_THAT(WireError(Call(*clerk, &Stub::UpdateMedicalRecord, dates, &response)).fields,
              ElementsAre("medical_record.admission_date"))
      << "compared with the hidden date of discharge";

  v1::UpdateMedicalRecordRequest visible;
  visible.mutable_medical_record()->set_id(created.id());
  visible.mutable_medical_record()->set_etag(created.etag());
  visible.mutable_medical_record()->set_treatment("rest");
  ASSERT_TRUE(Call(*clerk, &Stub::UpdateMedicalRecord, visible, &response).ok());
  EXPECT_FALSE(response.medical_record().has_diagnosis());
  EXPECT_EQ(Get(created.id()).diagnosis(), created.diagnosis());
  EXPECT_EQ(Get(created.id()).treatment(), "rest");
}

}  // namespace
}  // namespace bonnie::records
