#ifndef BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_SERVICE_H_
#define BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_SERVICE_H_

#include <cstdint>

#include "bonnie/records/v1/medical_record_service.grpc.pb.h"
#include "services/data_access/point_reader.h"
#include "services/records/medical_records.h"
#include "services/records/service_parts.h"

namespace bonnie::records {

using MedicalRecordReader = data_access::PointReader<std::int64_t, MedicalRecord>;

// The RPC handlers of bonnie.records.v1.MedicalRecordService; the proto says what each does. None blocks.
//
// Thread-safe. `reader` outlives it.
class MedicalRecordService final : public v1::MedicalRecordService::CallbackService {
 public:
  MedicalRecordService(ServiceParts parts, MedicalRecordReader& reader);

  grpc::ServerUnaryReactor* GetMedicalRecord(grpc::CallbackServerContext* context,
                                             const v1::GetMedicalRecordRequest* request,
                                             v1::GetMedicalRecordResponse* response) override;
  grpc::ServerUnaryReactor* BatchGetMedicalRecords(grpc::CallbackServerContext* context,
                                                   const v1::BatchGetMedicalRecordsRequest* request,
                                                   v1::BatchGetMedicalRecordsResponse* response) override;
  grpc::ServerUnaryReactor* ListMedicalRecords(grpc::CallbackServerContext* context,
                                               const v1::ListMedicalRecordsRequest* request,
                                               v1::ListMedicalRecordsResponse* response) override;
  grpc::ServerUnaryReactor* CreateMedicalRecord(grpc::CallbackServerContext* context,
                                                const v1::CreateMedicalRecordRequest* request,
                                                v1::CreateMedicalRecordResponse* response) override;
  grpc::ServerUnaryReactor* UpdateMedicalRecord(grpc::CallbackServerContext* context,
                                                const v1::UpdateMedicalRecordRequest* request,
                                                v1::UpdateMedicalRecordResponse* response) override;
  grpc::ServerUnaryReactor* DeleteMedicalRecord(grpc::CallbackServerContext* context,
                                                const v1::DeleteMedicalRecordRequest* request,
                                                v1::DeleteMedicalRecordResponse* response) override;

 private:
  const ServiceParts parts_;
  MedicalRecordReader& reader_;  // thread-safe
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_SERVICE_H_
