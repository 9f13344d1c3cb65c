#ifndef BONNIE_CLIENTS_CPP_FOLLOW_OPERATION_H_
#define BONNIE_CLIENTS_CPP_FOLLOW_OPERATION_H_

#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/schema_client.h"

namespace bonnie::client {

struct FollowOptions {
  std::function<bool()> stop;  // as of SchemaClient::ApplyPlan
  // How often in a row, and after how long, a lost stream is taken up again.
  int attempts = 5;
  absl::Duration pause = absl::Seconds(1);
};

// SchemaClient::ApplyPlan, and when its stream is lost on the way (the connection broke, or was too old for the server)
// WatchOperation from there on: `on_event` hears every event once. Blocks until the operation has ended, and answers
// how; or kCancelled because of `stop`. A stream that is lost before its first event answers its own error: whether the
// operation began is not known then. kNotFound OPERATION_UNKNOWN: the service was restarted meanwhile.
absl::Status ApplyAndFollow(const SchemaClient& client, const schema::v1::ApplyPlanRequest& request,
                            absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                            const FollowOptions& options);
// The same, from a WatchOperation on.
absl::Status FollowOperation(const SchemaClient& client, schema::v1::WatchOperationRequest request,
                             absl::FunctionRef<void(const schema::v1::ApplyPlanResponse&)> on_event,
                             const FollowOptions& options);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_FOLLOW_OPERATION_H_
