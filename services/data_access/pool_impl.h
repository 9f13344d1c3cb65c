#ifndef BONNIE_SERVICES_DATA_ACCESS_POOL_IMPL_H_
#define BONNIE_SERVICES_DATA_ACCESS_POOL_IMPL_H_

#include <deque>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/fault.h"
#include "services/data_access/pool.h"

namespace bonnie::data_access {

// A session with what the pool notes of it.
struct Lease::Pooled {
  std::unique_ptr<Session> session;
  std::int64_t generation = 0;
  absl::Time expires;          // max_lifetime, shortened at random
  absl::Duration keepalive;    // pinged when unused for so long
  absl::Time used;             // returned last
  absl::Time touched;          // returned or pinged last
  absl::Time lent;             // while it is lent
  std::thread::id borrower;    // while it is lent
  bool leak_reported = false;  // while it is lent
};

// The pool's state and its three concerns: pool.cc lends, pool_opening.cc opens, pool_upkeep.cc ages and closes.
class Pool::Impl {
 public:
  using Pooled = std::unique_ptr<Lease::Pooled>;

  Impl(Driver& driver, Watchdog* watchdog, PoolOptions options);
  ~Impl();

  // Lending.
  absl::StatusOr<Pooled> Acquire(const Budget& budget) ABSL_LOCKS_EXCLUDED(mu_);
  void Return(Pooled pooled) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Drain(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  void EvictGeneration(absl::string_view why) ABSL_LOCKS_EXCLUDED(mu_);

  bool ready() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status last_error() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::optional<ServerFacts> server() const ABSL_LOCKS_EXCLUDED(mu_);
  PoolStats stats() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Waiter {
    std::thread::id thread;
    absl::Time until;
    bool cancelled = false;
    bool done = false;  // with either of the two below
    Pooled pooled;
    absl::Status status;
    absl::CondVar cv;
  };
  struct Closing {
    Pooled pooled;
    bool kill;  // the server may still be executing for it
  };
  // A planned replacement, one at a time: the new session is opened before an old one is closed. In a full pool the
  // other way round: the new one is owed.
  enum class Replacement { kNone, kOpening, kOpened, kOwed };

  // Lending, under the lock.
  absl::StatusOr<Pooled> TakeIdle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<Pooled> Wait(const Budget& budget) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Refusal() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Lend(Lease::Pooled* pooled, std::thread::id borrower) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Unlend(const Lease::Pooled* pooled) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives a session in good order to the first waiter who still wants one, or puts it on the shelf.
  void Hand(Pooled pooled) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FailWaiters(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FailWaitersIfDown() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // No session is open and the last attempt to open one failed.
  bool IsDown() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void NoteLoss(const Lease::Pooled& pooled, SessionFate fate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Evict(absl::string_view why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Opening.
  void OpenLoop() ABSL_LOCKS_EXCLUDED(mu_);
  int WantedOpens() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnOpened(std::unique_ptr<Connection> connection, std::int64_t generation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnOpenFailed(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Upkeep.
  void UpkeepLoop() ABSL_LOCKS_EXCLUDED(mu_);
  void Close(Pooled pooled, bool kill) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CloseAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CloseSurplus(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void KeepAlive(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ReportLeaks(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ReplaceExpired(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether this session has expired and may be closed now.
  bool MayRetire(const Lease::Pooled& pooled, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Retire(Pooled pooled) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  int Open_() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return static_cast<int>(idle_.size() + lent_.size()); }
  // What counts against max_sessions: also those being closed, which the server still holds.
  int Slots() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return Open_() + opening_ + closing_; }
  void Log(absl::string_view event) const;

  Driver& driver_;
  Watchdog* const watchdog_;  // may be null
  const PoolOptions options_;

  mutable absl::Mutex mu_;
  absl::CondVar open_cv_;                         // for the opening threads: somebody wants a session
  absl::CondVar upkeep_cv_;                       // for the upkeep thread: something to close
  absl::CondVar back_cv_;                         // for Drain: a lease came back
  std::deque<Pooled> idle_ ABSL_GUARDED_BY(mu_);  // used last at the back
  std::vector<Lease::Pooled*> lent_ ABSL_GUARDED_BY(mu_);
  std::list<Waiter*> waiters_ ABSL_GUARDED_BY(mu_);  // the first one is served first
  std::vector<Closing> to_close_ ABSL_GUARDED_BY(mu_);
  int closing_ ABSL_GUARDED_BY(mu_) = 0;  // in to_close_ or being destroyed
  int opening_ ABSL_GUARDED_BY(mu_) = 0;
  std::int64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<absl::Time> losses_ ABSL_GUARDED_BY(mu_);  // the latest lost sessions of this generation
  Replacement replacement_ ABSL_GUARDED_BY(mu_) = Replacement::kNone;

  absl::Status last_error_ ABSL_GUARDED_BY(mu_);
  int failures_ ABSL_GUARDED_BY(mu_) = 0;      // to connect, in a row
  int open_at_once_ ABSL_GUARDED_BY(mu_) = 1;  // 1 while the site is down, then 2, 4 …
  absl::Time next_open_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::optional<ServerFacts> server_ ABSL_GUARDED_BY(mu_);
  absl::BitGen random_ ABSL_GUARDED_BY(mu_);
  PoolStats counters_ ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_POOL_IMPL_H_
