#ifndef BONNIE_SERVICES_SCHEMA_OPERATIONS_H_
#define BONNIE_SERVICES_SCHEMA_OPERATIONS_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/operation_control.h"
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
  // Whether there was an event: it has the lease, and its plan is as it was shown.
  bool has_begun() const ABSL_LOCKS_EXCLUDED(mu_);
  // How it ended; nullopt while it runs.
  absl::optional<absl::Status> outcome() const ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for its end until `deadline`; nullopt when that comes first.
  absl::optional<absl::Status> Await(absl::Time deadline) const ABSL_LOCKS_EXCLUDED(mu_);
  // How to end it early.
  OperationControl& control() { return control_; }

 private:
  friend class Operations;
  void Add(OperationEvent what) ABSL_LOCKS_EXCLUDED(mu_);
  void End(absl::Status outcome) ABSL_LOCKS_EXCLUDED(mu_);

  const std::string id_;
  OperationControl control_;
  mutable absl::Mutex mu_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mu_);
  absl::optional<absl::Status> outcome_ ABSL_GUARDED_BY(mu_);
};

// A new operation's id: 128 random bits in hexadecimal.
std::string NewOperationId();

// Runs operations, each on a thread of its own, so that they go on when nobody watches any more; and remembers those
// that ended last, so that who lost his stream hears the end. Thread-safe; `runner` outlives it.
class Operations {
 public:
  // `max_ended`: how many that have ended are remembered.
  explicit Operations(Runner& runner, int max_ended = 64) : runner_(runner), max_ended_(max_ended) {}
  // Stops, and waits until operations in work have ended: each finishes its current statement, however long that takes.
  ~Operations();

  // Begins one. Does not block.
  std::shared_ptr<Operation> Start(ApplyRequest request) ABSL_LOCKS_EXCLUDED(mu_);
  // The operation whose id begins with `prefix`. kNotFound OPERATION_UNKNOWN: none in work or remembered has such an
  // id. kInvalidArgument OPERATION_AMBIGUOUS.
  absl::StatusOr<std::shared_ptr<Operation>> Find(absl::string_view prefix) ABSL_LOCKS_EXCLUDED(mu_);
  // Asks operations in work to end before their next statement, and those that begin later at once. Does not block.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Known {
    std::shared_ptr<Operation> operation;
    std::thread thread;  // joined once it has ended
  };
  void JoinEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Runner& runner_;
  const int max_ended_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::list<Known> known_ ABSL_GUARDED_BY(mu_);  // in the order of their beginning
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OPERATIONS_H_
