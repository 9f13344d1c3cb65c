#ifndef BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_

#include <utility>

#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/schema/operations.h"
#include "services/schema/service_parts.h"
#include "services/schema/stamp.h"

namespace bonnie::schema {

// bonnie.schema.v1.MigrationService; the proto says what each method does. Unary methods are served by callback;
// ApplyPlan's stream holds a thread of gRPC's, which only watches the operation. Thread-safe; `operations` outlives it.
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
                                          v1::MigrationService::Service>>>>>>>>>> {
 public:
  MigrationService(ServiceParts parts, Operations& operations, Stamper stamper)
      : parts_(std::move(parts)), operations_(operations), stamper_(std::move(stamper)) {}

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

 private:
  const ServiceParts parts_;
  Operations& operations_;
  const Stamper stamper_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
