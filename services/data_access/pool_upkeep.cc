// How a pool's sessions age: pings, planned replacement, closing, leaks.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/pool_impl.h"
#include "services/data_access/watchdog.h"

namespace bonnie::data_access {

void Pool::Impl::UpkeepLoop() {
  // Often enough for the shortest of the limits, and seldom enough to cost nothing.
  const absl::Duration shortest =
      std::min({options_.keepalive, options_.idle_timeout, options_.max_lifetime, options_.leak_warning});
  const absl::Duration tick = std::clamp(shortest / 10, absl::Milliseconds(1), absl::Seconds(1));
  absl::MutexLock lock(&mu_);
  while (!stopping_ || !to_close_.empty()) {
    CloseAll();
    const absl::Time now = absl::Now();
    CloseSurplus(now);
    KeepAlive(now);
    ReplaceExpired(now);
    ReportLeaks(now);
    if (!stopping_ && to_close_.empty()) upkeep_cv_.WaitWithTimeout(&mu_, tick);
  }
}

void Pool::Impl::Close(Pooled pooled, bool kill) {
  ++closing_;
  to_close_.push_back({std::move(pooled), kill});
  upkeep_cv_.Signal();
}

// A slot is free only when the server has let go of it: else mass timeouts would push the server past its
// max_connections.
void Pool::Impl::CloseAll() {
  while (!to_close_.empty()) {
    Closing closing = std::move(to_close_.back());
    to_close_.pop_back();
    mu_.Unlock();
    if (closing.kill && watchdog_ != nullptr) watchdog_->KillConnection(closing.pooled->session->facts());
    closing.pooled = nullptr;
    mu_.Lock();
    --closing_;
    open_cv_.Signal();
  }
}

void Pool::Impl::CloseSurplus(absl::Time now) {
  while (Open_() > options_.min_idle && !idle_.empty() && now - idle_.front()->used > options_.idle_timeout) {
    ++counters_.closed_idle;
    Close(std::move(idle_.front()), /*kill=*/false);
    idle_.pop_front();
  }
}

void Pool::Impl::KeepAlive(absl::Time now) {
  for (;;) {
    const auto due = std::find_if(idle_.begin(), idle_.end(),
                                  [now](const Pooled& pooled) { return now - pooled->touched > pooled->keepalive; });
    if (due == idle_.end()) return;
    Pooled pooled = std::move(*due);
    idle_.erase(due);
    lent_.push_back(pooled.get());  // to ourselves
    pooled->lent = now;
    pooled->borrower = std::this_thread::get_id();
    mu_.Unlock();
    const bool alive = pooled->session->Ping().ok();
    mu_.Lock();
    Unlend(pooled.get());
    pooled->touched = now;
    if (!alive) {
      NoteLoss(*pooled, SessionFate::kDiscard);
      ++counters_.closed_broken;
      Close(std::move(pooled), /*kill=*/false);
    } else if (draining_ || pooled->generation != generation_) {
      Close(std::move(pooled), /*kill=*/false);
    } else if (!waiters_.empty()) {
      Hand(std::move(pooled));
    } else {
      idle_.push_front(std::move(pooled));  // a ping is no use: it goes on ageing out
    }
    FailWaitersIfDown();
  }
}

void Pool::Impl::ReportLeaks(absl::Time now) {
  for (Lease::Pooled* pooled : lent_) {
    if (pooled->leak_reported || now - pooled->lent < options_.leak_warning) continue;
    pooled->leak_reported = true;
    ++counters_.leaks;
    Log(absl::StrCat("a lease is out for more than ", absl::FormatDuration(options_.leak_warning),
                     "; its session's last statement: ", pooled->session->last_statement()));
  }
}

void Pool::Impl::ReplaceExpired(absl::Time now) {
  const auto oldest = std::min_element(idle_.begin(), idle_.end(),
                                       [](const Pooled& a, const Pooled& b) { return a->expires < b->expires; });
  if (oldest == idle_.end() || (*oldest)->expires > now) return;
  if (replacement_ == Replacement::kNone && Slots() < options_.max_sessions) {
    replacement_ = Replacement::kOpening;
    open_cv_.Signal();
  } else if (MayRetire(**oldest, now)) {
    Pooled pooled = std::move(*oldest);
    idle_.erase(oldest);
    Retire(std::move(pooled));
  }
}

bool Pool::Impl::MayRetire(const Lease::Pooled& pooled, absl::Time now) {
  if (pooled.expires > now) return false;
  return replacement_ == Replacement::kOpened ||
         (replacement_ == Replacement::kNone && Slots() >= options_.max_sessions);
}

void Pool::Impl::Retire(Pooled pooled) {
  ++counters_.closed_lifetime;
  replacement_ = replacement_ == Replacement::kOpened ? Replacement::kNone : Replacement::kOwed;
  Close(std::move(pooled), /*kill=*/false);
  open_cv_.Signal();
}

}  // namespace bonnie::data_access
