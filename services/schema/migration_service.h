#ifndef BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_

#include <utility>

#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/schema/operations.h"
#include "services/schema/service_parts.h"

namespace bonnie::schema {

// bonnie.schema.v1.MigrationService; the proto says what each method does. Unary methods are served by callback;
// ApplyPlan's stream holds a thread of gRPC's, which only watches the operation. Thread-safe; `operations` outlives it.
class MigrationService final
    : public v1::MigrationService::WithCallbackMethod_ListRevisions<
          v1::MigrationService::WithCallbackMethod_GetRevision<v1::MigrationService::WithCallbackMethod_GetCurrent<
              v1::MigrationService::WithCallbackMethod_PlanMigration<v1::MigrationService::Service>>>> {
 public:
  MigrationService(ServiceParts parts, Operations& operations) : parts_(std::move(parts)), operations_(operations) {}

  grpc::ServerUnaryReactor* ListRevisions(grpc::CallbackServerContext* context, const v1::ListRevisionsRequest* request,
                                          v1::ListRevisionsResponse* response) override;
  grpc::ServerUnaryReactor* GetRevision(grpc::CallbackServerContext* context, const v1::GetRevisionRequest* request,
                                        v1::GetRevisionResponse* response) override;
  grpc::ServerUnaryReactor* GetCurrent(grpc::CallbackServerContext* context, const v1::GetCurrentRequest* request,
                                       v1::GetCurrentResponse* response) override;
  grpc::ServerUnaryReactor* PlanMigration(grpc::CallbackServerContext* context, const v1::PlanMigrationRequest* request,
                                          v1::PlanMigrationResponse* response) override;
  grpc::Status ApplyPlan(grpc::ServerContext* context, const v1::ApplyPlanRequest* request,
                         grpc::ServerWriter<v1::ApplyPlanResponse>* writer) override;

 private:
  absl::Status Plan(data_access::Session& session, const v1::PlanMigrationRequest& request,
                    v1::PlanMigrationResponse* response) const;

  const ServiceParts parts_;
  Operations& operations_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MIGRATION_SERVICE_H_
