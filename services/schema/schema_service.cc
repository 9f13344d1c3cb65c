#include "services/schema/schema_service.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "services/data_access/error_table.h"
#include "services/data_access/status_macros.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/ledger_statement.h"
#include "services/schema/site_facts.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kCheckSite{"bonnie.schema.v1.SchemaService", "CheckSite", absl::Seconds(5), absl::Seconds(15)};

}  // namespace

grpc::ServerUnaryReactor* SchemaService::CheckSite(grpc::CallbackServerContext* context,
                                                   const v1::CheckSiteRequest* request,
                                                   v1::CheckSiteResponse* response) {
  return parts_.calls.Serve(context, kCheckSite, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCheckSite, request, response)) return;
    parts_.Finish(call, [this, response](Session& session) { return FillSite(session, response); });
  });
}

absl::Status SchemaService::FillSite(Session& session, v1::CheckSiteResponse* response) const {
  response->set_site(parts_.site);
  response->set_service_version(parts_.version);
  response->set_server_flavour(std::string(FlavourName(session.flavour())));
  response->set_server_version(session.facts().version);
  response->set_tls_version(session.facts().tls_version);
  BONNIE_ASSIGN_OR_RETURN(*response->mutable_database(), ReadDatabaseName(session));
  BONNIE_ASSIGN_OR_RETURN(auto variables, ReadDdlVariables(session));
  response->mutable_variables()->insert(variables.begin(), variables.end());
  BONNIE_ASSIGN_OR_RETURN(std::vector<GrantFact> grants, ReadGrants(session));
  for (const GrantFact& fact : grants) {
    v1::Grant* grant = response->add_grants();
    grant->set_privilege(fact.privilege);
    grant->set_present(fact.present);
    grant->set_needed_for(fact.needed_for);
  }
  return FillLedger(session, response);
}

absl::Status SchemaService::FillLedger(Session& session, v1::CheckSiteResponse* response) const {
  const absl::Status usable = CheckLedger(session);
  if (server::IsLedgerError(usable)) return absl::OkStatus();  // ledger_present stays false
  BONNIE_RETURN_IF_ERROR(usable);
  response->set_ledger_present(true);
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, ReadLedger(session));
  for (const auto& [id, hash] : ledger.heads) response->add_current_revisions(id);
  BONNIE_ASSIGN_OR_RETURN(absl::optional<LeaseHolder> holder, CurrentHolder(session));
  if (holder.has_value()) {
    v1::LeaseHolder* lease = response->mutable_lease();
    lease->set_identity(holder->identity);
    lease->set_connection_id(holder->connection_id);
    lease->set_fence(holder->fence);
    return absl::OkStatus();  // what it has not finished is in work, not cut off
  }
  if (!ledger.unfinished.has_value()) return absl::OkStatus();
  const Unfinished& cut = *ledger.unfinished;
  v1::UnfinishedOperation* unfinished = response->mutable_unfinished();
  unfinished->set_operation_id(cut.operation_id);
  unfinished->set_revision(cut.revision);
  unfinished->set_statements_done(static_cast<int>(
      std::count_if(cut.steps.begin(), cut.steps.end(), [](const auto& step) { return step.second.done; })));
  auto folder = parts_.dir.Load();
  if (folder.ok() && (*folder)->graph().Contains(cut.revision)) {  // else the total is not known, and says 0
    const Revision& revision = (*folder)->at(cut.revision);
    const size_t total = cut.direction == Direction::kUp ? revision.up.size()
                         : revision.down.has_value()     ? revision.down->size()
                                                         : 0;
    unfinished->set_statements_total(static_cast<int>(total));
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
