#ifndef BONNIE_SERVICES_SERVER_READINESS_H_
#define BONNIE_SERVICES_SERVER_READINESS_H_

#include "absl/time/time.h"

namespace bonnie::server {

// Whether to serve, from a row of probes: 3 failures spanning 10 s or more say no, 2 successes in a row say yes again;
// the very first success says yes at once.
//
// Hysteresis, because every instance of a fleet probes the same database: one that says no at the first failure takes
// all of them out at a failover (authzed/spicedb#692). Used by one thread at a time.
class Readiness {
 public:
  // Takes one probe's outcome; answers whether ready() changed.
  bool Probed(bool success, absl::Time at);
  bool ready() const { return ready_; }
  // Whether it was ever ready: until then probes come more often.
  bool ever_ready() const { return ever_ready_; }

 private:
  bool ready_ = false;
  bool ever_ready_ = false;
  int successes_ = 0;  // in a row
  int failures_ = 0;   // in a row
  absl::Time first_failure_;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_READINESS_H_
