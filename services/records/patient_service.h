#ifndef BONNIE_SERVICES_RECORDS_PATIENT_SERVICE_H_
#define BONNIE_SERVICES_RECORDS_PATIENT_SERVICE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bonnie/records/v1/patient_service.grpc.pb.h"
#include "services/data_access/point_reader.h"
#include "services/records/patients.h"
#include "services/records/service_parts.h"

namespace bonnie::records {

using PatientReader = data_access::PointReader<std::int64_t, Patient>;

// The RPC handlers of bonnie.records.v1.PatientService; the proto says what each does. None blocks.
//
// Thread-safe. `reader` outlives it.
class PatientService final : public v1::PatientService::CallbackService {
 public:
  PatientService(ServiceParts parts, PatientReader& reader);

  grpc::ServerUnaryReactor* GetPatient(grpc::CallbackServerContext* context, const v1::GetPatientRequest* request,
                                       v1::GetPatientResponse* response) override;
  grpc::ServerUnaryReactor* BatchGetPatients(grpc::CallbackServerContext* context,
                                             const v1::BatchGetPatientsRequest* request,
                                             v1::BatchGetPatientsResponse* response) override;
  grpc::ServerUnaryReactor* ListPatients(grpc::CallbackServerContext* context, const v1::ListPatientsRequest* request,
                                         v1::ListPatientsResponse* response) override;
  grpc::ServerUnaryReactor* CreatePatient(grpc::CallbackServerContext* context, const v1::CreatePatientRequest* request,
                                          v1::CreatePatientResponse* response) override;
  grpc::ServerUnaryReactor* UpdatePatient(grpc::CallbackServerContext* context, const v1::UpdatePatientRequest* request,
                                          v1::UpdatePatientResponse* response) override;
  grpc::ServerUnaryReactor* DeletePatient(grpc::CallbackServerContext* context, const v1::DeletePatientRequest* request,
                                          v1::DeletePatientResponse* response) override;
  grpc::ServerUnaryReactor* GetPatientChart(grpc::CallbackServerContext* context,
                                            const v1::GetPatientChartRequest* request,
                                            v1::GetPatientChartResponse* response) override;

 private:
  const ServiceParts parts_;
  PatientReader& reader_;  // thread-safe
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_PATIENT_SERVICE_H_
