// Pages under changes: whoever walks all pages meets every row that was there all the time, and none twice.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/records/shared_site.h"

namespace bonnie::records {
namespace {

// Creates and deletes rows until it is told to stop.
class Disturbance {
 public:
  template <class Step>
  explicit Disturbance(Step step)
      : thread_([this, step] {
          for (int i = 0; !stop_; ++i) step(i);
        }) {}
  ~Disturbance() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

void DeletePatient(std::int64_t id) {
  v1::DeletePatientRequest request;
  request.set_id(id);
  request.set_etag("*");
  v1::DeletePatientResponse response;
  Call(*SharedSite().Patients(), &v1::PatientService::Stub::DeletePatient, request, &response);
}

TEST(PagingTest, WalksPatientsUnderInsertsAndDeletes) {
  std::set<std::int64_t> stable;
  std::vector<std::int64_t> victims;
  for (int i = 0; i < 120; ++i) {
    const std::int64_t id = CreatePatient().id();
    if (i % 4 == 0) {
      victims.push_back(id);
    } else {
      stable.insert(id);
    }
  }
  const Disturbance disturbance([&](int i) {
    CreatePatient();
    if (static_cast<std::size_t>(i) < victims.size()) DeletePatient(victims[static_cast<std::size_t>(i)]);
  });
  for (int page_size : {1, 7, 50}) {
    std::set<std::int64_t> seen;
    v1::ListPatientsRequest request;
    v1::ListPatientsResponse response;
    request.set_page_size(page_size);
    const auto stub = SharedSite().Patients();
    do {
      response.Clear();
      const grpc::Status status = Call(*stub, &v1::PatientService::Stub::ListPatients, request, &response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      for (const auto& patient : response.patients()) EXPECT_TRUE(seen.insert(patient.id()).second) << "twice";
      request.set_page_token(response.next_page_token());
    } while (!response.next_page_token().empty() && seen.size() < 1000);
    for (std::int64_t id : stable) EXPECT_EQ(seen.count(id), 1u) << "skipped with pages of " << page_size;
  }
}

TEST(PagingTest, WalksOnePatientsRecordsUnderInsertsAndDeletes) {
  const std::int64_t patient = CreatePatient().id();
  const auto create = [&](int day) {
    v1::MedicalRecord record = ARecord(patient);
    record.mutable_admission_date()->set_day(1 + day % 28);
    return CreateRecord(record).id();
  };
  std::set<std::int64_t> stable;
  std::vector<std::int64_t> victims;
  for (int i = 0; i < 120; ++i) {
    if (i % 4 == 0) {
      victims.push_back(create(i * 5));
    } else {
      stable.insert(create(i * 11));
    }
  }
  const Disturbance disturbance([&](int i) {
    create(i * 7);
    if (static_cast<std::size_t>(i) >= victims.size()) return;
    v1::DeleteMedicalRecordRequest request;
    request.set_id(victims[static_cast<std::size_t>(i)]);
    request.set_etag("*");
    v1::DeleteMedicalRecordResponse response;
    Call(*SharedSite().Records(), &v1::MedicalRecordService::Stub::DeleteMedicalRecord, request, &response);
  });
  for (int page_size : {1, 7, 50}) {
    std::set<std::int64_t> seen;
    int last_day = 0;
    v1::ListMedicalRecordsRequest request;
    v1::ListMedicalRecordsResponse response;
    request.set_patient_id(patient);
    request.set_page_size(page_size);
    const auto stub = SharedSite().Records();
    do {
      response.Clear();
      const grpc::Status status = Call(*stub, &v1::MedicalRecordService::Stub::ListMedicalRecords, request, &response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      for (const auto& record : response.medical_records()) {
        EXPECT_TRUE(seen.insert(record.id()).second) << "twice";
        EXPECT_GE(record.admission_date().day(), last_day);
        last_day = record.admission_date().day();
      }
      request.set_page_token(response.next_page_token());
    } while (!response.next_page_token().empty());
    for (std::int64_t id : stable) EXPECT_EQ(seen.count(id), 1u) << "skipped with pages of " << page_size;
  }
}

TEST(PagingTest, ShowsAChartFromOneMoment) {
  const std::int64_t patient = CreatePatient().id();
  const Disturbance disturbance([&](int) { CreateRecord(ARecord(patient)); });
  const auto stub = SharedSite().Patients();
  for (int i = 0; i < 50; ++i) {
    v1::GetPatientChartRequest request;
    request.set_id(patient);
    request.set_page_size(500);
    v1::GetPatientChartResponse response;
    const grpc::Status status = Call(*stub, &v1::PatientService::Stub::GetPatientChart, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    // READ COMMITTED would count records that came between the two statements.
    if (!response.next_page_token().empty()) break;  // more than a page by now
    EXPECT_EQ(response.record_count(), response.medical_records_size());
  }
}

}  // namespace
}  // namespace bonnie::records
