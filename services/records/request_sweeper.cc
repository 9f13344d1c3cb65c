#include "services/records/request_sweeper.h"

#include "services/data_access/pool.h"
#include "services/records/request_log.h"

namespace bonnie::records {
namespace {

constexpr absl::Duration kBudget = absl::Seconds(10);

}  // namespace

RequestSweeper::RequestSweeper(data_access::Pool& pool, absl::Duration interval)
    : pool_(pool), interval_(interval), thread_([this] { Run(); }) {}

RequestSweeper::~RequestSweeper() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void RequestSweeper::Run() {
  while (!stopping()) {
    Sweep();
    absl::MutexLock lock(&mu_);
    mu_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
  }
}

void RequestSweeper::Sweep() {
  while (!stopping()) {
    absl::StatusOr<data_access::Lease> lease = pool_.Acquire({absl::Now() + kBudget, nullptr});
    if (!lease.ok()) return;  // an entry kept longer does no harm; the next round comes
    const absl::StatusOr<std::int64_t> swept = SweepRequests(**lease);
    if (!swept.ok() || *swept < kSweepBatch) return;
  }
}

bool RequestSweeper::stopping() const {
  absl::MutexLock lock(&mu_);
  return stopping_;
}

}  // namespace bonnie::records
