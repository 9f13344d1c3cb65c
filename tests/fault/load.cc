#include "tests/fault/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace bonnie::records {
namespace {

v1::Patient Named(const std::string& name) {
  v1::Patient patient;
  patient.set_first_name("Load");
  patient.set_last_name(name);
  patient.mutable_date_of_birth()->set_year(1980);
  patient.mutable_date_of_birth()->set_month(2);
  patient.mutable_date_of_birth()->set_day(29);
  patient.set_gender(v1::GENDER_OTHER);
  return patient;
}

}  // namespace

Load::Load(Connect connect, Options options) : connect_(std::move(connect)), options_(options) {
  for (int i = 0; i < options_.writers; ++i) threads_.emplace_back([this, i] { Write(i); });
  for (int i = 0; i < options_.readers; ++i) threads_.emplace_back([this] { Read(); });
}

Load::~Load() { Stop(); }

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Duration Load::WaitForSuccesses(int writes, int reads, absl::Duration limit) const {
  const int want_writes = writes_ + writes, want_reads = reads_ + reads;
  const absl::Time start = absl::Now();
  while (writes_ < want_writes || reads_ < want_reads) {
    if (absl::Now() - start > limit) return absl::InfiniteDuration();
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::Now() - start;
}

Load::Failures Load::TakeWriteFailures() {
  absl::MutexLock lock(&mu_);
  return std::exchange(write_failures_, Failures());
}

Load::Failures Load::TakeReadFailures() {
  absl::MutexLock lock(&mu_);
  return std::exchange(read_failures_, Failures());
}

void Load::ExpectExactlyIn(const test_support::TestDatabase& database) const {
  const absl::StatusOr<std::string> rows =
      database.RootQuery("SELECT last_name, id FROM patients WHERE first_name = 'Load'");
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::map<std::string, std::vector<std::int64_t>> stored;
  for (absl::string_view row : absl::StrSplit(*rows, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> columns = absl::StrSplit(row, '\t');
    std::int64_t id = 0;
    ASSERT_TRUE(absl::SimpleAtoi(columns[1], &id));
    stored[columns[0]].push_back(id);
  }
  int lost = 0, twice = 0;
  for (const auto& [name, id] : acknowledged_) {
    const auto found = stored.find(name);
    if (found == stored.end() || found->second[0] != id) ++lost;
  }
  for (const auto& [name, ids] : stored) twice += ids.size() > 1 ? 1 : 0;
  EXPECT_EQ(lost, 0) << "acknowledged writes lost";
  EXPECT_EQ(twice, 0) << "writes applied twice";
  EXPECT_EQ(stored.size(), acknowledged_.size()) << "a write that nobody was told of, though all were told in the end";
  std::cout << "acknowledged " << acknowledged_.size() << ", lost " << lost << ", applied twice " << twice << std::endl;
}

void Load::Count(const grpc::Status& status, absl::Duration took, Failures* failures) {
  ++failures->codes[status.error_code()];
  ++failures->reasons[WireError(status).reason];
  failures->longest = std::max(failures->longest, took);
}

void Load::Write(int writer) {
  const auto stub = v1::PatientService::NewStub(connect_());
  for (int i = 0; !stop_; ++i) {
    v1::CreatePatientRequest request;
    const std::string name = absl::StrCat("Load ", writer, " ", i);
    *request.mutable_patient() = Named(name);
    request.set_request_id(NewRequestId());
    for (;;) {  // until it is known what became of it
      v1::CreatePatientResponse response;
      const absl::Time start = absl::Now();
      const grpc::Status status =
          Call(*stub, &v1::PatientService::Stub::CreatePatient, request, &response, options_.deadline);
      if (status.ok()) {
        last_id_ = response.patient().id();
        ++writes_;
        absl::MutexLock lock(&mu_);
        acknowledged_[name] = response.patient().id();
        break;
      }
      {
        absl::MutexLock lock(&mu_);
        Count(status, absl::Now() - start, &write_failures_);
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
}

void Load::Read() {
  const auto stub = v1::PatientService::NewStub(connect_());
  while (!stop_) {
    v1::GetPatientRequest request;
    request.set_id(last_id_);
    v1::GetPatientResponse response;
    const absl::Time start = absl::Now();
    const grpc::Status status =
        Call(*stub, &v1::PatientService::Stub::GetPatient, request, &response, options_.deadline);
    if (status.ok() || status.error_code() == grpc::StatusCode::NOT_FOUND) {  // id 1 before the first write
      ++reads_;
      continue;
    }
    {
      absl::MutexLock lock(&mu_);
      Count(status, absl::Now() - start, &read_failures_);
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace bonnie::records
