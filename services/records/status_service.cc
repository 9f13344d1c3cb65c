#include "services/records/status_service.h"

#include <grpcpp/alarm.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "services/data_access/error_table.h"
#include "services/data_access/pool.h"
#include "services/data_access/status_macros.h"
#include "services/records/database_facts.h"
#include "services/records/medical_records.h"
#include "services/records/patients.h"

namespace bonnie::records {
namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kGetStatus{"bonnie.records.v1.StatusService", "GetStatus", absl::Seconds(5),
                                    absl::Seconds(15)};
absl::Status FillFromDatabase(Session& db, v1::GetStatusResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(const bool read_only, IsReadOnly(db));
  response->mutable_database()->set_reachable(true);
  response->mutable_database()->set_read_only(read_only);
  response->mutable_database()->set_flavour(std::string(FlavourName(db.flavour())));
  response->mutable_database()->set_version(db.facts().version);
  response->mutable_database()->set_tls_version(db.facts().tls_version);
  BONNIE_ASSIGN_OR_RETURN(const std::vector<std::string> heads, ReadSchemaHeads(db));
  response->mutable_schema_revisions()->Assign(heads.begin(), heads.end());
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t patients, CountPatients(db, /*show_deleted=*/false));
  response->set_patients(patients);
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t records, CountMedicalRecords(db, 0, /*show_deleted=*/false));
  response->set_medical_records(records);
  return absl::OkStatus();
}

// The answer to one call, given once: by the database thread, or by the alarm when the database holds that up (a frozen
// server holds a thread for as long as the driver waits).
struct Answer {
  Answer(UnaryCall* the_call, v1::GetStatusResponse* the_response)
      : call(the_call), response(the_response), with_database(*the_response) {}

  void Give() {
    if (given.exchange(true)) return;
    if (has_database) response->Swap(&with_database);
    alarm.Cancel();
    call->Finish(absl::OkStatus());
  }

  UnaryCall* const call;                  // not after it was given
  v1::GetStatusResponse* const response;  // the same
  v1::GetStatusResponse with_database;    // the database thread's, until it sets has_database
  std::atomic<bool> has_database{false};
  std::atomic<bool> given{false};
  grpc::Alarm alarm;
};

}  // namespace

StatusService::StatusService(ServiceParts parts, std::string version, int max_sessions)
    : parts_(std::move(parts)), version_(std::move(version)), max_sessions_(max_sessions), started_(parts_.now()) {}

void StatusService::FillFromMemory(v1::GetStatusResponse* response) const {
  response->set_site(parts_.site);
  response->set_version(version_);
  const absl::Duration uptime = parts_.now() - started_;
  response->mutable_uptime()->set_seconds(absl::ToInt64Seconds(uptime));
  response->mutable_uptime()->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(uptime % absl::Seconds(1))));
  response->set_wanted_schema_revision(kWantedRevision);
  response->set_calls_in_flight(parts_.calls.in_flight());
  if (const absl::optional<data_access::ServerFacts> server = parts_.executor.pool().server(); server.has_value()) {
    response->mutable_database()->set_flavour(std::string(FlavourName(server->flavour)));
    response->mutable_database()->set_version(server->version);
    response->mutable_database()->set_tls_version(server->tls_version);
    response->mutable_database()->set_read_only(server->read_only);
  }
  const data_access::PoolStats stats = parts_.executor.pool().stats();
  v1::PoolStatus* pool = response->mutable_pool();
  pool->set_open(static_cast<int>(stats.open));
  pool->set_idle(static_cast<int>(stats.idle));
  pool->set_in_use(static_cast<int>(stats.in_use));
  pool->set_max_sessions(max_sessions_);
  pool->set_queued(static_cast<int>(parts_.executor.queued()));
}

grpc::ServerUnaryReactor* StatusService::GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
                                                   v1::GetStatusResponse* response) {
  return parts_.calls.Serve(context, kGetStatus, response, [&](UnaryCall* call) {
    FillFromMemory(response);
    data_access::Budget budget = call->budget();
    budget.deadline -= (budget.deadline - absl::Now()) / 2;  // the rest is for an answer without the database
    auto answer = std::make_shared<Answer>(call, response);
    answer->alarm.Set(absl::ToChronoTime(budget.deadline),
                      [answer](bool /*on_time*/) mutable { std::exchange(answer, nullptr)->Give(); });
    parts_.executor.Run(budget, [answer](absl::StatusOr<Session*> session) {
      if (session.ok()) {
        FillFromDatabase(**session, &answer->with_database).IgnoreError();  // what it got as far as is an answer too
        answer->has_database = true;
      }
      answer->Give();
    });
  });
}

}  // namespace bonnie::records
