#include "services/server/answer_queue.h"

#include <algorithm>

#include "services/server/call.h"

namespace bonnie::server {
namespace {

constexpr std::size_t kAtOnce = 8;  // sent by one visitor before it looks again: two share a large batch

thread_local std::vector<UnaryCall*>* holding = nullptr;  // within Deliver

}  // namespace

void AnswerQueue::Deliver(absl::FunctionRef<void()> answers) {
  Flush();
  std::vector<UnaryCall*> finished;
  holding = &finished;
  answers();
  holding = nullptr;
  if (finished.empty()) return;
  if (finished.size() > 1) {
    absl::MutexLock lock(&mu_);
    calls_.insert(calls_.end(), finished.begin() + 1, finished.end());
    held_.store(static_cast<int>(calls_.size()), std::memory_order_release);
  }
  finished.front()->Send();
}

void AnswerQueue::Flush() {
  while (held_.load(std::memory_order_acquire) > 0) {
    UnaryCall* calls[kAtOnce];
    std::size_t count = 0;
    {
      absl::MutexLock lock(&mu_);
      count = std::min(kAtOnce, calls_.size());
      std::copy(calls_.end() - static_cast<std::ptrdiff_t>(count), calls_.end(), calls);
      calls_.resize(calls_.size() - count);
      held_.store(static_cast<int>(calls_.size()), std::memory_order_release);
    }
    for (std::size_t i = 0; i < count; ++i) calls[i]->Send();
  }
}

bool AnswerQueue::Hold(UnaryCall* call) {
  if (holding == nullptr) return false;
  holding->push_back(call);
  return true;
}

}  // namespace bonnie::server
