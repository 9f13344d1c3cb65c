#ifndef BONNIE_SERVICES_SERVER_GATE_H_
#define BONNIE_SERVICES_SERVER_GATE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bonnie::server {

// Which streams count together. A stream that applies a plan, and one that follows an operation, must not be refused
// because others read much.
enum class StreamPool {
  kReading,    // reads or writes rows, schemas, documents
  kApplying,   // ApplyPlan
  kFollowing,  // WatchOperation
};
inline constexpr std::size_t kStreamPools = 3;

// What one identity uses of the gate. Thread-safe.
class Quota {
 private:
  friend class Gate;
  std::atomic<int> unary_{0};
  std::array<std::atomic<int>, kStreamPools> streams_{};
  std::atomic<int> watches_{0};
  absl::Mutex mu_;
  double tokens_ ABSL_GUARDED_BY(mu_) = -1;  // calls it may make now; < 0 before the first
  absl::Time filled_ ABSL_GUARDED_BY(mu_);
};

struct GateOptions {
  int max_unary = 512;
  int max_unary_per_identity = 384;
  int max_streams = 8;               // of kReading
  int max_operation_streams = 8;     // of kApplying, and as many of kFollowing
  int max_streams_per_identity = 2;  // in each pool
  // Streams that hold no thread and mostly wait: some 20 kB each, and one for each connection of a careful client.
  int max_watches = 1024;
  int max_watches_per_identity = 256;
  double max_rate_per_identity = 0;  // calls per second, bursts of one second; 0: no limit
};

// Bounds what is in work in the process, before any work is done for a call.
//
// gRPC's own limits do not serve: SetMaxThreads bounds the sync server only, is imprecise and answers without details.
// The process's limit refuses with kUnavailable (come back, or go to another instance); a caller's own with
// kResourceExhausted, so that users can tell which limit they met.
//
// Thread-safe; a pass costs two atomic additions.
class Gate {
 public:
  explicit Gate(GateOptions options, std::function<absl::Time()> now = absl::Now);

  // Counts a unary call in. kUnavailable OVERLOADED: the process is full. kUnavailable SHUTTING_DOWN: it drains.
  // kResourceExhausted QUOTA: this identity's own limit. Whatever was not OK must not leave.
  absl::Status EnterUnary(Quota& quota);
  void LeaveUnary(Quota& quota);
  // The same for a stream.
  absl::Status EnterStream(Quota& quota, StreamPool pool);
  void LeaveStream(Quota& quota, StreamPool pool);
  // The same for a watch: Health.Watch, reflection. It spends nothing of the rate and does not count as work.
  absl::Status EnterWatch(Quota& quota);
  void LeaveWatch(Quota& quota);

  // Refuses whatever comes from now on.
  void Close();
  bool closed() const { return closed_.load(std::memory_order_relaxed); }
  // Blocks until nothing is in work, or until `deadline`; says which.
  bool WaitUntilEmpty(absl::Time deadline) const;

  int unary() const { return unary_.load(std::memory_order_relaxed); }
  int streams() const;  // of all pools
  int watches() const { return watches_.load(std::memory_order_relaxed); }

 private:
  absl::Status Spend(Quota& quota);  // one token of the rate limit

  const GateOptions options_;
  const std::function<absl::Time()> now_;
  std::atomic<bool> closed_{false};
  std::atomic<int> unary_{0};
  std::array<std::atomic<int>, kStreamPools> streams_{};
  std::atomic<int> watches_{0};
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_GATE_H_
