#include "services/schema/forwarding.h"

#include <algorithm>

#include "services/server/error.h"
#include "services/server/grpc_status.h"
#include "services/server/peer_credentials.h"

namespace bonnie::schema {

namespace {

absl::Status Of(const Peers::Peer& peer, absl::StatusCode code, const char* reason, absl::string_view what) {
  return server::Error(code, absl::StrCat("site ", peer.site, ": its schema service at ", peer.address, " ", what),
                       {.reason = reason, .metadata = {{"site", peer.site}}});
}

}  // namespace

absl::Status PeerAnswer(const Peers::Peer& peer, const grpc::Status& answer) {
  if (answer.ok()) return absl::OkStatus();
  absl::Status status = server::FromWire(answer);
  if (server::DetailsOf(status).has_value()) return status;
  if (const absl::string_view mismatch = server::IdentityMismatchIn(status.message()); !mismatch.empty()) {
    return Of(peer, absl::StatusCode::kFailedPrecondition, "PEER_IDENTITY_MISMATCH",
              absl::StrCat("is another one: ", mismatch));
  }
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return Of(peer, absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE",
                "does not answer in time; whether it did what was asked is not known");
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:
      return Of(peer, absl::StatusCode::kUnavailable, "PEER_UNAVAILABLE",
                absl::StrCat("cannot be reached: ", status.message()));
    case absl::StatusCode::kUnimplemented:
      return Of(peer, absl::StatusCode::kUnimplemented, "PEER_OUTDATED", "runs a version without this method");
    default:
      return Of(peer, status.code(), "PEER_FAILED", absl::StrCat("failed: ", status.message()));
  }
}

const Peers::Peer& PeerOf(const Peers& peers, absl::string_view site) {
  return *std::find_if(peers.all().begin(), peers.all().end(),
                       [&](const Peers::Peer& peer) { return peer.site == site; });
}

}  // namespace bonnie::schema
