#include "clients/cpp/stream_stopper.h"

#include "absl/time/time.h"

namespace bonnie::client {

StreamStopper::StreamStopper(grpc::ClientContext& context, const std::function<bool()>& stop) {
  if (!stop) return;
  thread_ = std::thread([this, &context, stop] {
    absl::MutexLock lock(&mu_);
    while (!mu_.AwaitWithTimeout(absl::Condition(&ended_), absl::Milliseconds(100))) {
      if (stop()) return context.TryCancel();
    }
  });
}

StreamStopper::~StreamStopper() {
  {
    absl::MutexLock lock(&mu_);
    ended_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace bonnie::client
