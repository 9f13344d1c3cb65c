// MigrationService's handlers that work with a model.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/migration_service.h"
#include "services/schema/model_convert.h"
#include "services/schema/peer_proofs.h"

namespace bonnie::schema {

namespace {

using server::UnaryCall;

constexpr server::Method kCreateRevision{kMigrationService, "CreateRevision", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kCheckPending{kMigrationService, "CheckPending", absl::Seconds(30), absl::Minutes(10)};

constexpr size_t kMaxMessage = 200;
constexpr size_t kMaxRevisionId = 32;

bool IsId(absl::string_view id) {
  for (const char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') return false;
  }
  return id.size() <= kMaxRevisionId;
}

absl::Status Validate(const v1::CreateRevisionRequest& request) {
  std::vector<server::FieldViolation> violations;
  const std::string& message = request.message();
  if (absl::StripAsciiWhitespace(message).empty() || message.size() > kMaxMessage ||
      message.find_first_of("\r\n") != std::string::npos) {
    violations.push_back({"message", "want one line of 1 to 200 bytes"});
  }
  if (!IsId(request.rev_id())) violations.push_back({"rev_id", "want 1 to 32 of a-z, 0-9 and _"});
  if (!IsId(request.branch_label())) violations.push_back({"branch_label", "want 1 to 32 of a-z, 0-9 and _"});
  return violations.empty() ? absl::OkStatus() : InvalidRequest(std::move(violations));
}

NewRevision FromProto(const v1::CreateRevisionRequest& request) {
  NewRevision wanted;
  wanted.message = std::string(absl::StripAsciiWhitespace(request.message()));
  if (request.has_sql()) {
    GivenSql sql{request.sql().up(), {}};
    if (request.sql().has_down()) sql.down = request.sql().down();
    wanted.body = std::move(sql);
  }
  wanted.head = request.head();
  wanted.splice = request.splice();
  wanted.branch_label = request.branch_label();
  wanted.depends_on.assign(request.depends_on().begin(), request.depends_on().end());
  wanted.rev_id = request.rev_id();
  return wanted;
}

void Fill(const CreatedRevision& created, v1::CreateRevisionResponse* response) {
  const Revision& revision = created.revision;
  response->set_revision(revision.links.id);
  response->mutable_revises()->Assign(revision.links.revises.begin(), revision.links.revises.end());
  response->set_file_name(revision.file_name);
  response->set_text(revision.text);
  response->set_hash(revision.hash);
  FillProto(created.changes, response->mutable_changes());
  FillProto(created.warnings, response->mutable_warnings());
  FillProto(created.unsupported, response->mutable_unsupported());
}

void Fill(const PendingChanges& pending, v1::CheckPendingResponse* response) {
  response->mutable_heads()->Assign(pending.heads.begin(), pending.heads.end());
  response->mutable_current()->Assign(pending.current.begin(), pending.current.end());
  FillProto(pending.model_changes, response->mutable_model_changes());
  response->set_has_model(pending.has_model);
  FillProto(pending.drift, response->mutable_drift());
  response->mutable_unmanaged_tables()->Assign(pending.unmanaged_tables.begin(), pending.unmanaged_tables.end());
  response->mutable_pending_revisions()->Assign(pending.pending_revisions.begin(), pending.pending_revisions.end());
  FillProto(pending.unsupported, response->mutable_unsupported());
  response->set_unfinished_revision(pending.unfinished_revision);
}

}  // namespace

grpc::ServerUnaryReactor* MigrationService::CreateRevision(grpc::CallbackServerContext* context,
                                                           const v1::CreateRevisionRequest* request,
                                                           v1::CreateRevisionResponse* response) {
  return parts_.calls.Serve(context, kCreateRevision, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCreateRevision, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.FinishJob(call, [this, call, request, response](absl::Time deadline) -> absl::Status {
      absl::optional<ModelSource> model;
      if (request->has_autogenerate()) model = schema::FromProto(request->autogenerate());
      BONNIE_ASSIGN_OR_RETURN(const CreatedRevision created,
                              parts_.sources.CreateRevision(FromProto(*request), model, absl::Now(), deadline));
      Fill(created, response);
      response->add_proven_on(parts_.site);
      if (call->is_forwarded() || !(request->has_sql() || request->has_autogenerate())) return absl::OkStatus();
      BONNIE_ASSIGN_OR_RETURN(const auto folder, parts_.dir.Load());
      ProveOnPeers(parts_.peers, *call, *request, folder->hash(), deadline, response);
      return absl::OkStatus();
    });
  });
}

grpc::ServerUnaryReactor* MigrationService::CheckPending(grpc::CallbackServerContext* context,
                                                         const v1::CheckPendingRequest* request,
                                                         v1::CheckPendingResponse* response) {
  return parts_.calls.Serve(context, kCheckPending, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCheckPending, request, response)) return;
    response->set_site(parts_.site);
    parts_.FinishJob(call, [this, request, response](absl::Time deadline) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(const PendingChanges pending,
                              parts_.sources.FindPending(schema::FromProto(request->model()), deadline));
      Fill(pending, response);
      return absl::OkStatus();
    });
  });
}

}  // namespace bonnie::schema
