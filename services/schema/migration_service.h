#ifndef BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_

#include <string>
#include <utility>

#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/schema/canceller.h"
#include "services/schema/operations.h"
#include "services/schema/recovery.h"
#include "services/schema/service_parts.h"
#include "services/schema/stamp.h"

namespace bonnie::schema {

// bonnie.schema.v1.MigrationService; the proto says what each method does. Unary methods are served by callback;
// the streams of ApplyPlan and WatchOperation hold a thread of gRPC's, which only watches the operation. Thread-safe;
// `operations` outlives it.
class MigrationService final
    : public v1::MigrationService::WithCallbackMethod_ListRevisions<
          v1::MigrationService::WithCallbackMethod_GetRevision<v1::MigrationService::WithCallbackMethod_GetCurrent<
              v1::MigrationService::WithCallbackMethod_PlanMigration<
                  v1::MigrationService::WithCallbackMethod_MergeRevisions<
                      v1::MigrationService::WithCallbackMethod_StampRevision<
                          v1::MigrationService::WithCallbackMethod_PushRevisions<
                              v1::MigrationService::WithCallbackMethod_CreateRevision<
                                  v1::MigrationService::WithCallbackMethod_CheckPending<
                                      v1::MigrationService::WithCallbackMethod_ApprovePlan<
                                          v1::MigrationService::WithCallbackMethod_ListOperations<
                                              v1::MigrationService::WithCallbackMethod_CancelOperation<
                                                  v1::MigrationService::WithCallbackMethod_RecoverOperation<
                                                      v1::MigrationService::Service>>>>>>>>>>>>> {
 public:
  MigrationService(ServiceParts parts, Operations& operations, Stamper stamper, Recovery recovery, Canceller canceller)
      : parts_(std::move(parts)),
        operations_(operations),
        stamper_(std::move(stamper)),
        recovery_(std::move(recovery)),
        canceller_(std::move(canceller)) {}

  grpc::ServerUnaryReactor* ListRevisions(grpc::CallbackServerContext* context, const v1::ListRevisionsRequest* request,
                                          v1::ListRevisionsResponse* response) override;
  grpc::ServerUnaryReactor* GetRevision(grpc::CallbackServerContext* context, const v1::GetRevisionRequest* request,
                                        v1::GetRevisionResponse* response) override;
  grpc::ServerUnaryReactor* GetCurrent(grpc::CallbackServerContext* context, const v1::GetCurrentRequest* request,
                                       v1::GetCurrentResponse* response) override;
  grpc::ServerUnaryReactor* PlanMigration(grpc::CallbackServerContext* context, const v1::PlanMigrationRequest* request,
                                          v1::PlanMigrationResponse* response) override;
  grpc::ServerUnaryReactor* MergeRevisions(grpc::CallbackServerContext* context,
                                           const v1::MergeRevisionsRequest* request,
                                           v1::MergeRevisionsResponse* response) override;
  grpc::ServerUnaryReactor* StampRevision(grpc::CallbackServerContext* context, const v1::StampRevisionRequest* request,
                                          v1::StampRevisionResponse* response) override;
  grpc::ServerUnaryReactor* PushRevisions(grpc::CallbackServerContext* context, const v1::PushRevisionsRequest* request,
                                          v1::PushRevisionsResponse* response) override;
  grpc::ServerUnaryReactor* CreateRevision(grpc::CallbackServerContext* context,
                                           const v1::CreateRevisionRequest* request,
                                           v1::CreateRevisionResponse* response) override;
  grpc::ServerUnaryReactor* CheckPending(grpc::CallbackServerContext* context, const v1::CheckPendingRequest* request,
                                         v1::CheckPendingResponse* response) override;
  grpc::ServerUnaryReactor* ApprovePlan(grpc::CallbackServerContext* context, const v1::ApprovePlanRequest* request,
                                        v1::ApprovePlanResponse* response) override;
  grpc::Status ApplyPlan(grpc::ServerContext* context, const v1::ApplyPlanRequest* request,
                         grpc::ServerWriter<v1::ApplyPlanResponse>* writer) override;
  grpc::ServerUnaryReactor* ListOperations(grpc::CallbackServerContext* context,
                                           const v1::ListOperationsRequest* request,
                                           v1::ListOperationsResponse* response) override;
  grpc::Status WatchOperation(grpc::ServerContext* context, const v1::WatchOperationRequest* request,
                              grpc::ServerWriter<v1::WatchOperationResponse>* writer) override;
  grpc::ServerUnaryReactor* CancelOperation(grpc::CallbackServerContext* context,
                                            const v1::CancelOperationRequest* request,
                                            v1::CancelOperationResponse* response) override;
  grpc::ServerUnaryReactor* RecoverOperation(grpc::CallbackServerContext* context,
                                             const v1::RecoverOperationRequest* request,
                                             v1::RecoverOperationResponse* response) override;

 private:
  absl::Status Recover(const v1::RecoverOperationRequest& request, const Recovery::Decider& decider,
                       const data_access::Budget& budget, v1::RecoverOperationResponse* response) const;
  absl::Status CheckMayRecover(const std::string& prefix, const std::string& identity,
                               const data_access::Budget& budget) const;
  absl::StatusOr<std::string> Resume(data_access::Session& session, const v1::RecoverOperationRequest& request,
                                     const RecoveryReport& report, const std::string& identity) const;

  const ServiceParts parts_;
  Operations& operations_;
  const Stamper stamper_;
  const Recovery recovery_;
  const Canceller canceller_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
