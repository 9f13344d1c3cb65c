#ifndef BONNIE_SERVICES_SCHEMA_PEER_PROOFS_H_
#define BONNIE_SERVICES_SCHEMA_PEER_PROOFS_H_

#include <string>

#include "absl/time/time.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/schema/peers.h"
#include "services/server/call.h"

namespace bonnie::schema {

// Has every peer prove a revision that this site made of `request` and that stands in `response`: each replays its own
// revisions in scratch and then the new statements both ways. Only a peer with the same migrations folder can. Adds to
// `proven_on`; a warning `not-proven` names a peer that could not be asked or has another folder, `refused` one whose
// server refuses the statements. Asks all at the same time and blocks until `deadline` at most.
void ProveOnPeers(const Peers& peers, const server::UnaryCall& call, const v1::CreateRevisionRequest& request,
                  const std::string& folder_hash, absl::Time deadline, v1::CreateRevisionResponse* response);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PEER_PROOFS_H_
