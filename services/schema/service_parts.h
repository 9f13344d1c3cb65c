#ifndef BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_
#define BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/executor.h"
#include "services/data_access/fault.h"
#include "services/schema/migration_dir.h"
#include "services/schema/schema_sources.h"
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
  data_access::Executor& jobs;  // threads for what takes seconds
  SchemaSources& sources;
  Planner& planner;

  // kFailedPrecondition SITE_NOT_LOCAL: a request's site is neither empty nor this one.
  absl::Status CheckLocal(absl::string_view requested) const {
    if (requested.empty() || requested == site) return absl::OkStatus();
    return server::Error(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("site: this service serves '", site, "' only; call the other site's own schema service"),
        {.reason = "SITE_NOT_LOCAL", .metadata = {{"site", site}}});
  }

  // Runs `work(session)` on a database thread and ends the call with its answer. Does not block.
  template <class Work>
  void Finish(server::UnaryCall* call, Work work) const {
    executor.Run(call->budget(), [call, work = std::move(work)](absl::StatusOr<data_access::Session*> session) mutable {
      call->Finish(session.ok() ? work(**session) : session.status());
    });
  }

  // Runs `work(deadline)`, which may block, on a thread for jobs and ends the call with its answer. Does not block.
  template <class Work>
  void FinishJob(server::UnaryCall* call, Work work) const {
    const bool taken = jobs.RunWork(
        [call, work = std::move(work)]() mutable { call->Finish(work(call->budget().deadline)); });
    if (!taken) call->Finish(data_access::OverloadedError("too many schema jobs wait already"));
  }
};

// A request that breaks rules on these fields.
inline absl::Status InvalidRequest(std::vector<server::FieldViolation> violations) {
  std::string message;
  for (const server::FieldViolation& violation : violations) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, ": ", violation.description);
  }
  return server::Error(absl::StatusCode::kInvalidArgument, message,
                       {.reason = "INVALID_REQUEST", .violations = std::move(violations)});
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SERVICE_PARTS_H_
