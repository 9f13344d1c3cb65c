#include "services/schema/fair_jobs.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMaxWaitingJobs = 8;                              // of one identity, the running one not counted
constexpr absl::Duration kLookForCancel = absl::Milliseconds(50);  // a stream's cancellation wakes nobody

absl::Status TooManyJobs() {
  server::ErrorDetails details;
  details.reason = "QUOTA";
  details.retry_after = absl::Seconds(2);
  details.quota.emplace(server::ErrorDetails::Quota{"identity", "jobs that wait for the one before"});
  return server::Error(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat(kMaxWaitingJobs, " jobs of this identity wait already: they run one after the other"),
      std::move(details));
}

// What a waiting thread and its job share; the job may come after the thread has given up.
struct Shared {
  absl::Mutex mu;
  bool started ABSL_GUARDED_BY(mu) = false;
  bool abandoned ABSL_GUARDED_BY(mu) = false;  // `work` is gone
  bool done ABSL_GUARDED_BY(mu) = false;
  absl::Status status ABSL_GUARDED_BY(mu);
};

// Waits until the job has started or ended; why nobody waits any longer otherwise, and then it never starts.
absl::Status AwaitStart(Shared& shared, const data_access::Budget& budget) {
  absl::MutexLock lock(&shared.mu);
  const auto begun = [&shared]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(shared.mu) { return shared.started || shared.done; };
  while (
      !shared.mu.AwaitWithDeadline(absl::Condition(&begun), std::min(budget.deadline, absl::Now() + kLookForCancel))) {
    const absl::Status left = budget.Check(absl::Now());
    shared.abandoned = !left.ok();
    if (shared.abandoned) return left;
  }
  return absl::OkStatus();
}

}  // namespace

// `identity` by value: the caller's own may end with its job.
void FairJobs::Run(std::string identity, data_access::Budget budget, Job job) {
  bool refused = false, first = false;
  {
    absl::MutexLock lock(&mu_);
    std::deque<Waiting>& line = lines_[identity];
    refused = line.size() > kMaxWaitingJobs;
    first = line.empty();
    if (!refused) line.push_back({std::move(budget), std::move(job)});
  }
  if (refused) return std::move(job)(TooManyJobs());
  if (first) Start(identity);
}

absl::Status FairJobs::RunAndWait(const std::string& identity, const data_access::Budget& budget,
                                  absl::FunctionRef<absl::Status()> work) {
  const auto shared = std::make_shared<Shared>();
  Run(identity, budget, [shared, work](absl::Status start) {
    {
      absl::MutexLock lock(&shared->mu);
      if (shared->abandoned) return;
      shared->started = true;
    }
    absl::Status status = start.ok() ? work() : std::move(start);
    absl::MutexLock lock(&shared->mu);
    shared->status = std::move(status);
    shared->done = true;
  });
  if (absl::Status started = AwaitStart(*shared, budget); !started.ok()) return started;
  absl::MutexLock lock(&shared->mu);
  shared->mu.Await(absl::Condition(&shared->done));
  return shared->status;
}

void FairJobs::Start(const std::string& identity) {
  if (threads_.RunWork([this, identity] { RunFirst(identity, absl::OkStatus()); })) return;
  RunFirst(identity, data_access::OverloadedError("too many calls of this kind wait already"));
}

void FairJobs::RunFirst(const std::string& identity, absl::Status start) {
  Waiting first;
  {
    absl::MutexLock lock(&mu_);
    first = std::move(lines_.at(identity).front());
  }
  if (start.ok()) start = first.budget.Check(absl::Now());
  std::move(first.job)(std::move(start));
  {
    absl::MutexLock lock(&mu_);
    const auto line = lines_.find(identity);
    line->second.pop_front();
    if (line->second.empty()) return lines_.erase(line);
  }
  Start(identity);
}

}  // namespace bonnie::schema
