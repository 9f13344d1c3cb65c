#ifndef BONNIE_SERVICES_SCHEMA_FAIR_JOBS_H_
#define BONNIE_SERVICES_SCHEMA_FAIR_JOBS_H_

#include <deque>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/budget.h"
#include "services/data_access/executor.h"

namespace bonnie::schema {

// Runs jobs that take seconds, one of each identity at a time.
//
// A job keeps a thread, and mostly a scratch database, for as long as its model is large. In one queue, a few slow
// models of one caller would hold up everybody. Here an identity's next job queues for a thread when its job before has
// ended, behind the jobs of others.
//
// Thread-safe. `threads` outlives it, and is drained before it is destroyed.
class FairJobs {
 public:
  // Called exactly once: with OK on one of the threads, or with why it does not run: kResourceExhausted QUOTA (8 jobs
  // of the identity wait already), kUnavailable OVERLOADED (the threads' queue is full, or drained), Budget::Check's
  // (the caller's time ended meanwhile).
  using Job = absl::AnyInvocable<void(absl::Status) &&>;

  explicit FairJobs(data_access::Executor& threads) : threads_(threads) {}

  // Queues `job`; `budget` is checked when it is its turn. Does not block; a job that is refused at once is called on
  // this thread.
  void Run(std::string identity, data_access::Budget budget, Job job) ABSL_LOCKS_EXCLUDED(mu_);
  // Runs `work` and waits for its end, but for its start no longer than `budget` lasts. For threads that may block.
  // Errors of `work`, and those above.
  absl::Status RunAndWait(const std::string& identity, const data_access::Budget& budget,
                          absl::FunctionRef<absl::Status()> work);

 private:
  struct Waiting {
    data_access::Budget budget;
    Job job;
  };
  void Start(const std::string& identity) ABSL_LOCKS_EXCLUDED(mu_);
  void RunFirst(const std::string& identity, absl::Status start) ABSL_LOCKS_EXCLUDED(mu_);

  data_access::Executor& threads_;
  absl::Mutex mu_;
  // By identity; a line's first job is running or queued with the threads. No line is empty.
  absl::flat_hash_map<std::string, std::deque<Waiting>> lines_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FAIR_JOBS_H_
