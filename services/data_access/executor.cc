#include "services/data_access/executor.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/fault.h"
#include "services/data_access/pool.h"

namespace bonnie::data_access {
class Executor::Impl {
 public:
  using Work = absl::AnyInvocable<void() &&>;

  explicit Impl(const ExecutorOptions& options) : max_queued_(static_cast<size_t>(options.max_queued)) {
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Loop(); });
  }

  ~Impl() {
    Drain();
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      for (absl::CondVar* sleeper : sleepers_) sleeper->Signal();
      sleepers_.clear();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  // False, and `work` untouched, when there is no room.
  bool Add(Work& work) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (draining_ || queue_.size() >= max_queued_) return false;
    queue_.push_back(std::move(work));
    if (!sleepers_.empty()) {
      sleepers_.back()->Signal();
      sleepers_.pop_back();
    }
    return true;
  }

  std::int64_t queued() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return static_cast<std::int64_t>(queue_.size());
  }

  void Drain() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    draining_ = true;
    while (!queue_.empty() || running_ > 0) idle_.Wait(&mu_);
  }

 private:
  void Loop() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::CondVar wake;
    absl::MutexLock lock(&mu_);
    for (;;) {
      while (queue_.empty() && !stopping_) {
        sleepers_.push_back(&wake);
        wake.Wait(&mu_);
        // Still there after a wake-up that nobody asked for; left there, it would swallow somebody else's.
        sleepers_.erase(std::remove(sleepers_.begin(), sleepers_.end(), &wake), sleepers_.end());
      }
      if (queue_.empty()) return;
      Work work = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
      mu_.Unlock();
      std::move(work)();
      work = nullptr;  // what it holds ends outside the lock
      mu_.Lock();
      --running_;
      if (draining_ && queue_.empty() && running_ == 0) idle_.SignalAll();
    }
  }

  const size_t max_queued_;

  mutable absl::Mutex mu_;
  absl::CondVar idle_;  // for Drain
  std::deque<Work> queue_ ABSL_GUARDED_BY(mu_);
  // The thread that went to sleep last is woken first: its stack and the allocator's part of it are still in the cache.
  std::vector<absl::CondVar*> sleepers_ ABSL_GUARDED_BY(mu_);
  int running_ ABSL_GUARDED_BY(mu_) = 0;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::vector<std::thread> threads_;
};

Executor::Executor(Pool& pool, ExecutorOptions options) : pool_(pool), impl_(std::make_unique<Impl>(options)) {}

Executor::~Executor() = default;

void Executor::Run(Budget budget, Task task) {
  auto shared = std::make_unique<std::pair<Budget, Task>>(std::move(budget), std::move(task));
  auto* const job = shared.get();
  Impl::Work work = [this, shared = std::move(shared)]() mutable {
    absl::StatusOr<Lease> lease = pool_.Acquire(shared->first);
    if (!lease.ok()) return std::move(shared->second)(lease.status());
    std::move(shared->second)(&**lease);
  };
  if (!impl_->Add(work)) std::move(job->second)(OverloadedError("too many calls wait for the database"));
}

bool Executor::RunWork(absl::AnyInvocable<void() &&> work) { return impl_->Add(work); }

std::int64_t Executor::queued() const { return impl_->queued(); }

void Executor::Drain() { impl_->Drain(); }

}  // namespace bonnie::data_access
