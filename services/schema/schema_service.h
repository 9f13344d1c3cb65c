#ifndef BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_

#include <utility>

#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "services/schema/service_parts.h"

namespace bonnie::schema {

// bonnie.schema.v1.SchemaService; the proto says what each method does. Thread-safe.
class SchemaService final : public v1::SchemaService::CallbackService {
 public:
  explicit SchemaService(ServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* ListSites(grpc::CallbackServerContext* context, const v1::ListSitesRequest* request,
                                      v1::ListSitesResponse* response) override;
  grpc::ServerUnaryReactor* CheckSite(grpc::CallbackServerContext* context, const v1::CheckSiteRequest* request,
                                      v1::CheckSiteResponse* response) override;

 private:
  absl::Status FillSite(data_access::Session& session, v1::CheckSiteResponse* response) const;
  absl::Status FillLedger(data_access::Session& session, v1::CheckSiteResponse* response) const;

  const ServiceParts parts_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_
