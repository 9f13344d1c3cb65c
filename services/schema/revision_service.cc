// MigrationService's methods that change where revisions are: merge, stamp, push.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/merge.h"
#include "services/schema/migration_push.h"
#include "services/schema/migration_service.h"
#include "services/schema/model_convert.h"
#include "services/schema/push_store.h"
#include "services/schema/stamp_service.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kMergeRevisions{kMigrationService, "MergeRevisions", absl::Seconds(5), absl::Seconds(15)};
constexpr server::Method kStampRevision{kMigrationService, "StampRevision", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kPushRevisions{kMigrationService, "PushRevisions", absl::Seconds(15), absl::Minutes(1)};

constexpr int kMaxWords = 100;
constexpr size_t kMaxMessageLength = 200;

using Violations = std::vector<server::FieldViolation>;

void CheckWords(const google::protobuf::RepeatedPtrField<std::string>& words, bool required, Violations& violations) {
  if (required && words.empty()) violations.push_back({"revisions", "want a revision word, such as head"});
  if (words.size() > kMaxWords) violations.push_back({"revisions", "want at most 100"});
  for (const std::string& word : words) {
    if (!word.empty() && word.size() <= kMaxWordLength) continue;
    violations.push_back({"revisions", "want words of 1 to 200 characters"});
    break;
  }
}

absl::Status Validate(const v1::MergeRevisionsRequest& request) {
  Violations violations;
  CheckWords(request.revisions(), /*required=*/false, violations);
  if (request.message().size() > kMaxMessageLength || request.message().find('\n') != std::string::npos) {
    violations.push_back({"message", "want at most 200 characters on one line"});
  }
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::StampRevisionRequest& request) {
  Violations violations;
  CheckWords(request.revisions(), /*required=*/true, violations);
  if (!request.from_tool().empty() && request.from_tool() != "alembic") {
    violations.push_back({"from_tool", "want alembic, or nothing"});
  }
  if (!AreCodes(request.allow())) violations.push_back({"allow", "want at most 100 codes, each of 1 to 64 characters"});
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::PushRevisionsRequest& request) {
  Violations violations;
  if (request.files().empty()) violations.push_back({"files", "want at least one"});
  return Verdict(std::move(violations));
}

absl::StatusOr<std::shared_ptr<const MigrationFolder>> FolderOf(const v1::MergeRevisionsRequest& request,
                                                                MigrationDir& dir) {
  if (request.files().empty()) return dir.Load();
  std::map<std::string, std::string> files;
  for (const v1::RevisionFile& file : request.files()) files[file.file_name()] = file.text();
  auto folder = MigrationFolder::Of(files);
  if (folder.ok()) return folder;
  auto details = server::DetailsOf(folder.status());
  return server::Error(absl::StatusCode::kInvalidArgument, folder.status().message(),
                       details.has_value() ? *details : server::ErrorDetails{.reason = "REVISION_FILE_INVALID"});
}

absl::Status Merge(const v1::MergeRevisionsRequest& request, MigrationDir& dir, v1::MergeRevisionsResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(auto folder, FolderOf(request, dir));
  MergeRequest merge{{request.revisions().begin(), request.revisions().end()},
                     request.message(),
                     request.branch_label(),
                     request.rev_id()};
  BONNIE_ASSIGN_OR_RETURN(Revision revision, MergeRevisions(*folder, merge, {}, absl::Now()));
  response->set_revision(revision.links.id);
  response->mutable_revises()->Assign(revision.links.revises.begin(), revision.links.revises.end());
  response->set_file_name(revision.file_name);
  response->set_text(revision.text);
  response->set_hash(revision.hash);
  return absl::OkStatus();
}

StampCall ToStampCall(const v1::StampRevisionRequest& request, const std::string& identity) {
  StampCall call{.stamp = {identity, {request.revisions().begin(), request.revisions().end()}, request.purge(), {}},
                 .from_tool = request.from_tool(),
                 .allow = {request.allow().begin(), request.allow().end()}};
  if (request.has_expected()) {
    call.stamp.expected.emplace(request.expected().revisions().begin(), request.expected().revisions().end());
  }
  return call;
}

absl::Status Stamp(const ServiceParts& parts, const Stamper& stamper, const StampCall& call,
                   const data_access::Budget& budget, v1::StampRevisionResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(const StampDone done, StampAsPlanned(parts, stamper, call, budget));
  response->mutable_from()->Assign(done.stamped.from.begin(), done.stamped.from.end());
  response->mutable_to()->Assign(done.stamped.to.begin(), done.stamped.to.end());
  response->set_operation_id(done.operation_id);
  if (call.from_tool.empty()) return absl::OkStatus();
  response->mutable_tool_revisions()->Assign(done.tool_revisions.begin(), done.tool_revisions.end());
  response->mutable_unmanaged_tables()->Assign(done.unmanaged_tables.begin(), done.unmanaged_tables.end());
  FillProto(done.unsupported, response->mutable_unsupported());
  return absl::OkStatus();
}

absl::Status Push(const v1::PushRevisionsRequest& request, const std::string& identity, MigrationDir& dir,
                  Session& session, v1::PushRevisionsResponse* response) {
  std::vector<PushedFile> files;
  for (const v1::RevisionFile& file : request.files()) files.push_back({file.file_name(), file.text(), file.hash()});
  const auto record = [&](const std::vector<AddedRevision>& added) { return RecordPushes(session, added, identity); };
  BONNIE_ASSIGN_OR_RETURN(PushResult result, PushFiles(dir.path(), files, /*observer=*/{}, record));
  response->mutable_added()->Assign(result.added.begin(), result.added.end());
  response->mutable_already_present()->Assign(result.present.begin(), result.present.end());
  response->set_folder_hash(result.folder_hash);
  return absl::OkStatus();
}

// Runs `work()` on a database thread, because it reads and writes files; whether the database answers does not matter.
template <class Work>
void FinishWithFiles(const ServiceParts& parts, UnaryCall* call, Work work) {
  parts.executor.Run(call->budget(), [call, work = std::move(work)](absl::StatusOr<Session*> session) {
    const auto fault = data_access::FaultOf(session.status());
    // Then this is gRPC's thread, and files would block it.
    if (fault.has_value() && fault->reason == "OVERLOADED") return call->Finish(session.status());
    call->Finish(work());
  });
}

}  // namespace

grpc::ServerUnaryReactor* MigrationService::MergeRevisions(grpc::CallbackServerContext* context,
                                                           const v1::MergeRevisionsRequest* request,
                                                           v1::MergeRevisionsResponse* response) {
  return parts_.calls.Serve(context, kMergeRevisions, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kMergeRevisions, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    FinishWithFiles(parts_, call, [this, request, response] { return Merge(*request, parts_.dir, response); });
  });
}

grpc::ServerUnaryReactor* MigrationService::StampRevision(grpc::CallbackServerContext* context,
                                                          const v1::StampRevisionRequest* request,
                                                          v1::StampRevisionResponse* response) {
  return parts_.calls.Serve(context, kStampRevision, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kStampRevision, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    const data_access::Budget budget = call->budget();
    const StampCall stamp = ToStampCall(*request, call->identity().substr(0, kMaxIdentityLength));
    parts_.FinishJob(
        call, [this, stamp, response, budget](absl::Time) { return Stamp(parts_, stamper_, stamp, budget, response); });
  });
}

grpc::ServerUnaryReactor* MigrationService::PushRevisions(grpc::CallbackServerContext* context,
                                                          const v1::PushRevisionsRequest* request,
                                                          v1::PushRevisionsResponse* response) {
  return parts_.calls.Serve(context, kPushRevisions, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kPushRevisions, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    response->set_site(parts_.site);
    parts_.Finish(call, [this, request, response, identity = call->identity().substr(0, kMaxIdentityLength)](
                            Session& session) { return Push(*request, identity, parts_.dir, session, response); });
  });
}

}  // namespace bonnie::schema
