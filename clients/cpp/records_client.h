#ifndef BONNIE_CLIENTS_CPP_RECORDS_CLIENT_H_
#define BONNIE_CLIENTS_CPP_RECORDS_CLIENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bonnie/records/v1/medical_record_service.pb.h"
#include "bonnie/records/v1/patient_service.pb.h"
#include "bonnie/records/v1/status_service.pb.h"
#include "clients/cpp/options.h"
#include "clients/cpp/page_range.h"

namespace grpc {
class Channel;
}

namespace bonnie::client {

// Calls a site's records service: one method per RPC, named, documented and answering as in bonnie/records/v1/*.proto.
//
// Beyond generated stubs it brings mTLS, deadlines, retries that cannot apply a write twice (every write gets a request
// id, the same in each attempt; one set by the caller is kept, and makes a write safe across processes), pages as
// ranges, and errors as absl::Status whose details DetailsOf (status.h) decodes.
//
// Every method blocks: 5 s at most, batches 10 s, or as `Options::timeout` says. Thread-safe; one is enough for a
// process.
class RecordsClient {
 public:
  // Blocks for reading files only; the first call connects. Status codes: Dial's (channel.h).
  static absl::StatusOr<RecordsClient> Connect(const Options& options);
  // On a channel of the caller's own; `options` gives timeout, wait_for_ready, and the address for messages.
  RecordsClient(std::shared_ptr<grpc::Channel> channel, Options options);
  RecordsClient(RecordsClient&&) noexcept;
  RecordsClient& operator=(RecordsClient&&) noexcept;
  ~RecordsClient();

  absl::StatusOr<records::v1::GetPatientResponse> GetPatient(const records::v1::GetPatientRequest& request) const;
  absl::StatusOr<records::v1::BatchGetPatientsResponse> BatchGetPatients(
      const records::v1::BatchGetPatientsRequest& request) const;
  absl::StatusOr<records::v1::ListPatientsResponse> ListPatients(const records::v1::ListPatientsRequest& request) const;
  absl::StatusOr<records::v1::CreatePatientResponse> CreatePatient(records::v1::CreatePatientRequest request) const;
  absl::StatusOr<records::v1::UpdatePatientResponse> UpdatePatient(records::v1::UpdatePatientRequest request) const;
  absl::StatusOr<records::v1::DeletePatientResponse> DeletePatient(records::v1::DeletePatientRequest request) const;
  absl::StatusOr<records::v1::GetPatientChartResponse> GetPatientChart(
      const records::v1::GetPatientChartRequest& request) const;

  absl::StatusOr<records::v1::GetMedicalRecordResponse> GetMedicalRecord(
      const records::v1::GetMedicalRecordRequest& request) const;
  absl::StatusOr<records::v1::BatchGetMedicalRecordsResponse> BatchGetMedicalRecords(
      const records::v1::BatchGetMedicalRecordsRequest& request) const;
  absl::StatusOr<records::v1::ListMedicalRecordsResponse> ListMedicalRecords(
      const records::v1::ListMedicalRecordsRequest& request) const;
  absl::StatusOr<records::v1::CreateMedicalRecordResponse> CreateMedicalRecord(
      records::v1::CreateMedicalRecordRequest request) const;
  absl::StatusOr<records::v1::UpdateMedicalRecordResponse> UpdateMedicalRecord(
      records::v1::UpdateMedicalRecordRequest request) const;
  absl::StatusOr<records::v1::DeleteMedicalRecordResponse> DeleteMedicalRecord(
      records::v1::DeleteMedicalRecordRequest request) const;

  absl::StatusOr<records::v1::GetStatusResponse> GetStatus() const;

  // Whether the service as a whole answers SERVING to grpc.health.v1.
  absl::StatusOr<bool> IsServing() const;

  // ListPatients and ListMedicalRecords over all pages, from `request.page_token` on. This client outlives the range
  // and stays where it is meanwhile.
  PageRange<records::v1::Patient> Patients(records::v1::ListPatientsRequest request) const;
  PageRange<records::v1::MedicalRecord> MedicalRecords(records::v1::ListMedicalRecordsRequest request) const;

 private:
  struct Stubs;

  Options options_;
  std::unique_ptr<Stubs> stubs_;  // thread-safe
};

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_RECORDS_CLIENT_H_
