#include "clients/cpp/call.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "clients/cpp/connect_error.h"
#include "clients/cpp/status.h"

namespace bonnie::client {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr int kMaxAttempts = 8;  // a server that cancels all calls is not just shutting down

}  // namespace

void Prepare(const Options& options, grpc::ClientContext& context) {
  context.set_wait_for_ready(options.wait_for_ready);
  if (!options.site.empty()) context.AddMetadata("bonnie-site", options.site);
}

absl::Status Attempt(const Options& options, absl::Duration method_timeout,
                     absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt) {
  const absl::Duration timeout = options.timeout > absl::ZeroDuration() ? options.timeout : method_timeout;
  const absl::Time deadline = absl::Now() + timeout;  // stays infinite
  absl::Duration pause = kFirstPause;
  for (int attempts = 1;; ++attempts) {
    grpc::ClientContext context;
    Prepare(options, context);
    if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
    const grpc::Status status = attempt(context);
    if (status.error_code() != grpc::StatusCode::CANCELLED || attempts == kMaxAttempts ||
        absl::Now() + pause >= deadline) {
      return ExplainConnectError(ToStatus(status), options);
    }
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace bonnie::client
