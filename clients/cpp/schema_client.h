#ifndef BONNIE_CLIENTS_CPP_SCHEMA_CLIENT_H_
#define BONNIE_CLIENTS_CPP_SCHEMA_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "bonnie/schema/v1/schema_service.pb.h"
#include "clients/cpp/options.h"
#include "clients/cpp/page_range.h"

namespace grpc {
class Channel;
}

namespace bonnie::client {

// Calls a site's schema service: one method per RPC, named, documented and answering as in bonnie/schema/v1/*.proto.
//
// Every method but ApplyPlan and WatchOperation blocks 5 s at most; PlanMigration, StampRevision, PushRevisions,
// CancelOperation and RecoverOperation 30 s, or as `Options::timeout` says. Thread-safe; one is enough for a process.
class SchemaClient {
 public:
  // Blocks for reading files only; the first call connects. Status codes: Dial's (channel.h).
  static absl::StatusOr<SchemaClient> Connect(const Options& options);
  // On a channel of the caller's own; `options` gives timeout, wait_for_ready, and the address for messages.
  SchemaClient(std::shared_ptr<grpc::Channel> channel, Options options);
  SchemaClient(SchemaClient&&) noexcept;
  SchemaClient& operator=(SchemaClient&&) noexcept;
  ~SchemaClient();

  absl::StatusOr<schema::v1::ListSitesResponse> ListSites(const schema::v1::ListSitesRequest& request) const;
  absl::StatusOr<schema::v1::CheckSiteResponse> CheckSite(const schema::v1::CheckSiteRequest& request) const;

  absl::StatusOr<schema::v1::ListRevisionsResponse> ListRevisions(
      const schema::v1::ListRevisionsRequest& request) const;
  absl::StatusOr<schema::v1::GetRevisionResponse> GetRevision(const schema::v1::GetRevisionRequest& request) const;
  absl::StatusOr<schema::v1::GetCurrentResponse> GetCurrent(const schema::v1::GetCurrentRequest& request) const;
  absl::StatusOr<schema::v1::MergeRevisionsResponse> MergeRevisions(
      const schema::v1::MergeRevisionsRequest& request) const;
  absl::StatusOr<schema::v1::StampRevisionResponse> StampRevision(
      const schema::v1::StampRevisionRequest& request) const;
  absl::StatusOr<schema::v1::PushRevisionsResponse> PushRevisions(
      const schema::v1::PushRevisionsRequest& request) const;
  absl::StatusOr<schema::v1::CreateRevisionResponse> CreateRevision(
      const schema::v1::CreateRevisionRequest& request) const;
  absl::StatusOr<schema::v1::CheckPendingResponse> CheckPending(const schema::v1::CheckPendingRequest& request) const;
  absl::StatusOr<schema::v1::CompareSchemasResponse> CompareSchemas(
      const schema::v1::CompareSchemasRequest& request) const;
  absl::StatusOr<schema::v1::CheckParityResponse> CheckParity(const schema::v1::CheckParityRequest& request) const;
  absl::StatusOr<schema::v1::LintSchemaResponse> LintSchema(const schema::v1::LintSchemaRequest& request) const;
  // Calls `on_part` with each part, on this thread. An error after the first part leaves the rest out; it is not
  // retried.
  absl::Status InspectSchema(const schema::v1::InspectSchemaRequest& request,
                             absl::FunctionRef<void(const schema::v1::InspectSchemaResponse&)> on_part) const;
  // The whole document; chunks are put together. Not retried.
  absl::StatusOr<std::string> RenderErd(const schema::v1::RenderErdRequest& request) const;
  absl::StatusOr<std::string> ExportDocs(const schema::v1::ExportDocsRequest& request) const;
  absl::StatusOr<schema::v1::PlanMigrationResponse> PlanMigration(
      const schema::v1::PlanMigrationRequest& request) const;
  absl::StatusOr<schema::v1::ApprovePlanResponse> ApprovePlan(const schema::v1::ApprovePlanRequest& request) const;

  // Applies a plan and calls `on_event` with each event, on this thread. Blocks until the operation has ended, however
  // long that takes: `Options::timeout` does not count here, and it is never retried. OK: the last event was `done`. An
  // error after the first event leaves open how far the operation got, and it may be running still: WatchOperation, or
  // plan and apply again, which goes on where it stood (ApplyAndFollow in follow_operation.h does the first). `stop`,
  // if not empty, is asked now and then on another thread: true ends the call with kCancelled, not the operation.
  absl::Status ApplyPlan(const schema::v1::ApplyPlanRequest& request,
                         absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                         const std::function<bool()>& stop = {}) const;
  // Calls `on_event` with the events of an operation that the service runs or remembers. Blocks and ends as ApplyPlan.
  absl::Status WatchOperation(const schema::v1::WatchOperationRequest& request,
                              absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                              const std::function<bool()>& stop = {}) const;
  absl::StatusOr<schema::v1::ListOperationsResponse> ListOperations(
      const schema::v1::ListOperationsRequest& request) const;
  absl::StatusOr<schema::v1::CancelOperationResponse> CancelOperation(
      const schema::v1::CancelOperationRequest& request) const;
  absl::StatusOr<schema::v1::RecoverOperationResponse> RecoverOperation(
      const schema::v1::RecoverOperationRequest& request) const;

  // Whether the service as a whole answers SERVING to grpc.health.v1.
  absl::StatusOr<bool> IsServing() const;

  // ListRevisions over all pages, from `request.page_token` on. This client outlives the range and stays where it is
  // meanwhile.
  PageRange<schema::v1::Revision> Revisions(schema::v1::ListRevisionsRequest request) const;
  // ListOperations likewise.
  PageRange<schema::v1::Operation> Operations(schema::v1::ListOperationsRequest request) const;

 private:
  struct Stubs;

  Options options_;
  std::unique_ptr<Stubs> stubs_;  // thread-safe
};

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_SCHEMA_CLIENT_H_
