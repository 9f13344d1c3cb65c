#include "services/data_access/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/pool_impl.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"

namespace bonnie::data_access {
namespace {

absl::Status Unavailable(absl::StatusCode code, absl::string_view message, const char* reason) {
  Fault fault;
  fault.caller_code = absl::StatusCode::kUnavailable;
  fault.reason = reason;
  return FaultStatus(code, message, fault);
}

}  // namespace

// ---- lending ----

absl::StatusOr<Pool::Impl::Pooled> Pool::Impl::Acquire(const Budget& budget) {
  BONNIE_RETURN_IF_ERROR(budget.Check(absl::Now()));
  for (;;) {
    Pooled pooled;
    {
      absl::MutexLock lock(&mu_);
      BONNIE_RETURN_IF_ERROR(Refusal());
      if (!idle_.empty()) {
        pooled = std::move(idle_.back());
        idle_.pop_back();
        Lend(pooled.get(), std::this_thread::get_id());
      }
    }
    if (pooled == nullptr) return Wait(budget);
    if (pooled->lent - pooled->touched <= options_.validate_after || pooled->session->Ping().ok()) return pooled;
    Return(std::move(pooled));  // which closes it
  }
}

absl::Status Pool::Impl::Refusal() const {
  if (draining_)
    return Unavailable(absl::StatusCode::kUnavailable, "the pool is shutting down", "DATABASE_UNAVAILABLE");
  const std::thread::id self = std::this_thread::get_id();
  for (const Lease::Pooled* pooled : lent_) {
    if (pooled->borrower == self)
      return absl::InternalError("this thread holds a lease already and would wait for itself");
  }
  if (!IsDown()) return absl::OkStatus();
  Fault fault = FaultOf(last_error_).value_or(Fault());
  fault.effect = Effect::kNone;
  fault.fate = SessionFate::kKeep;
  if (fault.reason.empty()) {  // our own configuration
    fault.caller_code = absl::StatusCode::kUnavailable;
    fault.reason = "DATABASE_UNAVAILABLE";
  }
  // Address and files, which last_error() names, are not for callers.
  return FaultStatus(absl::StatusCode::kUnavailable, "the database cannot be reached", fault);
}

absl::StatusOr<Pool::Impl::Pooled> Pool::Impl::Wait(const Budget& budget) {
  Waiter waiter;
  waiter.thread = std::this_thread::get_id();
  waiter.until = std::min(budget.deadline, absl::Now() + options_.acquire_timeout);
  {
    absl::MutexLock lock(&mu_);
    BONNIE_RETURN_IF_ERROR(Refusal());
    if (static_cast<int>(waiters_.size()) >= options_.max_waiters) {
      ++counters_.rejected;
      return Unavailable(absl::StatusCode::kResourceExhausted, "too many calls wait for a database session",
                         "OVERLOADED");
    }
    waiters_.push_back(&waiter);
    if (!idle_.empty()) {  // returned since Acquire looked
      Pooled pooled = std::move(idle_.back());
      idle_.pop_back();
      Hand(std::move(pooled));
    }
    open_cv_.Signal();
  }
  // Outside the lock: a cancellation calls its listener under its own.
  if (budget.cancellation != nullptr) {
    budget.cancellation->Listen([this, &waiter] {
      absl::MutexLock lock(&mu_);
      waiter.cancelled = true;
      waiter.cv.Signal();
    });
  }
  {
    absl::MutexLock lock(&mu_);
    while (!waiter.done && !waiter.cancelled && !waiter.cv.WaitWithDeadline(&mu_, waiter.until)) {
    }
    if (!waiter.done) waiters_.remove(&waiter);
  }
  if (budget.cancellation != nullptr) budget.cancellation->Listen(nullptr);
  absl::MutexLock lock(&mu_);
  if (waiter.pooled != nullptr) return std::move(waiter.pooled);
  ++counters_.timeouts;
  BONNIE_RETURN_IF_ERROR(waiter.status);
  if (waiter.cancelled) return absl::CancelledError("the caller left while waiting for a database session");
  if (waiter.until >= budget.deadline) return absl::DeadlineExceededError("no database session came free in time");
  return OverloadedError("no database session came free in time");
}

void Pool::Impl::Lend(Lease::Pooled* pooled, std::thread::id borrower) {
  pooled->lent = absl::Now();
  pooled->borrower = borrower;
  pooled->leak_reported = false;
  lent_.push_back(pooled);
  ++counters_.acquired;
}

void Pool::Impl::Unlend(const Lease::Pooled* pooled) {
  lent_.erase(std::find(lent_.begin(), lent_.end(), pooled));
  if (draining_) back_cv_.SignalAll();
}

void Pool::Impl::Hand(Pooled pooled) {
  const absl::Time now = absl::Now();
  while (!waiters_.empty()) {
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->done = true;
    waiter->cv.Signal();
    if (waiter->cancelled || waiter->until <= now) continue;  // it leaves without; the next one may still want it
    Lend(pooled.get(), waiter->thread);
    waiter->pooled = std::move(pooled);
    return;
  }
  idle_.push_back(std::move(pooled));
}

void Pool::Impl::Return(Pooled pooled) {
  if (pooled->session->fate() == SessionFate::kRollback) (void)pooled->session->Rollback();
  const SessionFate fate = pooled->session->fate();
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mu_);
  Unlend(pooled.get());
  pooled->used = pooled->touched = now;
  if (fate != SessionFate::kKeep) {
    NoteLoss(*pooled, fate);
    ++counters_.closed_broken;
    Close(std::move(pooled), /*kill=*/true);
  } else if (draining_) {
    Close(std::move(pooled), /*kill=*/false);
  } else if (pooled->generation != generation_) {
    ++counters_.evicted_site;
    Close(std::move(pooled), /*kill=*/false);
  } else if (MayRetire(*pooled, now)) {
    Retire(std::move(pooled));
  } else {
    Hand(std::move(pooled));
  }
  FailWaitersIfDown();
}

void Pool::Impl::FailWaiters(const absl::Status& status) {
  for (Waiter* waiter : waiters_) {
    waiter->done = true;
    waiter->status = status;
    waiter->cv.Signal();
  }
  waiters_.clear();
}

bool Pool::Impl::IsDown() const { return Open_() == 0 && !last_error_.ok(); }

void Pool::Impl::FailWaitersIfDown() {
  if (!waiters_.empty() && IsDown()) FailWaiters(Refusal());
}

// A server that shuts down or was demoted takes all its sessions with it: one failure instead of one per session.
void Pool::Impl::NoteLoss(const Lease::Pooled& pooled, SessionFate fate) {
  if (pooled.generation != generation_) return;
  const absl::Time now = absl::Now();
  losses_.erase(
      std::remove_if(losses_.begin(), losses_.end(), [now](absl::Time t) { return now - t > absl::Seconds(1); }),
      losses_.end());
  losses_.push_back(now);
  if (fate == SessionFate::kDiscardSite) {
    Evict("the server is read-only, shutting down or without its cluster");
  } else if (losses_.size() >= 3) {
    Evict("three sessions were lost within a second");
  }
}

void Pool::Impl::Evict(absl::string_view why) {
  ++generation_;
  losses_.clear();
  Log(absl::StrCat("closing all sessions opened before now: ", why));
  while (!idle_.empty()) {
    ++counters_.evicted_site;
    Close(std::move(idle_.front()), /*kill=*/false);
    idle_.pop_front();
  }
}

void Pool::Impl::EvictGeneration(absl::string_view why) {
  absl::MutexLock lock(&mu_);
  Evict(why);
}

absl::Status Pool::Impl::Drain(absl::Time deadline) {
  std::vector<ServerFacts> stuck;
  {
    absl::MutexLock lock(&mu_);
    draining_ = true;
    FailWaiters(Unavailable(absl::StatusCode::kUnavailable, "the pool is shutting down", "DATABASE_UNAVAILABLE"));
    while (!lent_.empty() && !back_cv_.WaitWithDeadline(&mu_, deadline)) {
    }
    for (const Lease::Pooled* pooled : lent_) stuck.push_back(pooled->session->facts());
    while (!idle_.empty()) {
      Close(std::move(idle_.front()), /*kill=*/false);
      idle_.pop_front();
    }
  }
  if (stuck.empty()) return absl::OkStatus();
  for (const ServerFacts& facts : stuck) {
    if (watchdog_ != nullptr) watchdog_->KillConnection(facts);
  }
  return absl::DeadlineExceededError(
      absl::StrCat(stuck.size(), " leases were not back in time; their statements were killed"));
}

// ---- what it says of itself ----

bool Pool::Impl::ready() const {
  absl::MutexLock lock(&mu_);
  return Open_() > 0 && last_error_.ok();
}

absl::Status Pool::Impl::last_error() const {
  absl::MutexLock lock(&mu_);
  return last_error_;
}

absl::optional<ServerFacts> Pool::Impl::server() const {
  absl::MutexLock lock(&mu_);
  return server_;
}

PoolStats Pool::Impl::stats() const {
  absl::MutexLock lock(&mu_);
  PoolStats stats = counters_;
  stats.open = Open_();
  stats.idle = static_cast<std::int64_t>(idle_.size());
  stats.in_use = static_cast<std::int64_t>(lent_.size());
  stats.connecting = opening_;
  stats.waiting = static_cast<std::int64_t>(waiters_.size());
  return stats;
}

void Pool::Impl::Log(absl::string_view event) const {
  if (options_.log) options_.log(event);
}

// ---- the public face ----

Lease::Lease(Pool* pool, std::unique_ptr<Pooled> pooled)
    : pool_(pool), pooled_(std::move(pooled)), session_(pooled_->session.get()) {}

Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      pooled_(std::move(other.pooled_)),
      session_(std::exchange(other.session_, nullptr)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  Return();
  pool_ = std::exchange(other.pool_, nullptr);
  pooled_ = std::move(other.pooled_);
  session_ = std::exchange(other.session_, nullptr);
  return *this;
}

Lease::~Lease() { Return(); }

void Lease::Return() {
  if (pool_ != nullptr) std::exchange(pool_, nullptr)->impl_->Return(std::move(pooled_));
}

Pool::Pool(Driver& driver, Watchdog* watchdog, PoolOptions options)
    : impl_(std::make_unique<Impl>(driver, watchdog, std::move(options))) {}

Pool::~Pool() = default;

absl::StatusOr<Lease> Pool::Acquire(const Budget& budget) {
  BONNIE_ASSIGN_OR_RETURN(Impl::Pooled pooled, impl_->Acquire(budget));
  pooled->session->StartLease(budget);
  return Lease(this, std::move(pooled));
}

bool Pool::ready() const { return impl_->ready(); }
absl::Status Pool::last_error() const { return impl_->last_error(); }
absl::optional<ServerFacts> Pool::server() const { return impl_->server(); }
PoolStats Pool::stats() const { return impl_->stats(); }
void Pool::EvictGeneration(absl::string_view why) { impl_->EvictGeneration(why); }
absl::Status Pool::Drain(absl::Time deadline) { return impl_->Drain(deadline); }

}  // namespace bonnie::data_access
