#include "clients/cpp/follow_operation.h"

#include <utility>

#include "absl/time/clock.h"
#include "clients/cpp/status.h"

namespace bonnie::client {
namespace {

using schema::v1::ApplyPlanResponse;

// Whether it is the stream that failed, and not the operation: a service gives each of its errors a reason.
bool IsStreamLost(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return DetailsOf(status).reason.empty();
    default:
      return false;
  }
}

bool IsStopped(const FollowOptions& options) { return options.stop && options.stop(); }

}  // namespace

absl::Status ApplyAndFollow(const SchemaClient& client, const schema::v1::ApplyPlanRequest& request,
                            absl::FunctionRef<void(const ApplyPlanResponse&)> on_event, const FollowOptions& options) {
  schema::v1::WatchOperationRequest watch;
  watch.set_site(request.site());
  const absl::Status applied = client.ApplyPlan(
      request,
      [&](const ApplyPlanResponse& event) {
        watch.set_operation_id(event.operation_id());
        watch.set_from_sequence(event.sequence() + 1);
        on_event(event);
      },
      options.stop);
  if (watch.operation_id().empty() || !IsStreamLost(applied) || IsStopped(options)) return applied;
  return FollowOperation(client, std::move(watch), on_event, options);
}

absl::Status FollowOperation(const SchemaClient& client, schema::v1::WatchOperationRequest request,
                             absl::FunctionRef<void(const ApplyPlanResponse&)> on_event, const FollowOptions& options) {
  for (int failures = 0;;) {
    const absl::Status watched = client.WatchOperation(
        request,
        [&](const ApplyPlanResponse& event) {
          request.set_operation_id(event.operation_id());
          request.set_from_sequence(event.sequence() + 1);
          failures = 0;
          on_event(event);
        },
        options.stop);
    if (!IsStreamLost(watched) || IsStopped(options)) return watched;
    if (++failures >= options.attempts) return watched;
    absl::SleepFor(options.pause);
  }
}

}  // namespace bonnie::client
