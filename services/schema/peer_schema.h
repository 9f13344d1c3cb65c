#ifndef BONNIE_SERVICES_SCHEMA_PEER_SCHEMA_H_
#define BONNIE_SERVICES_SCHEMA_PEER_SCHEMA_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bonnie/schema/v1/schema_service.pb.h"
#include "services/schema/model.h"
#include "services/schema/peers.h"
#include "services/server/call.h"

namespace bonnie::schema {

// Puts the parts of an InspectSchema stream together to a schema again. What this version does not understand goes into
// `unsupported`. Used by one thread at a time.
class SchemaAssembly {
 public:
  void Take(const v1::InspectSchemaResponse& part);
  Schema Finish() { return std::move(schema_); }

 private:
  void TakeTable(const v1::SchemaTable& table);

  Schema schema_;
};

// Asks the peer `site` for a schema as InspectSchema gives it to the caller of `call`; its `source.site` is not looked
// at. Blocks until `deadline`. Errors: PeerAnswer, and what the peer answers.
absl::StatusOr<Schema> ReadPeerSchema(const Peers& peers, const server::UnaryCall& call, const std::string& site,
                                      const v1::SchemaSource& source, absl::Time deadline);
absl::StatusOr<Schema> ReadPeerSchema(const Peers& peers, const server::StreamCall& call, const std::string& site,
                                      const v1::SchemaSource& source, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PEER_SCHEMA_H_
