#include "services/server/stream_watcher.h"

#include "absl/time/time.h"

namespace bonnie::server {
namespace {

constexpr absl::Duration kPeriod = absl::Milliseconds(20);

}  // namespace

StreamWatcher::StreamWatcher() : thread_([this] { Run(); }) {}

StreamWatcher::~StreamWatcher() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void StreamWatcher::Add(grpc::ServerContext* context, data_access::Cancellation* cancellation) {
  absl::MutexLock lock(&mu_);
  streams_.emplace(context, cancellation);
}

void StreamWatcher::Remove(grpc::ServerContext* context) {
  absl::MutexLock lock(&mu_);
  streams_.erase(context);
}

void StreamWatcher::Run() {
  absl::MutexLock lock(&mu_);
  while (true) {
    mu_.Await(absl::Condition(this, &StreamWatcher::HasWork));
    if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), kPeriod)) return;
    for (const auto& [context, cancellation] : streams_) {
      if (context->IsCancelled()) cancellation->Cancel();
    }
  }
}

}  // namespace bonnie::server
