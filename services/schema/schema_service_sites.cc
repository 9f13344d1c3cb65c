// SchemaService's handlers that ask several sites.
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/data_access/status_macros.h"
#include "services/schema/forwarding.h"
#include "services/schema/parity.h"
#include "services/schema/peer_schema.h"
#include "services/schema/schema_service.h"

namespace bonnie::schema {

namespace {

using data_access::Session;
using server::UnaryCall;

constexpr server::Method kListSites{kSchemaService, "ListSites", absl::Seconds(2), absl::Seconds(10)};
constexpr server::Method kCheckParity{kSchemaService, "CheckParity", absl::Seconds(30), absl::Minutes(10)};

constexpr absl::Duration kProbeTime = absl::Seconds(1);       // for a peer to say that it is there
constexpr absl::Duration kFirstAnswer = absl::Seconds(5);     // for its facts; a frozen one is given up here
constexpr absl::Duration kReserveForPeers = absl::Milliseconds(500);  // to answer without a peer that is late
constexpr int kMaxSites = 100;

// A round of questions to all peers, ended by whichever answer comes last.
struct Round {
  std::vector<std::unique_ptr<Onward>> onward;
  v1::ListSitesRequest request;
  std::vector<v1::ListSitesResponse> answers;
  std::atomic<int> left{0};
};

void FillPeer(const absl::Status& answer, const v1::ListSitesResponse& sites, v1::Site* peer) {
  peer->set_state(answer.ok()                   ? v1::SITE_STATE_SERVING
                  : absl::IsUnavailable(answer) ? v1::SITE_STATE_UNREACHABLE
                                                : v1::SITE_STATE_REFUSING);
  peer->set_error(std::string(answer.message()));
  for (const v1::Site& site : sites.sites()) {
    if (site.local()) peer->set_service_version(site.service_version());
  }
}

// Does not block. `response` has the peers' rows, after the own one.
void AskPeers(const Peers& peers, UnaryCall* call, v1::ListSitesResponse* response) {
  auto round = std::make_shared<Round>();
  const absl::Time deadline = std::min(call->budget().deadline, absl::Now() + kProbeTime);
  const int count = static_cast<int>(peers.all().size());
  round->answers.resize(peers.all().size());
  round->left = count;
  for (const Peers::Peer& peer : peers.all()) {
    round->onward.push_back(std::make_unique<Onward>(peers, *call, peer.site, deadline));
  }
  for (int i = 0; i < count; ++i) {
    Onward& onward = *round->onward[static_cast<size_t>(i)];
    v1::ListSitesResponse* answer = &round->answers[static_cast<size_t>(i)];
    v1::Site* row = response->mutable_sites(i + 1);
    grpc::TemplatedGenericStub<v1::ListSitesRequest, v1::ListSitesResponse> stub(onward.channel);
    stub.UnaryCall(&onward.context, absl::StrCat("/", kListSites.service, "/", kListSites.name), {}, &round->request,
                   answer, [round, call, &onward, answer, row](const grpc::Status& status) {
                     FillPeer(PeerAnswer(onward.peer, status), *answer, row);
                     if (round->left.fetch_sub(1) == 1) call->Finish(absl::OkStatus());
                   });
  }
}

// All that parity wants to know of a peer. Blocks.
absl::Status GatherFromPeer(const Peers& peers, const UnaryCall& call, absl::Time deadline, SiteFacts* facts) {
  v1::CheckSiteRequest check;
  check.set_site(facts->site);
  const absl::Time soon = std::min(deadline, absl::Now() + kFirstAnswer);
  BONNIE_ASSIGN_OR_RETURN(facts->check,
                          Ask(peers, call, facts->site, soon, &v1::SchemaService::Stub::CheckSite, check));
  v1::ListRevisionsRequest list;
  list.set_site(facts->site);
  list.set_page_size(1);
  BONNIE_ASSIGN_OR_RETURN(const v1::ListRevisionsResponse revisions,
                          Ask(peers, call, facts->site, deadline, &v1::MigrationService::Stub::ListRevisions, list));
  facts->folder_heads.assign(revisions.heads().begin(), revisions.heads().end());
  facts->folder_hash = revisions.folder_hash();
  BONNIE_ASSIGN_OR_RETURN(facts->schema, ReadPeerSchema(peers, call, facts->site, {}, deadline));
  return absl::OkStatus();
}

std::vector<server::FieldViolation> ViolationsOf(const ServiceParts& parts, const v1::CheckParityRequest& request) {
  std::vector<server::FieldViolation> violations;
  std::set<std::string> seen;
  if (request.sites_size() > kMaxSites) violations.push_back({"sites", "want at most 100"});
  for (int i = 0; i < request.sites_size(); ++i) {
    const std::string& site = request.sites(i);
    const std::string field = absl::StrCat("sites[", i, "]");
    if (site != parts.site && parts.peers.ChannelTo(site) == nullptr) {
      violations.push_back({field, absl::StrCat("want one of ", parts.KnownSites())});
    } else if (!seen.insert(site).second) {
      violations.push_back({field, "is there twice"});
    }
  }
  return violations;
}

std::vector<SiteFacts> Wanted(const ServiceParts& parts, const v1::CheckParityRequest& request) {
  std::vector<SiteFacts> wanted;
  for (const std::string& site : request.sites()) wanted.emplace_back().site = site;
  if (!wanted.empty()) return wanted;
  wanted.emplace_back().site = parts.site;
  for (const Peers::Peer& peer : parts.peers.all()) wanted.emplace_back().site = peer.site;
  return wanted;
}

}  // namespace

grpc::ServerUnaryReactor* SchemaService::ListSites(grpc::CallbackServerContext* context,
                                                   const v1::ListSitesRequest* request,
                                                   v1::ListSitesResponse* response) {
  return parts_.calls.Serve(context, kListSites, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kListSites, request, response)) return;
    v1::Site* site = response->add_sites();
    site->set_name(parts_.site);
    site->set_local(true);
    site->set_state(v1::SITE_STATE_SERVING);
    site->set_service_version(parts_.version);
    for (const Peers::Peer& peer : parts_.peers.all()) {
      v1::Site* row = response->add_sites();
      row->set_name(peer.site);
      row->set_address(peer.address);
    }
    if (call->is_forwarded() || parts_.peers.all().empty()) return call->Finish(absl::OkStatus());
    AskPeers(parts_.peers, call, response);
  });
}

grpc::ServerUnaryReactor* SchemaService::CheckParity(grpc::CallbackServerContext* context,
                                                     const v1::CheckParityRequest* request,
                                                     v1::CheckParityResponse* response) {
  return parts_.calls.Serve(context, kCheckParity, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCheckParity, request, response)) return;
    if (auto violations = ViolationsOf(parts_, *request); !violations.empty()) {
      return call->Finish(InvalidRequest(std::move(violations)));
    }
    std::vector<SiteFacts> wanted = Wanted(parts_, *request);
    for (const SiteFacts& facts : wanted) {  // passed on once, it may ask nobody else
      if (call->is_forwarded() && facts.site != parts_.site) return call->Finish(parts_.NotLocal(facts.site, true));
    }
    parts_.FinishJob(call, [this, call, wanted, response](absl::Time deadline) mutable {
      Gather(*call, deadline, &wanted);
      *response = CompareSites(wanted);
      return absl::OkStatus();
    });
  });
}

void SchemaService::Gather(const UnaryCall& call, absl::Time deadline, std::vector<SiteFacts>* sites) const {
  std::vector<std::thread> threads;
  for (SiteFacts& facts : *sites) {
    threads.emplace_back([&] {
      facts.status = facts.site == parts_.site
                         ? GatherHere(call, deadline, &facts)
                         : GatherFromPeer(parts_.peers, call, deadline - kReserveForPeers, &facts);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

absl::Status SchemaService::GatherHere(const UnaryCall& call, absl::Time deadline, SiteFacts* facts) const {
  absl::Status filled;
  absl::Notification done;
  parts_.executor.Run({deadline - kReserveForPeers, call.budget().cancellation}, [&](absl::StatusOr<Session*> session) {
    filled = session.ok() ? FillSite(**session, &facts->check) : session.status();
    done.Notify();
  });
  done.WaitForNotification();
  BONNIE_RETURN_IF_ERROR(filled);
  BONNIE_ASSIGN_OR_RETURN(const auto folder, parts_.dir.Load());
  facts->folder_heads = folder->graph().heads();
  facts->folder_hash = folder->hash();
  BONNIE_ASSIGN_OR_RETURN(const auto schema, parts_.sources.Read(LiveSource{}, deadline - kReserveForPeers));
  facts->schema = *schema;
  return absl::OkStatus();
}

}  // namespace bonnie::schema
