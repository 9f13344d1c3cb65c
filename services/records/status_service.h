#ifndef BONNIE_SERVICES_RECORDS_STATUS_SERVICE_H_
#define BONNIE_SERVICES_RECORDS_STATUS_SERVICE_H_

#include <string>

#include "absl/time/time.h"
#include "bonnie/records/v1/status_service.grpc.pb.h"
#include "services/records/service_parts.h"

namespace bonnie::records {

// The RPC handler of bonnie.records.v1.StatusService; the proto says what it does. Does not block.
//
// Thread-safe.
class StatusService final : public v1::StatusService::CallbackService {
 public:
  StatusService(ServiceParts parts, std::string version, int max_sessions);

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;

 private:
  void FillFromMemory(v1::GetStatusResponse* response) const;

  const ServiceParts parts_;
  const std::string version_;
  const int max_sessions_;
  const absl::Time started_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_STATUS_SERVICE_H_
