#ifndef BONNIE_SERVICES_DATA_ACCESS_POOL_H_
#define BONNIE_SERVICES_DATA_ACCESS_POOL_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/budget.h"
#include "services/data_access/session.h"

namespace bonnie::data_access {

class Pool;
class Watchdog;

struct PoolOptions {
  ConnectOptions connect;
  int max_sessions = 8;  // opening + idle + lent + closing
  int min_idle = 2;
  int max_waiters = 128;
  int max_connecting = 2;                             // at a time; one while the site is down
  absl::Duration acquire_timeout = absl::Seconds(2);  // a waiter waits min(its deadline, this)
  absl::Duration max_lifetime = absl::Minutes(25);    // minus up to 20 %, random
  absl::Duration idle_timeout = absl::Minutes(5);     // down to min_idle
  absl::Duration keepalive = absl::Minutes(1);        // ping, ± 10 %, never above wait_timeout / 3
  absl::Duration validate_after = absl::Seconds(1);   // ping before lending when unused for longer
  absl::Duration backoff_min = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(10);
  absl::Duration auth_backoff = absl::Seconds(30);  // after a refused login: servers lock accounts
  absl::Duration leak_warning = absl::Seconds(10);
  StatementObserver observer;  // may be empty
  // Told what an operator wants to know: a failed connect, an eviction, a lease held for too long. Never a row's value.
  // May be empty; must not block.
  std::function<void(absl::string_view event)> log;
};

// Counters since the start, and gauges.
struct PoolStats {
  std::int64_t open = 0, idle = 0, in_use = 0, connecting = 0, waiting = 0;  // gauges
  std::int64_t acquired = 0, timeouts = 0, rejected = 0, opened = 0, open_failures = 0, closed_lifetime = 0,
               closed_idle = 0, closed_broken = 0, evicted_site = 0, leaks = 0;
};

// A session on loan. Returns it on destruction: kept, rolled back or closed by what happened to it. Movable; used by
// one thread at a time.
class Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Session& operator*() const { return *session_; }
  Session* operator->() const { return session_; }

 private:
  friend class Pool;
  struct Pooled;  // the session with what the pool notes of it: pool_impl.h
  Lease(Pool* pool, std::unique_ptr<Pooled> pooled);
  void Return();

  Pool* pool_ = nullptr;  // null once moved from
  std::unique_ptr<Pooled> pooled_;
  Session* session_ = nullptr;
};

// A bounded set of open Sessions to one MySQL server.
//
// Opening a session costs TCP, TLS and login round trips; lending an idle one costs a lock. The session
// returned last is lent first: it is the least likely to have met the server's wait_timeout. Waiters are served
// strictly in their order. Sessions are opened and closed on threads of the pool's own. While no session is healthy and
// the last attempt to open one failed, Acquire fails at once.
//
// Thread-safe. Outlives every Lease it lends; `driver` and `watchdog` outlive the pool.
class Pool {
 public:
  // Returns before the first connect.
  Pool(Driver& driver, Watchdog* watchdog, PoolOptions options);
  // Closes idle sessions; every lease must be back.
  ~Pool();

  // Lends a session until the Lease is destroyed; its statements end with `budget`. Blocks while all are lent, at most
  // until the budget's end or acquire_timeout. kDeadlineExceeded, kCancelled: none came free in time. kUnavailable: the
  // server cannot be reached (the Fault says why), or acquire_timeout passed. kResourceExhausted: max_waiters wait
  // already. kInternal: this thread holds a lease already.
  absl::StatusOr<Lease> Acquire(const Budget& budget);

  // Whether a session is open and the last attempt to open one did not fail.
  bool ready() const;
  // The last failure to connect; OK once a session was opened after it.
  absl::Status last_error() const;
  // Of the newest session; nullopt before the first.
  absl::optional<ServerFacts> server() const;
  PoolStats stats() const;

  // Closes all sessions opened before now: idle ones at once, lent ones on return. For rotated credentials and
  // failover.
  void EvictGeneration(absl::string_view why);
  // Refuses new leases (kUnavailable) and waits until all are back or `deadline`. kDeadlineExceeded: some are still
  // out.
  absl::Status Drain(absl::Time deadline);

 private:
  friend class Lease;
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_POOL_H_
