#include "services/server/periodic.h"

#include <utility>

namespace bonnie::server {

Periodic::Periodic(absl::Duration first, std::function<absl::Duration()> work)
    : thread_([this, first, work = std::move(work)] {
        for (absl::Duration wait = first;; wait = work()) {
          absl::MutexLock lock(&mu_);
          if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), wait)) return;
        }
      }) {}

Periodic::~Periodic() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

}  // namespace bonnie::server
