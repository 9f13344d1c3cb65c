#include "services/data_access/budget.h"

#include <utility>

namespace bonnie::data_access {

void Cancellation::Cancel() {
  absl::MutexLock lock(&mu_);
  if (cancelled_) return;
  cancelled_ = true;
  if (listener_) listener_();
}

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&mu_);
  return cancelled_;
}

void Cancellation::Listen(std::function<void()> listener) {
  absl::MutexLock lock(&mu_);
  listener_ = std::move(listener);
  if (cancelled_ && listener_) listener_();
}

absl::Status Budget::Check(absl::Time now) const {
  if (cancellation != nullptr && cancellation->cancelled()) return absl::CancelledError("the caller has left");
  if (deadline - now < absl::Milliseconds(5)) return absl::DeadlineExceededError("no time is left for the database");
  return absl::OkStatus();
}

}  // namespace bonnie::data_access
