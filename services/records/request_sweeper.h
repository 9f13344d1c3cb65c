#ifndef BONNIE_SERVICES_RECORDS_REQUEST_SWEEPER_H_
#define BONNIE_SERVICES_RECORDS_REQUEST_SWEEPER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bonnie::data_access {
class Pool;
}

namespace bonnie::records {

// Deletes expired entries of the request log, a batch at a time, on a thread of its own. Several instances may sweep at
// once: they take different rows or wait for each other's.
//
// Thread-safe. `pool` outlives it.
class RequestSweeper {
 public:
  // Sweeps now and then every `interval`, each time until nothing expired is left.
  explicit RequestSweeper(data_access::Pool& pool, absl::Duration interval = absl::Minutes(1));
  // Ends within a statement's budget of 10 s.
  ~RequestSweeper();
  RequestSweeper(const RequestSweeper&) = delete;
  RequestSweeper& operator=(const RequestSweeper&) = delete;

 private:
  void Run();
  void Sweep();  // until nothing is left, or the database has no time for it
  bool stopping() const ABSL_LOCKS_EXCLUDED(mu_);

  data_access::Pool& pool_;
  const absl::Duration interval_;
  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_REQUEST_SWEEPER_H_
