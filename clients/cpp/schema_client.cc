#include "clients/cpp/schema_client.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "clients/cpp/call.h"
#include "clients/cpp/channel.h"
#include "clients/cpp/connect_error.h"
#include "clients/cpp/health.h"
#include "clients/cpp/service_config.h"
#include "clients/cpp/status.h"
#include "clients/cpp/stream_stopper.h"

namespace bonnie::client {

using schema::v1::MigrationService;
using schema::v1::SchemaService;

struct SchemaClient::Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> channel)
      : channel(std::move(channel)), schema(this->channel), migrations(this->channel) {}

  std::shared_ptr<grpc::Channel> channel;
  SchemaService::Stub schema;
  MigrationService::Stub migrations;
};

absl::StatusOr<SchemaClient> SchemaClient::Connect(const Options& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(options);
  if (!channel.ok()) return channel.status();
  return SchemaClient(*std::move(channel), options);
}

SchemaClient::SchemaClient(std::shared_ptr<grpc::Channel> channel, Options options)
    : options_(std::move(options)), stubs_(std::make_unique<Stubs>(std::move(channel))) {}
SchemaClient::SchemaClient(SchemaClient&&) noexcept = default;
SchemaClient& SchemaClient::operator=(SchemaClient&&) noexcept = default;
SchemaClient::~SchemaClient() = default;

absl::StatusOr<schema::v1::ListSitesResponse> SchemaClient::ListSites(
    const schema::v1::ListSitesRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->schema, &SchemaService::Stub::ListSites, request);
}

absl::StatusOr<schema::v1::CheckSiteResponse> SchemaClient::CheckSite(
    const schema::v1::CheckSiteRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->schema, &SchemaService::Stub::CheckSite, request);
}

absl::StatusOr<schema::v1::ListRevisionsResponse> SchemaClient::ListRevisions(
    const schema::v1::ListRevisionsRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::ListRevisions, request);
}

absl::StatusOr<schema::v1::GetRevisionResponse> SchemaClient::GetRevision(
    const schema::v1::GetRevisionRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::GetRevision, request);
}

absl::StatusOr<schema::v1::GetCurrentResponse> SchemaClient::GetCurrent(
    const schema::v1::GetCurrentRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::GetCurrent, request);
}

absl::StatusOr<schema::v1::MergeRevisionsResponse> SchemaClient::MergeRevisions(
    const schema::v1::MergeRevisionsRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::MergeRevisions, request);
}

absl::StatusOr<schema::v1::StampRevisionResponse> SchemaClient::StampRevision(
    const schema::v1::StampRevisionRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::StampRevision, request);
}

absl::StatusOr<schema::v1::PushRevisionsResponse> SchemaClient::PushRevisions(
    const schema::v1::PushRevisionsRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::PushRevisions, request);
}

absl::StatusOr<schema::v1::CreateRevisionResponse> SchemaClient::CreateRevision(
    const schema::v1::CreateRevisionRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::CreateRevision, request);
}

absl::StatusOr<schema::v1::CheckPendingResponse> SchemaClient::CheckPending(
    const schema::v1::CheckPendingRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::CheckPending, request);
}

absl::StatusOr<schema::v1::CompareSchemasResponse> SchemaClient::CompareSchemas(
    const schema::v1::CompareSchemasRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->schema, &SchemaService::Stub::CompareSchemas, request);
}

absl::StatusOr<schema::v1::CheckParityResponse> SchemaClient::CheckParity(
    const schema::v1::CheckParityRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->schema, &SchemaService::Stub::CheckParity, request);
}

absl::StatusOr<schema::v1::LintSchemaResponse> SchemaClient::LintSchema(
    const schema::v1::LintSchemaRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->schema, &SchemaService::Stub::LintSchema, request);
}

absl::Status SchemaClient::InspectSchema(
    const schema::v1::InspectSchemaRequest& request,
    absl::FunctionRef<void(const schema::v1::InspectSchemaResponse&)> on_part) const {
  grpc::ClientContext context;
  Prepare(options_, context);
  const absl::Duration timeout = options_.timeout > absl::ZeroDuration() ? options_.timeout : kPlanTimeout;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const auto stream = stubs_->schema.InspectSchema(&context, request);
  schema::v1::InspectSchemaResponse part;
  while (stream->Read(&part)) on_part(part);
  return ExplainConnectError(ToStatus(stream->Finish()), options_);
}

namespace {

// Puts the chunks of a stream together.
template <typename Request, typename Response>
absl::StatusOr<std::string> ReadChunks(
    const Options& options, SchemaService::Stub& stub,
    std::unique_ptr<grpc::ClientReader<Response>> (SchemaService::Stub::*method)(grpc::ClientContext*, const Request&),
    const Request& request) {
  grpc::ClientContext context;
  Prepare(options, context);
  const absl::Duration timeout = options.timeout > absl::ZeroDuration() ? options.timeout : kPlanTimeout;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const auto stream = (stub.*method)(&context, request);
  Response part;
  std::string text;
  while (stream->Read(&part)) text += part.chunk();
  absl::Status status = ExplainConnectError(ToStatus(stream->Finish()), options);
  if (!status.ok()) return status;
  return text;
}

}  // namespace

absl::StatusOr<std::string> SchemaClient::RenderErd(const schema::v1::RenderErdRequest& request) const {
  return ReadChunks<schema::v1::RenderErdRequest, schema::v1::RenderErdResponse>(
      options_, stubs_->schema, &SchemaService::Stub::RenderErd, request);
}

absl::StatusOr<std::string> SchemaClient::ExportDocs(const schema::v1::ExportDocsRequest& request) const {
  return ReadChunks<schema::v1::ExportDocsRequest, schema::v1::ExportDocsResponse>(
      options_, stubs_->schema, &SchemaService::Stub::ExportDocs, request);
}

absl::StatusOr<schema::v1::PlanMigrationResponse> SchemaClient::PlanMigration(
    const schema::v1::PlanMigrationRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::PlanMigration, request);
}

absl::StatusOr<schema::v1::ApprovePlanResponse> SchemaClient::ApprovePlan(
    const schema::v1::ApprovePlanRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::ApprovePlan, request);
}

absl::Status SchemaClient::ApplyPlan(const schema::v1::ApplyPlanRequest& request,
                                     absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                                     const std::function<bool()>& stop) const {
  grpc::ClientContext context;
  Prepare(options_, context);
  const StreamStopper stopper(context, stop);
  const auto stream = stubs_->migrations.ApplyPlan(&context, request);
  schema::v1::ApplyPlanResponse event;
  bool done = false;
  while (stream->Read(&event)) {
    done = event.has_done();
    on_event(event);
  }
  absl::Status status = ExplainConnectError(ToStatus(stream->Finish()), options_);
  if (status.ok() && !done) return absl::DataLossError("ApplyPlan: the stream ended before the operation was done");
  return status;
}

absl::Status SchemaClient::WatchOperation(const schema::v1::WatchOperationRequest& request,
                                          absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                                          const std::function<bool()>& stop) const {
  grpc::ClientContext context;
  Prepare(options_, context);
  const StreamStopper stopper(context, stop);
  const auto stream = stubs_->migrations.WatchOperation(&context, request);
  schema::v1::WatchOperationResponse response;
  while (stream->Read(&response)) on_event(response.event());
  return ExplainConnectError(ToStatus(stream->Finish()), options_);
}

absl::StatusOr<schema::v1::ListOperationsResponse> SchemaClient::ListOperations(
    const schema::v1::ListOperationsRequest& request) const {
  return Call(options_, kSingleTimeout, stubs_->migrations, &MigrationService::Stub::ListOperations, request);
}

absl::StatusOr<schema::v1::CancelOperationResponse> SchemaClient::CancelOperation(
    const schema::v1::CancelOperationRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::CancelOperation, request);
}

absl::StatusOr<schema::v1::RecoverOperationResponse> SchemaClient::RecoverOperation(
    const schema::v1::RecoverOperationRequest& request) const {
  return Call(options_, kPlanTimeout, stubs_->migrations, &MigrationService::Stub::RecoverOperation, request);
}

absl::StatusOr<bool> SchemaClient::IsServing() const { return client::IsServing(stubs_->channel, options_); }

PageRange<schema::v1::Revision> SchemaClient::Revisions(schema::v1::ListRevisionsRequest request) const {
  std::string first = request.page_token();
  return PageRange<schema::v1::Revision>(
      [this,
       request = std::move(request)](const std::string& token) mutable -> absl::StatusOr<Page<schema::v1::Revision>> {
        request.set_page_token(token);
        absl::StatusOr<schema::v1::ListRevisionsResponse> page = ListRevisions(request);
        if (!page.ok()) return page.status();
        return Page<schema::v1::Revision>{{page->revisions().begin(), page->revisions().end()},
                                          page->next_page_token()};
      },
      std::move(first));
}

PageRange<schema::v1::Operation> SchemaClient::Operations(schema::v1::ListOperationsRequest request) const {
  std::string first = request.page_token();
  return PageRange<schema::v1::Operation>(
      [this,
       request = std::move(request)](const std::string& token) mutable -> absl::StatusOr<Page<schema::v1::Operation>> {
        request.set_page_token(token);
        absl::StatusOr<schema::v1::ListOperationsResponse> page = ListOperations(request);
        if (!page.ok()) return page.status();
        return Page<schema::v1::Operation>{{page->operations().begin(), page->operations().end()},
                                           page->next_page_token()};
      },
      std::move(first));
}

}  // namespace bonnie::client
