#include "services/schema/peer_proofs.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/data_access/status_macros.h"
#include "services/schema/forwarding.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr char kUp[] = "-- migrate:up\n";
constexpr char kDown[] = "-- migrate:down\n";
constexpr absl::Duration kFirstAnswer = absl::Seconds(2);  // a peer that is away must not hold up who writes a revision
constexpr absl::Duration kReserve = absl::Milliseconds(500);

// What was made here, as statements that a peer is given: it must not make others of the model.
v1::CreateRevisionRequest Given(const v1::CreateRevisionRequest& request, const v1::CreateRevisionResponse& made) {
  v1::CreateRevisionRequest given = request;
  given.set_rev_id(made.revision());
  const std::string& text = made.text();
  const size_t up = text.find(kUp), down = text.find(kDown);
  v1::RevisionSql* sql = given.mutable_sql();
  const size_t begin = up == std::string::npos ? text.size() : up + sizeof(kUp) - 1;
  sql->set_up(text.substr(begin, down == std::string::npos ? down : down - begin));
  sql->clear_down();
  if (down != std::string::npos) sql->set_down(text.substr(down + sizeof(kDown) - 1));
  return given;
}

// OK: proven. kAborted: its folder is another.
absl::Status ProveOn(const Peers& peers, const server::UnaryCall& call, v1::CreateRevisionRequest request,
                     const std::string& site, const std::string& folder_hash, absl::Time deadline) {
  v1::ListRevisionsRequest list;
  list.set_site(site);
  list.set_page_size(1);
  const absl::Time soon = std::min(deadline, absl::Now() + kFirstAnswer);
  BONNIE_ASSIGN_OR_RETURN(const v1::ListRevisionsResponse revisions,
                          Ask(peers, call, site, soon, &v1::MigrationService::Stub::ListRevisions, list));
  if (revisions.folder_hash() != folder_hash) {
    return absl::AbortedError("its migrations folder is another; `bonnie --site all schema push` makes them the same");
  }
  request.set_site(site);
  return Ask(peers, call, site, deadline, &v1::MigrationService::Stub::CreateRevision, request).status();
}

// The server looked at the statements and said no, as against a peer that could not be asked.
bool IsRefusal(const absl::Status& status) {
  const auto details = server::DetailsOf(status);
  return details.has_value() && (details->reason == "STATEMENT_REFUSED" || details->reason == "STATEMENT_FAILED" ||
                                 details->reason == "REVISION_FILE_INVALID");
}

}  // namespace

void ProveOnPeers(const Peers& peers, const server::UnaryCall& call, const v1::CreateRevisionRequest& request,
                  const std::string& folder_hash, absl::Time deadline, v1::CreateRevisionResponse* response) {
  const v1::CreateRevisionRequest given = Given(request, *response);
  std::vector<absl::Status> outcomes(peers.all().size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back(
        [&, i] { outcomes[i] = ProveOn(peers, call, given, peers.all()[i].site, folder_hash, deadline - kReserve); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const std::string& site = peers.all()[i].site;
    if (outcomes[i].ok()) {
      response->add_proven_on(site);
      continue;
    }
    const bool refused = IsRefusal(outcomes[i]);
    v1::RevisionWarning* warning = response->add_warnings();
    warning->set_code(refused ? "refused" : "not-proven");
    warning->set_description(absl::StrCat(refused ? "the server of site " : "not proven on site ", site,
                                          refused ? " refuses it: " : ": ", outcomes[i].message()));
  }
}

}  // namespace bonnie::schema
