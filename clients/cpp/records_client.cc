#include "clients/cpp/records_client.h"

#include <grpcpp/channel.h>

#include <utility>

#include "bonnie/records/v1/medical_record_service.grpc.pb.h"
#include "bonnie/records/v1/patient_service.grpc.pb.h"
#include "bonnie/records/v1/status_service.grpc.pb.h"
#include "clients/cpp/call.h"
#include "clients/cpp/channel.h"
#include "clients/cpp/health.h"
#include "clients/cpp/request_id.h"
#include "clients/cpp/service_config.h"

namespace bonnie::client {

using records::v1::MedicalRecordService;
using records::v1::PatientService;
using records::v1::StatusService;

struct RecordsClient::Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> channel)
      : channel(std::move(channel)), patients(this->channel), records(this->channel), status(this->channel) {}

  std::shared_ptr<grpc::Channel> channel;
  PatientService::Stub patients;
  MedicalRecordService::Stub records;
  StatusService::Stub status;
};

namespace {

template <class Request>
void SetRequestId(Request& request) {
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
}

}  // namespace

absl::StatusOr<RecordsClient> RecordsClient::Connect(const Options& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(options);
  if (!channel.ok()) return channel.status();
  return RecordsClient(*std::move(channel), options);
}

RecordsClient::RecordsClient(std::shared_ptr<grpc::Channel> channel, Options options)
    : options_(std::move(options)), stubs_(std::make_unique<Stubs>(std::move(channel))) {}
RecordsClient::RecordsClient(RecordsClient&&) noexcept = default;
RecordsClient& RecordsClient::operator=(RecordsClient&&) noexcept = default;
RecordsClient::~RecordsClient() = default;

absl::StatusOr<records::v1::GetPatientResponse> RecordsClient::GetPatient(
    const records::v1::GetPatientRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::GetPatient, request);
}

absl::StatusOr<records::v1::BatchGetPatientsResponse> RecordsClient::BatchGetPatients(
    const records::v1::BatchGetPatientsRequest& request) const {
  return Call(options_, kBatchTimeout, stubs_->patients, &PatientService::Stub::BatchGetPatients, request);
}

absl::StatusOr<records::v1::ListPatientsResponse> RecordsClient::ListPatients(
    const records::v1::ListPatientsRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::ListPatients, request);
}

absl::StatusOr<records::v1::CreatePatientResponse> RecordsClient::CreatePatient(
    records::v1::CreatePatientRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::CreatePatient, request);
}

absl::StatusOr<records::v1::UpdatePatientResponse> RecordsClient::UpdatePatient(
    records::v1::UpdatePatientRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::UpdatePatient, request);
}

absl::StatusOr<records::v1::DeletePatientResponse> RecordsClient::DeletePatient(
    records::v1::DeletePatientRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::DeletePatient, request);
}

absl::StatusOr<records::v1::GetPatientChartResponse> RecordsClient::GetPatientChart(
    const records::v1::GetPatientChartRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->patients, &PatientService::Stub::GetPatientChart, request);
}

absl::StatusOr<records::v1::GetMedicalRecordResponse> RecordsClient::GetMedicalRecord(
    const records::v1::GetMedicalRecordRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->records, &MedicalRecordService::Stub::GetMedicalRecord, request);
}

absl::StatusOr<records::v1::BatchGetMedicalRecordsResponse> RecordsClient::BatchGetMedicalRecords(
    const records::v1::BatchGetMedicalRecordsRequest& request) const {
  return Call(options_, kBatchTimeout, stubs_->records, &MedicalRecordService::Stub::BatchGetMedicalRecords, request);
}

absl::StatusOr<records::v1::ListMedicalRecordsResponse> RecordsClient::ListMedicalRecords(
    const records::v1::ListMedicalRecordsRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->records, &MedicalRecordService::Stub::ListMedicalRecords, request);
}

absl::StatusOr<records::v1::CreateMedicalRecordResponse> RecordsClient::CreateMedicalRecord(
    records::v1::CreateMedicalRecordRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->records, &MedicalRecordService::Stub::CreateMedicalRecord, request);
}

absl::StatusOr<records::v1::UpdateMedicalRecordResponse> RecordsClient::UpdateMedicalRecord(
    records::v1::UpdateMedicalRecordRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->records, &MedicalRecordService::Stub::UpdateMedicalRecord, request);
}

absl::StatusOr<records::v1::DeleteMedicalRecordResponse> RecordsClient::DeleteMedicalRecord(
    records::v1::DeleteMedicalRecordRequest request) const {
  SetRequestId(request);
  return Call(options_, kSingleTimeout, stubs_->records, &MedicalRecordService::Stub::DeleteMedicalRecord, request);
}

absl::StatusOr<records::v1::GetStatusResponse> RecordsClient::GetStatus() const {
  return Call(options_, kSingleTimeout, stubs_->status, &StatusService::Stub::GetStatus,
              records::v1::GetStatusRequest());
}

absl::StatusOr<bool> RecordsClient::IsServing() const { return client::IsServing(stubs_->channel, options_); }

PageRange<records::v1::Patient> RecordsClient::Patients(records::v1::ListPatientsRequest request) const {
  std::string first = request.page_token();
  return PageRange<records::v1::Patient>(
      [this,
       request = std::move(request)](const std::string& token) mutable -> absl::StatusOr<Page<records::v1::Patient>> {
        request.set_page_token(token);
        absl::StatusOr<records::v1::ListPatientsResponse> page = ListPatients(request);
        if (!page.ok()) return page.status();
        return Page<records::v1::Patient>{{page->patients().begin(), page->patients().end()}, page->next_page_token()};
      },
      std::move(first));
}

PageRange<records::v1::MedicalRecord> RecordsClient::MedicalRecords(
    records::v1::ListMedicalRecordsRequest request) const {
  std::string first = request.page_token();
  return PageRange<records::v1::MedicalRecord>(
      [this, request = std::move(request)](
          const std::string& token) mutable -> absl::StatusOr<Page<records::v1::MedicalRecord>> {
        request.set_page_token(token);
        absl::StatusOr<records::v1::ListMedicalRecordsResponse> page = ListMedicalRecords(request);
        if (!page.ok()) return page.status();
        return Page<records::v1::MedicalRecord>{{page->medical_records().begin(), page->medical_records().end()},
                                                page->next_page_token()};
      },
      std::move(first));
}

}  // namespace bonnie::client
