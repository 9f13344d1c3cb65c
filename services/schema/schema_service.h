#ifndef BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_
#define BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "services/schema/parity.h"
#include "services/schema/service_parts.h"

namespace bonnie::schema {

// bonnie.schema.v1.SchemaService; the proto says what each method does. Thread-safe.
// Unary methods are served by callback; the streams hold a thread of gRPC's each, which may block.
class SchemaService final
    : public v1::SchemaService::WithCallbackMethod_ListSites<v1::SchemaService::WithCallbackMethod_CheckSite<
          v1::SchemaService::WithCallbackMethod_CompareSchemas<v1::SchemaService::WithCallbackMethod_CheckParity<
              v1::SchemaService::WithCallbackMethod_LintSchema<v1::SchemaService::Service>>>>> {
 public:
  explicit SchemaService(ServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* ListSites(grpc::CallbackServerContext* context, const v1::ListSitesRequest* request,
                                      v1::ListSitesResponse* response) override;
  grpc::ServerUnaryReactor* CheckSite(grpc::CallbackServerContext* context, const v1::CheckSiteRequest* request,
                                      v1::CheckSiteResponse* response) override;
  grpc::ServerUnaryReactor* CompareSchemas(grpc::CallbackServerContext* context,
                                           const v1::CompareSchemasRequest* request,
                                           v1::CompareSchemasResponse* response) override;
  grpc::ServerUnaryReactor* CheckParity(grpc::CallbackServerContext* context, const v1::CheckParityRequest* request,
                                        v1::CheckParityResponse* response) override;
  grpc::ServerUnaryReactor* LintSchema(grpc::CallbackServerContext* context, const v1::LintSchemaRequest* request,
                                       v1::LintSchemaResponse* response) override;
  grpc::Status InspectSchema(grpc::ServerContext* context, const v1::InspectSchemaRequest* request,
                             grpc::ServerWriter<v1::InspectSchemaResponse>* writer) override;
  grpc::Status RenderErd(grpc::ServerContext* context, const v1::RenderErdRequest* request,
                         grpc::ServerWriter<v1::RenderErdResponse>* writer) override;
  grpc::Status ExportDocs(grpc::ServerContext* context, const v1::ExportDocsRequest* request,
                          grpc::ServerWriter<v1::ExportDocsResponse>* writer) override;

 private:
  absl::Status FillSite(data_access::Session& session, v1::CheckSiteResponse* response) const;
  absl::Status FillLedger(data_access::Session& session, v1::CheckSiteResponse* response) const;
  // Fills in what is known of each site, all at the same time. Blocks; those that do not answer say so in `status`.
  void Gather(const server::UnaryCall& call, absl::Time deadline, std::vector<SiteFacts>* sites) const;
  absl::Status GatherHere(const server::UnaryCall& call, absl::Time deadline, SiteFacts* facts) const;
  absl::Status CompareAcross(const server::UnaryCall& call, const v1::CompareSchemasRequest& request,
                             absl::Time deadline, v1::CompareSchemasResponse* response) const;
  absl::StatusOr<Schema> ReadFrom(const server::UnaryCall& call, const std::string& site,
                                  const v1::SchemaSource& source, absl::Time deadline) const;

  const ServiceParts parts_;
  std::atomic<int> documents_{0};  // being written
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SCHEMA_SERVICE_H_
