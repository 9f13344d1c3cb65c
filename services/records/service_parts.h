#ifndef BONNIE_SERVICES_RECORDS_SERVICE_PARTS_H_
#define BONNIE_SERVICES_RECORDS_SERVICE_PARTS_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/data_access/executor.h"
#include "services/records/page_token.h"
#include "services/records/write.h"
#include "services/server/call.h"

namespace bonnie::records {

// What the services of one site share. All references are to thread-safe things that outlive the services.
struct ServiceParts {
  std::string site;
  server::Calls& calls;
  data_access::Executor& executor;
  const PageTokens& page_tokens;
  const Writer& writer;
  std::function<absl::Time()> now = absl::Now;

  absl::CivilDay Today() const { return absl::ToCivilDay(now(), absl::UTCTimeZone()); }

  // Runs `work(session)` on a database thread and ends the call with its answer. Does not block.
  template <class Work>
  void Finish(server::UnaryCall* call, Work work) const {
    executor.Run(call->budget(), [call, work = std::move(work)](absl::StatusOr<data_access::Session*> session) mutable {
      call->Finish(session.ok() ? work(**session) : session.status());
    });
  }
};

// The name of `method` within a site, such as bonnie.records.v1.PatientService/GetPatient.
inline std::string FullName(const server::Method& method) { return std::string(method.service) + "/" + method.name; }

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_SERVICE_PARTS_H_
