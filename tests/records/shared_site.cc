#include "tests/records/shared_site.h"

#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/migrate_for_test.h"

namespace bonnie::records {
namespace {

// Torn down before the end of main: gRPC does not like to be ended by static destructors.
class Shared final : public ::testing::Environment {
 public:
  void SetUp() override {
    database = std::make_unique<test_support::TestDatabase>();
    if (absl::Status status = test_support::MigrateForTest(*database); !status.ok()) {
      std::cerr << "No schema: " << status << std::endl;
      std::abort();
    }
    site = std::make_unique<TestSite>(*database);
    ASSERT_TRUE(site->WaitUntilServing()) << site->Log();
  }
  void TearDown() override {
    site.reset();
    database.reset();
  }

  std::unique_ptr<test_support::TestDatabase> database;
  std::unique_ptr<TestSite> site;
};

Shared* const shared = static_cast<Shared*>(::testing::AddGlobalTestEnvironment(new Shared));

}  // namespace

test_support::TestDatabase& SharedDatabase() { return *shared->database; }
TestSite& SharedSite() { return *shared->site; }

v1::Patient APatient() {
  v1::Patient patient;
  patient.set_first_name("José Eduardo181");
  patient.set_last_name("Ünal");
  patient.mutable_date_of_birth()->set_year(1980);
  patient.mutable_date_of_birth()->set_month(2);
  patient.mutable_date_of_birth()->set_day(29);
  patient.set_gender(v1::GENDER_FEMALE);
  patient.set_contact_number("+49 30 1234-567");
  return patient;
}

v1::MedicalRecord ARecord(std::int64_t patient_id) {
  v1::MedicalRecord record;
  record.set_patient_id(patient_id);
  record.set_diagnosis("Viral sinusitis\n(disorder)");
  record.mutable_admission_date()->set_year(2020);
  record.mutable_admission_date()->set_month(1);
  record.mutable_admission_date()->set_day(2);
  return record;
}

v1::Patient CreatePatient(const v1::Patient& patient) {
  v1::CreatePatientRequest request;
  *request.mutable_patient() = patient;
  v1::CreatePatientResponse response;
  const auto stub = SharedSite().Patients();
  const grpc::Status status = Call(*stub, &v1::PatientService::Stub::CreatePatient, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.patient();
}

v1::MedicalRecord CreateRecord(const v1::MedicalRecord& record) {
  v1::CreateMedicalRecordRequest request;
  *request.mutable_medical_record() = record;
  v1::CreateMedicalRecordResponse response;
  const auto stub = SharedSite().Records();
  const grpc::Status status = Call(*stub, &v1::MedicalRecordService::Stub::CreateMedicalRecord, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.medical_record();
}

}  // namespace bonnie::records
