#include "clients/cli/synthea_import.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "clients/cpp/request_id.h"
#include "clients/cpp/status.h"

namespace bonnie::cli {
namespace {

// Calls `work` with 0 to count-1 on `threads` threads. Stops at the first error, and answers it.
absl::Status ForEachOnThreads(std::size_t count, int threads, absl::FunctionRef<absl::Status(std::size_t)> work) {
  std::atomic<std::size_t> next{0};
  absl::Mutex mu;
  absl::Status first_error;
  std::vector<std::thread> workers;
  for (int i = 0; i < std::min<int>(threads, static_cast<int>(count)); ++i) {
    workers.emplace_back([&] {
      for (std::size_t index = next++; index < count; index = next++) {
        absl::Status status = work(index);
        if (status.ok()) continue;
        next = count;
        absl::MutexLock lock(&mu);
        first_error.Update(status);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return first_error;
}

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return client::DetailsOf(status).reason == "QUOTA";
    default:
      return false;
  }
}

// Calls `create` until it gives an answer that will not change by waiting, or until `patience` is over.
absl::Status Persist(absl::Duration patience, absl::FunctionRef<absl::Status()> create) {
  const absl::Time end = absl::Now() + patience;
  absl::Duration pause = absl::Milliseconds(100);
  for (;;) {
    absl::Status status = create();
    if (!MayPass(status)) return status;
    const absl::Duration wait = std::max(pause, client::DetailsOf(status).retry_delay);
    if (absl::Now() + wait > end) return status;
    absl::SleepFor(wait);
    pause = std::min(2 * pause, absl::Seconds(2));
  }
}

// The id that ALREADY_EXISTS names; 0: none.
int64_t ExistingId(const absl::Status& status) {
  const client::ErrorDetails details = client::DetailsOf(status);
  const auto found = details.metadata.find("id");
  int64_t id = 0;
  return found != details.metadata.end() && absl::SimpleAtoi(found->second, &id) ? id : 0;
}

}  // namespace

SyntheaImport::SyntheaImport(const client::RecordsClient& client, ImportOptions options, std::function<void()> on_done,
                             std::function<void(const RefusedRow&)> on_refused)
    : client_(client), options_(options), on_done_(std::move(on_done)), on_refused_(std::move(on_refused)) {}

absl::Status SyntheaImport::Run(const SyntheaExport& source) {
  absl::Status sent = ForEachOnThreads(source.patients.size(), options_.in_flight,
                                       [&](std::size_t i) { return SendPatient(source.patients[i]); });
  if (!sent.ok()) return sent;
  return ForEachOnThreads(source.records.size(), options_.in_flight,
                          [&](std::size_t i) { return SendRecord(source.records[i]); });
}

ImportSummary SyntheaImport::summary() const {
  absl::MutexLock lock(&mu_);
  return summary_;
}

void SyntheaImport::Count(int64_t ImportCounts::*count, ImportCounts ImportSummary::*counts) {
  absl::MutexLock lock(&mu_);
  ++(summary_.*counts.*count);
}

absl::Status SyntheaImport::Settle(const absl::Status& status, const SourceRow& source,
                                   ImportCounts ImportSummary::*counts, int64_t* id) {
  if (status.ok()) {
    Count(&ImportCounts::created, counts);
    return status;
  }
  if (status.code() == absl::StatusCode::kAlreadyExists && (*id = ExistingId(status)) != 0) {
    Count(&ImportCounts::present, counts);
    return absl::OkStatus();
  }
  // What is wrong with this row alone; all else would be wrong with the next one too.
  if (status.code() != absl::StatusCode::kInvalidArgument && status.code() != absl::StatusCode::kNotFound)
    return status;
  Count(&ImportCounts::refused, counts);
  const client::ErrorDetails details = client::DetailsOf(status);
  if (details.field_violations.empty()) {
    // The patient was created, or was there, a moment ago: so it is one that somebody has deleted.
    const bool is_deleted = details.reason == "PATIENT_NOT_FOUND";
    on_refused_(source.Refuse("", is_deleted ? "its patient is deleted in this site" : std::string(status.message())));
  }
  for (const auto& violation : details.field_violations)
    on_refused_(source.Refuse(violation.field, violation.description));
  return absl::OkStatus();
}

absl::Status SyntheaImport::SendPatient(const SyntheaPatient& row) {
  records::v1::CreatePatientRequest request;
  *request.mutable_patient() = row.patient;
  request.set_request_id(client::NewRequestId());
  int64_t id = 0;
  absl::Status status = Persist(options_.patience, [&] {
    auto response = client_.CreatePatient(request);
    if (response.ok()) id = response->patient().id();
    return response.status();
  });
  absl::Status settled = Settle(status, row.source, &ImportSummary::patients, &id);
  if (!settled.ok()) return settled;
  if (id != 0) {
    absl::MutexLock lock(&mu_);
    patient_ids_[row.patient.source_key()] = id;
    if (row.patient.is_deceased()) ++summary_.deceased;
  }
  on_done_();
  return absl::OkStatus();
}

absl::Status SyntheaImport::SendRecord(const SyntheaRecord& row) {
  records::v1::CreateMedicalRecordRequest request;
  *request.mutable_medical_record() = row.record;
  request.set_request_id(client::NewRequestId());
  {
    absl::MutexLock lock(&mu_);
    const auto found = patient_ids_.find(row.patient_key);
    if (found != patient_ids_.end()) request.mutable_medical_record()->set_patient_id(found->second);
  }
  int64_t id = 0;
  absl::Status status = request.medical_record().patient_id() == 0
                            ? absl::NotFoundError("its patient was refused")
                            : Persist(options_.patience, [&] {
                                auto response = client_.CreateMedicalRecord(request);
                                if (response.ok()) id = response->medical_record().id();
                                return response.status();
                              });
  absl::Status settled = Settle(status, row.source, &ImportSummary::records, &id);
  if (!settled.ok()) return settled;
  if (id != 0 && !row.record.has_discharge_date()) {
    absl::MutexLock lock(&mu_);
    ++summary_.without_discharge;
  }
  on_done_();
  return absl::OkStatus();
}

}  // namespace bonnie::cli
