#include "services/server/gate.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "services/server/call.h"
#include "services/server/error.h"

namespace bonnie::server {
namespace {

absl::Status Overloaded(absl::string_view what) {
  ErrorDetails details;
  details.reason = "OVERLOADED";
  details.retry_after = absl::Milliseconds(100);
  return Error(absl::StatusCode::kUnavailable, what, std::move(details));
}

absl::Status QuotaExceeded(absl::string_view what, absl::Duration retry_after) {
  ErrorDetails details;
  details.reason = "QUOTA";
  details.retry_after = retry_after;
  details.quota.emplace(ErrorDetails::Quota{"identity", std::string(what)});
  return Error(absl::StatusCode::kResourceExhausted, what, std::move(details));
}

}  // namespace

Gate::Gate(GateOptions options, std::function<absl::Time()> now) : options_(options), now_(std::move(now)) {}

absl::Status Gate::EnterUnary(Quota& quota) {
  if (closed()) return ShuttingDown();
  if (absl::Status rate = Spend(quota); !rate.ok()) return rate;
  if (unary_.fetch_add(1, std::memory_order_relaxed) >= options_.max_unary) {
    unary_.fetch_sub(1, std::memory_order_relaxed);
    return Overloaded("too many calls in work in this process; come back, or ask another instance");
  }
  if (quota.unary_.fetch_add(1, std::memory_order_relaxed) >= options_.max_unary_per_identity) {
    LeaveUnary(quota);
    return QuotaExceeded("too many calls of this identity in work", absl::Milliseconds(100));
  }
  return absl::OkStatus();
}

void Gate::LeaveUnary(Quota& quota) {
  quota.unary_.fetch_sub(1, std::memory_order_relaxed);
  unary_.fetch_sub(1, std::memory_order_relaxed);
}

absl::Status Gate::EnterStream(Quota& quota, StreamPool pool) {
  if (closed()) return ShuttingDown();
  if (absl::Status rate = Spend(quota); !rate.ok()) return rate;
  const auto at = static_cast<std::size_t>(pool);
  const int most = pool == StreamPool::kReading ? options_.max_streams : options_.max_operation_streams;
  if (streams_[at].fetch_add(1, std::memory_order_relaxed) >= most) {
    streams_[at].fetch_sub(1, std::memory_order_relaxed);
    return Overloaded("too many streams in work in this process; come back, or ask another instance");
  }
  if (quota.streams_[at].fetch_add(1, std::memory_order_relaxed) >= options_.max_streams_per_identity) {
    LeaveStream(quota, pool);
    return QuotaExceeded("too many streams of this identity in work", absl::Seconds(1));
  }
  return absl::OkStatus();
}

void Gate::LeaveStream(Quota& quota, StreamPool pool) {
  const auto at = static_cast<std::size_t>(pool);
  quota.streams_[at].fetch_sub(1, std::memory_order_relaxed);
  streams_[at].fetch_sub(1, std::memory_order_relaxed);
}

int Gate::streams() const {
  int all = 0;
  for (const std::atomic<int>& pool : streams_) all += pool.load(std::memory_order_relaxed);
  return all;
}

absl::Status Gate::EnterWatch(Quota& quota) {
  if (closed()) return ShuttingDown();
  if (watches_.fetch_add(1, std::memory_order_relaxed) >= options_.max_watches) {
    watches_.fetch_sub(1, std::memory_order_relaxed);
    return Overloaded("too many watches open in this process; come back, or ask another instance");
  }
  if (quota.watches_.fetch_add(1, std::memory_order_relaxed) >= options_.max_watches_per_identity) {
    LeaveWatch(quota);
    return QuotaExceeded("too many watches of this identity open", absl::Seconds(1));
  }
  return absl::OkStatus();
}

void Gate::LeaveWatch(Quota& quota) {
  quota.watches_.fetch_sub(1, std::memory_order_relaxed);
  watches_.fetch_sub(1, std::memory_order_relaxed);
}

void Gate::Close() { closed_.store(true, std::memory_order_relaxed); }

bool Gate::WaitUntilEmpty(absl::Time deadline) const {
  while (unary() + streams() > 0) {
    if (now_() >= deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

absl::Status Gate::Spend(Quota& quota) {
  const double rate = options_.max_rate_per_identity;
  if (rate <= 0) return absl::OkStatus();
  const absl::Time now = now_();
  const double burst = std::max(1.0, rate);
  absl::MutexLock lock(&quota.mu_);
  if (quota.tokens_ < 0) {
    quota.tokens_ = burst;
  } else {
    const double earned = rate * absl::ToDoubleSeconds(std::max(now - quota.filled_, absl::ZeroDuration()));
    quota.tokens_ = std::min(burst, quota.tokens_ + earned);
  }
  quota.filled_ = now;
  if (quota.tokens_ < 1) {
    return QuotaExceeded("too many calls of this identity per second",
                         absl::Seconds((1 - quota.tokens_) / rate) + absl::Milliseconds(1));
  }
  quota.tokens_ -= 1;
  return absl::OkStatus();
}

}  // namespace bonnie::server
