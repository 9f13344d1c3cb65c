#include "services/schema/operations.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bonnie::schema {

absl::optional<Operation::Event> Operation::After(std::int64_t sequence, absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const auto ready = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return static_cast<std::int64_t>(events_.size()) > sequence || outcome_.has_value();
  };
  mu_.AwaitWithDeadline(absl::Condition(&ready), deadline);
  if (static_cast<std::int64_t>(events_.size()) <= sequence) return absl::nullopt;
  return events_[sequence];
}

absl::optional<absl::Status> Operation::outcome() const {
  absl::MutexLock lock(&mu_);
  return outcome_;
}

void Operation::Add(OperationEvent what) {
  absl::MutexLock lock(&mu_);
  events_.push_back({static_cast<std::int64_t>(events_.size()) + 1, absl::Now(), std::move(what)});
}

void Operation::End(absl::Status outcome) {
  absl::MutexLock lock(&mu_);
  outcome_ = std::move(outcome);
}

Operations::~Operations() {
  Stop();
  std::list<Running> running;
  {
    absl::MutexLock lock(&mu_);
    running.swap(running_);
  }
  for (Running& one : running) one.thread.join();
}

std::string NewOperationId() {
  absl::BitGen random;
  return absl::StrCat(absl::Hex(absl::Uniform<std::uint64_t>(random), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<std::uint64_t>(random), absl::kZeroPad16));
}

std::shared_ptr<Operation> Operations::Start(ApplyRequest request) {
  auto operation =
      std::make_shared<Operation>(request.planned.has_value() ? request.planned->plan_id : NewOperationId());
  absl::MutexLock lock(&mu_);
  JoinEnded();
  running_.push_back({operation, std::thread([this, operation, request = std::move(request)] {
                        operation->End(runner_.Run(
                            request, operation->id(), [&](const OperationEvent& event) { operation->Add(event); },
                            [this] { return !stopping_; }));
                      })});
  return operation;
}

void Operations::JoinEnded() {
  for (auto it = running_.begin(); it != running_.end();) {
    if (it->operation->outcome().has_value()) {
      it->thread.join();
      it = running_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace bonnie::schema
