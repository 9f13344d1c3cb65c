#ifndef BONNIE_SERVICES_SCHEMA_CONVERT_H_
#define BONNIE_SERVICES_SCHEMA_CONVERT_H_

#include <set>
#include <string>

#include "absl/time/time.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/schema/ledger.h"
#include "services/schema/migration_dir.h"
#include "services/schema/operation_list.h"
#include "services/schema/operations.h"
#include "services/schema/plan.h"
#include "services/schema/recovery.h"

namespace bonnie::schema {

// Structs to messages. Pure.

v1::Direction ToProto(Direction direction);
void ToProto(absl::Time from, google::protobuf::Timestamp* to);  // to the microsecond

// What is applied, worked out once for many revisions.
struct Applied {
  std::set<std::string> revisions;  // heads and all that they need
  std::set<std::string> heads;
};
Applied AppliedOf(const MigrationFolder& folder, const LedgerState& ledger);
// Everything but its text. `applied` is null when the database could not be asked.
v1::Revision ToProto(const MigrationFolder& folder, const std::string& id, const Applied* applied);
v1::Plan ToProto(const Plan& plan);
v1::ApplyPlanResponse ToProto(const std::string& operation_id, const Operation::Event& event);
// `holder`: the id of the operation that holds the lease; empty for none.
v1::Operation ToProto(const OperationRow& row, absl::string_view holder);
// Fills all but the new operation's id.
void Fill(const RecoveryReport& report, v1::RecoverOperationResponse* response);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CONVERT_H_
