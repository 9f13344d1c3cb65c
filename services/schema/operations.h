#ifndef BONNIE_SERVICES_SCHEMA_OPERATIONS_H_
#define BONNIE_SERVICES_SCHEMA_OPERATIONS_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/runner.h"

namespace bonnie::schema {

// One run of the Runner as those who watch it see it: what happened so far, and how it ended. Thread-safe.
class Operation {
 public:
  struct Event {
    std::int64_t sequence = 0;  // from 1
    absl::Time time;
    OperationEvent what;
  };

  explicit Operation(std::string id) : id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  // The event after `sequence`, waiting for it until `deadline`; nullopt when there is none, because it did not come in
  // time or because the operation has ended.
  absl::optional<Event> After(std::int64_t sequence, absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // How it ended; nullopt while it runs.
  absl::optional<absl::Status> outcome() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class Operations;
  void Add(OperationEvent what) ABSL_LOCKS_EXCLUDED(mu_);
  void End(absl::Status outcome) ABSL_LOCKS_EXCLUDED(mu_);

  const std::string id_;
  mutable absl::Mutex mu_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mu_);
  absl::optional<absl::Status> outcome_ ABSL_GUARDED_BY(mu_);
};

// A new operation's id: 128 random bits in hexadecimal.
std::string NewOperationId();

// Runs operations, each on a thread of its own, so that they go on when nobody watches any more. Thread-safe; `runner`
// outlives it.
class Operations {
 public:
  explicit Operations(Runner& runner) : runner_(runner) {}
  // Stops, and waits until operations in work have ended: each finishes its current statement, however long that takes.
  ~Operations();

  // Begins one. Does not block.
  std::shared_ptr<Operation> Start(ApplyRequest request) ABSL_LOCKS_EXCLUDED(mu_);
  // Asks operations in work to end before their next statement, and those that begin later at once. Does not block.
  void Stop() { stopping_ = true; }

 private:
  struct Running {
    std::shared_ptr<Operation> operation;
    std::thread thread;
  };
  void JoinEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Runner& runner_;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mu_;
  std::list<Running> running_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OPERATIONS_H_
