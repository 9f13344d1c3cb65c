#include "services/schema/operations.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/server/error.h"

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

bool Operation::has_begun() const {
  absl::MutexLock lock(&mu_);
  return !events_.empty();
}

absl::optional<absl::Status> Operation::outcome() const {
  absl::MutexLock lock(&mu_);
  return outcome_;
}

absl::optional<absl::Status> Operation::Await(absl::Time deadline) const {
  absl::MutexLock lock(&mu_);
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return outcome_.has_value(); };
  mu_.AwaitWithDeadline(absl::Condition(&ended), deadline);
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
  std::list<Known> known;
  {
    absl::MutexLock lock(&mu_);
    known.swap(known_);
  }
  for (Known& one : known) {
    if (one.thread.joinable()) one.thread.join();
  }
}

void Operations::Stop() {
  absl::MutexLock lock(&mu_);
  stopping_ = true;
  for (Known& one : known_) one.operation->control().Stop();
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
  if (stopping_) operation->control().Stop();
  known_.push_back({operation, std::thread([this, operation, request = std::move(request)] {
                      operation->End(runner_.Run(
                          request, operation->id(), [&](const OperationEvent& event) { operation->Add(event); },
                          operation->control()));
                    })});
  return operation;
}

absl::StatusOr<std::shared_ptr<Operation>> Operations::Find(absl::string_view prefix) {
  absl::MutexLock lock(&mu_);
  std::shared_ptr<Operation> found;
  for (const Known& one : known_) {
    if (!absl::StartsWith(one.operation->id(), prefix)) continue;
    if (found != nullptr && found->id() == one.operation->id()) {
      if (!found->has_begun()) found = one.operation;  // of those who apply one plan, one begins
      continue;
    }
    if (found != nullptr) {
      return server::Error(absl::StatusCode::kInvalidArgument,
                           absl::StrCat("operation_id: several operations begin with ", prefix, "; write more of it"),
                           {.reason = "OPERATION_AMBIGUOUS"});
    }
    found = one.operation;
  }
  if (found != nullptr) return found;
  return server::Error(
      absl::StatusCode::kNotFound,
      absl::StrCat("this service runs no operation ", prefix,
                   ", and does not remember one; ListOperations (`bonnie schema operations`) says what "
                   "became of it"),
      {.reason = "OPERATION_UNKNOWN"});
}

void Operations::JoinEnded() {
  int ended = 0;
  for (Known& one : known_) {
    if (!one.operation->outcome().has_value()) continue;
    ++ended;
    if (one.thread.joinable()) one.thread.join();
  }
  for (auto it = known_.begin(); it != known_.end() && ended > max_ended_;) {
    if (it->thread.joinable()) {
      ++it;
    } else {
      it = known_.erase(it);
      --ended;
    }
  }
}

}  // namespace bonnie::schema
