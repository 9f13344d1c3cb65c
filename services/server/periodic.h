#ifndef BONNIE_SERVICES_SERVER_PERIODIC_H_
#define BONNIE_SERVICES_SERVER_PERIODIC_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bonnie::server {

// A thread that does one thing again and again, until it is destroyed.
class Periodic {
 public:
  // Calls `work` after `first`, then after each duration that it answers.
  Periodic(absl::Duration first, std::function<absl::Duration()> work);
  // Waits for a call under way.
  ~Periodic();

 private:
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PERIODIC_H_
