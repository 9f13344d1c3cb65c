#ifndef BONNIE_SERVICES_DATA_ACCESS_EXECUTOR_H_
#define BONNIE_SERVICES_DATA_ACCESS_EXECUTOR_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/session.h"

namespace bonnie::data_access {

class Pool;

struct ExecutorOptions {
  int threads = 8;        // as many as the pool has sessions
  int max_queued = 1024;  // closures waiting for a thread
};

// Database threads: blocking calls stay off gRPC's. RPC handlers hand over closures and return.
//
// One bounded FIFO queue is the back-pressure. A closure whose budget ended while it waited is still called, with the
// error.
//
// Thread-safe. `pool` outlives the executor.
class Executor {
 public:
  // Gets a session for its call, or why there is none: any error of Pool::Acquire, or kUnavailable (OVERLOADED) when it
  // was not queued. Called exactly once, on a database thread unless Run refused it; must not throw.
  using Task = absl::AnyInvocable<void(absl::StatusOr<Session*>) &&>;

  Executor(Pool& pool, ExecutorOptions options);
  // Drains, then joins the threads.
  ~Executor();

  // Queues `task`. Does not block. When the queue is full, or the executor is drained, calls `task` at once on this
  // thread with kUnavailable (Fault::reason OVERLOADED).
  void Run(Budget budget, Task task);

  // Queues a closure that takes its leases itself (PointReader): the same queue and threads. False when the queue is
  // full or the executor is drained; `work` was not taken then.
  bool RunWork(absl::AnyInvocable<void() &&> work);

  Pool& pool() { return pool_; }
  std::int64_t queued() const;
  // Refuses what comes from now on and waits until what was queued is done.
  void Drain();

 private:
  class Impl;
  Pool& pool_;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_EXECUTOR_H_
