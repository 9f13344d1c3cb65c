#include "services/schema/migration_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/convert.h"
#include "services/schema/ledger.h"
#include "services/schema/operation_stream.h"
#include "services/schema/planner.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kListRevisions{kMigrationService, "ListRevisions", absl::Seconds(5), absl::Seconds(15)};
constexpr server::Method kGetRevision{kMigrationService, "GetRevision", absl::Seconds(5), absl::Seconds(15)};
constexpr server::Method kGetCurrent{kMigrationService, "GetCurrent", absl::Seconds(5), absl::Seconds(15)};
constexpr server::Method kApplyPlan{.service = kMigrationService,
                                    .name = "ApplyPlan",
                                    .default_deadline = absl::InfiniteDuration(),
                                    .max_deadline = absl::InfiniteDuration(),
                                    .pool = server::StreamPool::kApplying};

constexpr absl::Duration kReserve = absl::Milliseconds(500);  // to answer from the files when the database does not

void CheckWord(absl::string_view field, absl::string_view word, bool required,
               std::vector<server::FieldViolation>& violations) {
  if (required && word.empty()) violations.push_back({std::string(field), "want a revision word, such as head"});
  if (word.size() > kMaxWordLength) violations.push_back({std::string(field), "want at most 200 characters"});
}

absl::Status Validate(const v1::ListRevisionsRequest& request) {
  std::vector<server::FieldViolation> violations;
  CheckWord("range", request.range(), /*required=*/false, violations);
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize)
    violations.push_back({"page_size", "want 0 to 500"});
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::GetRevisionRequest& request) {
  std::vector<server::FieldViolation> violations;
  CheckWord("revision", request.revision(), /*required=*/true, violations);
  return Verdict(std::move(violations));
}

absl::Status Validate(const v1::ApplyPlanRequest& request) {
  std::vector<server::FieldViolation> violations;
  if (request.fingerprint().empty())
    violations.push_back({"fingerprint", "want the fingerprint that PlanMigration answered"});
  return Verdict(std::move(violations));
}

// A page token is the folder's hash and the place to go on from: revisions are no secret.
absl::StatusOr<size_t> PageStart(const MigrationFolder& folder, const std::string& token) {
  if (token.empty()) return 0;
  const std::vector<std::string> parts = absl::StrSplit(token, ' ');
  size_t start = 0;
  if (parts.size() != 2 || parts[0] != folder.hash() || !absl::SimpleAtoi(parts[1], &start)) {
    return server::Error(absl::StatusCode::kInvalidArgument,
                         "page_token: not of this list, or the revisions changed since; begin anew",
                         {.reason = "PAGE_TOKEN_INVALID"});
  }
  return start;
}

absl::Status List(const MigrationFolder& folder, const LedgerState* ledger, const v1::ListRevisionsRequest& request,
                  v1::ListRevisionsResponse* response) {
  const std::vector<std::string> current = ledger != nullptr ? ledger->HeadIds() : std::vector<std::string>();
  BONNIE_ASSIGN_OR_RETURN(std::vector<std::string> ids, folder.graph().Range(request.range(), current));
  BONNIE_ASSIGN_OR_RETURN(size_t at, PageStart(folder, request.page_token()));
  const size_t page_size = request.page_size() == 0 ? kMaxPageSize : request.page_size();
  const size_t end = std::min(ids.size(), at + page_size);
  const Applied applied = ledger != nullptr ? AppliedOf(folder, *ledger) : Applied();
  for (; at < end; ++at) *response->add_revisions() = ToProto(folder, ids[at], ledger != nullptr ? &applied : nullptr);
  if (end < ids.size()) response->set_next_page_token(absl::StrCat(folder.hash(), " ", end));
  const std::vector<std::string>& heads = folder.graph().heads();
  response->mutable_heads()->Assign(heads.begin(), heads.end());
  response->set_folder_hash(folder.hash());
  return absl::OkStatus();
}

absl::Status Get(const MigrationFolder& folder, const LedgerState* ledger, const v1::GetRevisionRequest& request,
                 v1::GetRevisionResponse* response) {
  const std::vector<std::string> current = ledger != nullptr ? ledger->HeadIds() : std::vector<std::string>();
  absl::StatusOr<std::string> id = folder.graph().One(request.revision(), current);
  if (!id.ok()) {
    const auto details = server::DetailsOf(id.status());
    if (!details.has_value() || details->reason != "REVISION_UNKNOWN") return id.status();
    return server::Error(absl::StatusCode::kNotFound, id.status().message(), *details);
  }
  const Applied applied = ledger != nullptr ? AppliedOf(folder, *ledger) : Applied();
  *response->mutable_revision() = ToProto(folder, *id, ledger != nullptr ? &applied : nullptr);
  response->mutable_revision()->set_text(folder.at(*id).text);
  return absl::OkStatus();
}

// Words that mean something else when it is not known what is applied.
bool NeedsLedger(absl::string_view words) {
  return words.find_first_of("+-") != absl::string_view::npos || words.find("current") != absl::string_view::npos;
}

// Calls `answer(ledger)` on a database thread, with null when the database does not answer and `words` can do without
// it. kUnavailable OVERLOADED: too many calls wait for those threads.
template <class Answer>
void AnswerWithOrWithoutLedger(const ServiceParts& parts, UnaryCall* call, std::string words, Answer answer) {
  data_access::Budget budget = call->budget();
  budget.deadline -= std::min(kReserve, (budget.deadline - absl::Now()) / 2);
  const std::thread::id callers = std::this_thread::get_id();
  parts.executor.Run(budget, [call, words = std::move(words), answer, callers](absl::StatusOr<Session*> session) {
    // Refused: this is gRPC's thread, which must not read files.
    if (std::this_thread::get_id() == callers) return call->Finish(session.status());
    absl::StatusOr<LedgerState> ledger = session.ok() ? ReadLedger(**session) : session.status();
    if (!ledger.ok() && NeedsLedger(words)) return call->Finish(ledger.status());
    if (!ledger.ok()) call->Note("database", absl::StatusCodeToString(ledger.status().code()));
    call->Finish(answer(ledger.ok() ? &*ledger : nullptr));
  });
}

absl::Status FillCurrent(Session& session, const MigrationFolder& folder, v1::GetCurrentResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, ReadLedger(session));
  const Applied applied = AppliedOf(folder, ledger);
  for (const std::string& id : applied.heads) {
    if (!folder.graph().Contains(id)) return CheckApplied(folder, ledger);  // names it
    *response->add_revisions() = ToProto(folder, id, &applied);
  }
  response->set_pending(static_cast<int>(folder.graph().order().size() - applied.revisions.size()));
  if (ledger.unfinished.has_value()) response->set_unfinished_revision(ledger.unfinished->revision);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* MigrationService::ListRevisions(grpc::CallbackServerContext* context,
                                                          const v1::ListRevisionsRequest* request,
                                                          v1::ListRevisionsResponse* response) {
  return parts_.calls.Serve(context, kListRevisions, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kListRevisions, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    AnswerWithOrWithoutLedger(parts_, call, request->range(),
                              [this, request, response](const LedgerState* ledger) -> absl::Status {
                                BONNIE_ASSIGN_OR_RETURN(auto folder, parts_.dir.Load());
                                return List(*folder, ledger, *request, response);
                              });
  });
}

grpc::ServerUnaryReactor* MigrationService::GetRevision(grpc::CallbackServerContext* context,
                                                        const v1::GetRevisionRequest* request,
                                                        v1::GetRevisionResponse* response) {
  return parts_.calls.Serve(context, kGetRevision, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kGetRevision, request, response)) return;
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    AnswerWithOrWithoutLedger(parts_, call, request->revision(),
                              [this, request, response](const LedgerState* ledger) -> absl::Status {
                                BONNIE_ASSIGN_OR_RETURN(auto folder, parts_.dir.Load());
                                return Get(*folder, ledger, *request, response);
                              });
  });
}

grpc::ServerUnaryReactor* MigrationService::GetCurrent(grpc::CallbackServerContext* context,
                                                       const v1::GetCurrentRequest* request,
                                                       v1::GetCurrentResponse* response) {
  return parts_.calls.Serve(context, kGetCurrent, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kGetCurrent, request, response)) return;
    response->set_site(parts_.site);
    parts_.Finish(call, [this, response](Session& session) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(auto folder, parts_.dir.Load());
      return FillCurrent(session, *folder, response);
    });
  });
}

grpc::Status MigrationService::ApplyPlan(grpc::ServerContext* context, const v1::ApplyPlanRequest* request,
                                         grpc::ServerWriter<v1::ApplyPlanResponse>* writer) {
  return parts_.calls.ServeStream(context, kApplyPlan, [&](server::StreamCall& call) -> absl::Status {
    if (auto elsewhere = parts_.Elsewhere(call, &v1::MigrationService::Stub::ApplyPlan, *request, writer)) {
      return *elsewhere;
    }
    BONNIE_RETURN_IF_ERROR(Validate(*request));
    BONNIE_ASSIGN_OR_RETURN(
        ApplyRequest apply,
        parts_.planner.ToApply(*request, call.identity().substr(0, kMaxIdentityLength), call.budget()));
    const std::shared_ptr<Operation> operation = operations_.Start(std::move(apply));
    call.Note("operation", operation->id());
    return StreamOperation(*operation, /*after=*/0, call,
                           [&](const v1::ApplyPlanResponse& event) { return call.Write(writer, event); });
  });
}

}  // namespace bonnie::schema
