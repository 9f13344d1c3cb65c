#ifndef BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_
#define BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_

#include <google/protobuf/repeated_field.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "services/data_access/executor.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/fair_jobs.h"
#include "services/schema/forwarding.h"
#include "services/schema/migration_dir.h"
#include "services/schema/peers.h"
#include "services/schema/schema_sources.h"
#include "services/schema/scratch_use.h"
#include "services/server/call.h"
#include "services/server/error.h"

namespace bonnie::schema {

class Planner;

// What the services of one site share. All references are to thread-safe things that outlive the services.
struct ServiceParts {
  std::string site;
  std::string version;  // of the binary
  server::Calls& calls;
  data_access::Executor& executor;
  MigrationDir& dir;
  FairJobs& jobs;                    // for what takes seconds
  FairJobs& peer_jobs;               // the same for peers: sites that ask each other wait for no thread of each other's
  data_access::Executor& controls;   // threads for what waits for an operation
  SchemaSources& sources;
  Planner& planner;
  Peers& peers;

  // Whether `requested` is this site.
  bool IsLocal(absl::string_view requested) const { return requested.empty() || requested == site; }

  // Whether the caller has the right that the request requires. Checked here even when the call is passed on to a peer:
  // the peer checks the rights of this service and of the person, and does not know the console that called this
  // service. kPermissionDenied RIGHT_MISSING.
  template <class Call, class Request>
  static absl::Status CheckRight(const Call& call, const Request& request) {
    const std::string why = WhyScratch(request);
    return why.empty() ? absl::OkStatus() : call.Require(config::v1::RIGHT_EXECUTE_IN_SCRATCH, why);
  }

  // The first thing in every handler. Passes a call whose request names a peer's site on to that peer, and answers
  // true: the call is finished elsewhere. So is one that names no known site, or a third one after it was forwarded
  // once (kFailedPrecondition SITE_NOT_LOCAL), and one whose caller lacks a right (CheckRight). Does not block; both
  // messages live until the call is finished.
  template <class Request, class Response>
  bool Elsewhere(server::UnaryCall* call, const server::Method& method, const Request* request,
                 Response* response) const {
    if (absl::Status right = CheckRight(*call, *request); !right.ok()) {
      call->Finish(right);
      return true;
    }
    const std::string& requested = request->site();
    if (IsLocal(requested)) return false;
    if (call->is_forwarded() || peers.ChannelTo(requested) == nullptr) {
      call->Finish(NotLocal(requested, call->is_forwarded()));
    } else {
      ForwardUnary(peers, call, method, requested, request, response);
    }
    return true;
  }

  // The same for a stream, which has ended when this answers with its status; nullopt: go on, it is for this site.
  template <class Stub, class Request, class Response>
  absl::optional<absl::Status> Elsewhere(
      server::StreamCall& call,
      std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*, const Request&),
      const Request& request, grpc::ServerWriter<Response>* writer) const {
    if (absl::Status right = CheckRight(call, request); !right.ok()) return right;
    if (IsLocal(request.site())) return absl::nullopt;
    if (call.is_forwarded() || peers.ChannelTo(request.site()) == nullptr) {
      return NotLocal(request.site(), call.is_forwarded());
    }
    return ForwardStream(peers, call, request.site(), method, request, writer);
  }

  // Whether this site can read a schema of `requested`: its own, or for a request that no peer passed on, a peer's.
  // kFailedPrecondition SITE_NOT_LOCAL.
  absl::Status CheckSourceSite(const std::string& requested, bool was_forwarded) const {
    if (IsLocal(requested) || (!was_forwarded && peers.ChannelTo(requested) != nullptr)) return absl::OkStatus();
    return NotLocal(requested, was_forwarded);
  }

  // "azure, gcp".
  std::string KnownSites() const {
    std::string known = site;
    for (const Peers::Peer& peer : peers.all()) absl::StrAppend(&known, ", ", peer.site);
    return known;
  }

  absl::Status NotLocal(absl::string_view requested, bool was_forwarded) const {
    const std::string known = KnownSites();
    const std::string why =
        was_forwarded ? "; it came from a peer, and is passed on only once" : absl::StrCat(", which knows ", known);
    return server::Error(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("site: '", requested.substr(0, 32), "' is not served by site ", site, why),
                         {.reason = "SITE_NOT_LOCAL", .metadata = {{"site", site}, {"known_sites", known}}});
  }

  // Runs `work(session)` on a database thread and ends the call with its answer. Does not block.
  template <class Work>
  void Finish(server::UnaryCall* call, Work work) const {
    executor.Run(call->budget(), [call, work = std::move(work)](absl::StatusOr<data_access::Session*> session) mutable {
      call->Finish(session.ok() ? work(**session) : session.status());
    });
  }

  // Runs `work(deadline)`, which may block, on a thread for jobs, after the caller's jobs before it, and ends the call
  // with its answer. Does not block.
  template <class Work>
  void FinishJob(server::UnaryCall* call, Work work) const {
    JobsFor(*call).Run(call->identity(), call->budget(), [call, work = std::move(work)](absl::Status start) mutable {
      call->Finish(start.ok() ? work(call->budget().deadline) : start);
    });
  }

  // Runs `work()`, which answers a StatusOr, in the same way for a stream; blocks until it has ended.
  template <class Work>
  auto AwaitJob(const server::StreamCall& call, Work work) const -> decltype(work()) {
    decltype(work()) answer = absl::UnknownError("the job has not run");
    BONNIE_RETURN_IF_ERROR(JobsFor(call).RunAndWait(call.identity(), call.budget(), [&] {
      answer = work();
      return absl::OkStatus();
    }));
    return answer;
  }

  // Runs `work(deadline)` on a thread where it may wait for an operation, and ends the call with its answer. Does not
  // block.
  template <class Work>
  void FinishControl(server::UnaryCall* call, Work work) const {
    const bool taken =
        controls.RunWork([call, work = std::move(work)]() mutable { call->Finish(work(call->budget().deadline)); });
    if (!taken) call->Finish(data_access::OverloadedError("too many calls of this kind wait already"));
  }

 private:
  template <class Call>
  FairJobs& JobsFor(const Call& call) const {
    return call.is_forwarded() ? peer_jobs : jobs;
  }
};

inline constexpr char kMigrationService[] = "bonnie.schema.v1.MigrationService";
inline constexpr char kSchemaService[] = "bonnie.schema.v1.SchemaService";
inline constexpr int kMaxPageSize = 500;           // rows of a list
inline constexpr size_t kMaxWordLength = 200;      // bytes of a revision word
inline constexpr size_t kMaxIdentityLength = 512;  // characters of the ledger's columns
inline constexpr int kMaxCodes = 100;              // of findings, in one request
inline constexpr size_t kMaxCodeLength = 64;       // bytes of such a code

// A request that breaks rules on these fields.
inline absl::Status InvalidRequest(std::vector<server::FieldViolation> violations) {
  std::string message;
  for (const server::FieldViolation& violation : violations) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, ": ", violation.description);
  }
  return server::Error(absl::StatusCode::kInvalidArgument, message,
                       {.reason = "INVALID_REQUEST", .violations = std::move(violations)});
}

// Whether they can be codes of findings: they are kept in one column, separated by commas.
inline bool AreCodes(const google::protobuf::RepeatedPtrField<std::string>& codes) {
  for (const std::string& code : codes) {
    if (code.empty() || code.size() > kMaxCodeLength || code.find(',') != std::string::npos) return false;
  }
  return codes.size() <= kMaxCodes;
}

// OK when no field breaks a rule.
inline absl::Status Verdict(std::vector<server::FieldViolation> violations) {
  return violations.empty() ? absl::OkStatus() : InvalidRequest(std::move(violations));
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_
