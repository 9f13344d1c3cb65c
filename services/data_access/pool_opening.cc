// How a pool opens sessions: in the background, few at a time, with pauses that grow while the site is down.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/pool_impl.h"

namespace bonnie::data_access {
namespace {

// "Cap first and jitter after": the pause is random over the whole range, so that clients do not come back together.
absl::Duration Pause(const PoolOptions& options, const absl::Status& status, int failures, absl::BitGen& random) {
  const absl::optional<Fault> fault = FaultOf(status);
  // Credentials are read again at each try: once at once, in case they have just changed, then seldom, because servers
  // lock accounts.
  if (fault.has_value() && fault->alarm && failures > 1) return options.auth_backoff;
  const absl::Duration longest = std::min(options.backoff_max, options.backoff_min * (1 << std::min(failures - 1, 20)));
  return longest * absl::Uniform(random, 0.0, 1.0);
}

}  // namespace

Pool::Impl::Impl(Driver& driver, Watchdog* watchdog, PoolOptions options)
    : driver_(driver), watchdog_(watchdog), options_(std::move(options)) {
  for (int i = 0; i < std::max(1, options_.max_connecting); ++i) threads_.emplace_back([this] { OpenLoop(); });
  threads_.emplace_back([this] { UpkeepLoop(); });
}

Pool::Impl::~Impl() {
  (void)Drain(absl::InfiniteFuture());
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    open_cv_.SignalAll();
    upkeep_cv_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Pool::Impl::OpenLoop() {
  absl::MutexLock lock(&mu_);
  while (!stopping_) {
    if (WantedOpens() == 0) {
      open_cv_.Wait(&mu_);
    } else if (absl::Now() < next_open_) {
      open_cv_.WaitWithDeadline(&mu_, next_open_);
    } else {
      Open();
    }
  }
}

int Pool::Impl::WantedOpens() const {
  if (draining_) return 0;
  const int for_waiters = static_cast<int>(waiters_.size()) - opening_;
  const int for_shelf = options_.min_idle - Open_() - opening_;
  const bool replacing = replacement_ == Replacement::kOpening || replacement_ == Replacement::kOwed;
  const int for_replacement = replacing && opening_ == 0 ? 1 : 0;
  const int wanted = std::max({for_waiters, for_shelf, for_replacement});
  return std::max(0, std::min({wanted, options_.max_sessions - Slots(), open_at_once_ - opening_}));
}

void Pool::Impl::Open() {
  ++opening_;
  if (WantedOpens() > 0) open_cv_.Signal();  // another thread can help
  const std::int64_t generation = generation_;
  mu_.Unlock();
  absl::StatusOr<std::unique_ptr<Connection>> connection = driver_.Connect(options_.connect);
  mu_.Lock();
  --opening_;
  if (connection.ok()) {
    OnOpened(*std::move(connection), generation);
  } else {
    OnOpenFailed(connection.status());
  }
}

void Pool::Impl::OnOpened(std::unique_ptr<Connection> connection, std::int64_t generation) {
  const absl::Time now = absl::Now();
  auto pooled = std::make_unique<Lease::Pooled>();
  pooled->session = std::make_unique<Session>(std::move(connection), watchdog_, &options_.observer);
  pooled->generation = generation;
  const ServerFacts& facts = pooled->session->facts();
  // A read-only server may be the old primary, or become writable again: ask anew soon.
  const absl::Duration lifetime = facts.read_only ? options_.backoff_max : options_.max_lifetime;
  pooled->expires = now + lifetime * absl::Uniform(random_, 0.8, 1.0);
  pooled->keepalive = options_.keepalive * absl::Uniform(random_, 0.9, 1.1);
  if (facts.wait_timeout > absl::ZeroDuration())
    pooled->keepalive = std::min(pooled->keepalive, facts.wait_timeout / 3);
  pooled->used = pooled->touched = now;
  server_ = facts;
  ++counters_.opened;
  if (!last_error_.ok()) Log("the database can be reached again");
  last_error_ = absl::OkStatus();
  failures_ = 0;
  open_at_once_ = std::min(open_at_once_ * 2, std::max(1, options_.max_connecting));
  if (draining_ || generation != generation_) {
    Close(std::move(pooled), /*kill=*/false);
  } else {
    Hand(std::move(pooled));
  }
  if (replacement_ == Replacement::kOwed) replacement_ = Replacement::kNone;
  if (replacement_ == Replacement::kOpening) replacement_ = Replacement::kOpened;
  ReplaceExpired(now);
}

void Pool::Impl::OnOpenFailed(const absl::Status& status) {
  ++counters_.open_failures;
  ++failures_;
  open_at_once_ = 1;
  next_open_ = absl::Now() + Pause(options_, status, failures_, random_);
  if (last_error_.message() != status.message()) Log(absl::StrCat("cannot open a session: ", status.message()));
  last_error_ = status;
  replacement_ = Replacement::kNone;
  FailWaitersIfDown();
}

}  // namespace bonnie::data_access
