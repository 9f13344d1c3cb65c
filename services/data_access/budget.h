#ifndef BONNIE_SERVICES_DATA_ACCESS_BUDGET_H_
#define BONNIE_SERVICES_DATA_ACCESS_BUDGET_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bonnie::data_access {

// Says that nobody waits for a call's answer any more. Shared between the RPC that may be cancelled and the statement
// that runs for it. Thread-safe.
class Cancellation {
 public:
  // Marks it and tells the listener, if one is set, on this thread. Only the first call does anything. Does not block.
  void Cancel() ABSL_LOCKS_EXCLUDED(mu_);
  bool cancelled() const ABSL_LOCKS_EXCLUDED(mu_);
  // Sets who is told (at once when it is cancelled already), or nobody when empty. When this returns, the listener
  // before is not running and will not run.
  void Listen(std::function<void()> listener) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::function<void()> listener_ ABSL_GUARDED_BY(mu_);  // called under mu_; must not block
};

// What a call may spend: until when, and whether somebody still waits. A value, passed down and never extended.
struct Budget {
  absl::Time deadline = absl::InfiniteFuture();
  std::shared_ptr<Cancellation> cancellation;  // null: cannot be cancelled

  // kDeadlineExceeded or kCancelled when nothing may be spent any more (less than 5 ms are left at `now`).
  absl::Status Check(absl::Time now) const;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_BUDGET_H_
