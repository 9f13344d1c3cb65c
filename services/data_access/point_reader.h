#ifndef BONNIE_SERVICES_DATA_ACCESS_POINT_READER_H_
#define BONNIE_SERVICES_DATA_ACCESS_POINT_READER_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/data_access/budget.h"
#include "services/data_access/delivery.h"
#include "services/data_access/executor.h"
#include "services/data_access/fault.h"
#include "services/data_access/point_batch.h"
#include "services/data_access/pool.h"
#include "services/data_access/session.h"

namespace bonnie::data_access {

struct PointReaderOptions {
  int max_statements =
      2;               // merged reads in flight; fewer and fuller ones serve more: big batches matter most
  int max_batch = 64;  // a power of two; 1: each call its own statement on its own thread, nothing is merged
  absl::Duration linger = absl::Microseconds(200);  // under load only: the longest wait for a fuller batch
  int max_queued = 1024;                            // calls that wait
  Delivery* delivery = nullptr;  // how a batch's answers leave; null: one by one. Outlives the reader
  std::function<absl::Time()> now = absl::Now;
};

// Counters since the start.
struct PointReaderStats {
  std::int64_t reads = 0;       // calls that were sent to the database
  std::int64_t statements = 0;  // merged reads sent
  std::int64_t alone = 0;       // calls read again by themselves after their batch lost its session
  std::int64_t strays = 0;      // answers with a row that nobody asked for
};

// Merges point reads that wait at the same moment into one `WHERE key IN (…)`: the cost per row of a statement for 32
// rows is 1/30 of that of a single one.
//
// Each caller gets what its own autocommit SELECT would have read: a batch is closed before its statement is sent, so
// the one snapshot is taken after every member's call began, and it sees all that was acknowledged before. That holds
// for reads by a unique key that is compared bytewise (integers, fixed bytes), with one text and one set of columns, in
// no transaction, without locks.
//
// A lone call goes at once. Under load (the last batch had several members) a thread waits up to `linger` for a fuller
// batch. Members that expired or were cancelled are dropped before sending; the statement may run until the latest
// member deadline, and is killed when the last member has left. When the session is lost or the statement interrupted,
// each member that still has time is read alone, once.
//
// Key: comparable by < and ==, copyable. Row: copyable. Thread-safe. The executor outlives the reader.
template <class Key, class Row>
class PointReader {
 public:
  using Options = PointReaderOptions;
  // Reads the rows with these keys: 1, 2, 4 … max_batch of them, ascending, the last one repeated to fill up. A key
  // without a row is left out. Called on database threads.
  using Read =
      std::function<absl::Status(Querier& querier, absl::Span<const Key> keys, std::vector<std::pair<Key, Row>>* rows)>;
  // The row, or nullopt when there is none. Otherwise as Querier::Query; kUnavailable (OVERLOADED) when too many wait.
  using Done = typename PointBatch<Key, Row>::Done;

  PointReader(Executor& executor, Options options, Read read)
      : executor_(executor), options_(std::move(options)), read_(std::move(read)) {}

  // Waits until every call has been answered. No Get may run any more.
  ~PointReader() {
    absl::MutexLock lock(&mu_);
    while (workers_ > 0) idle_.Wait(&mu_);
  }
  PointReader(const PointReader&) = delete;
  PointReader& operator=(const PointReader&) = delete;

  // Reads the row of `key`. Does not block. Calls `done` exactly once, on a database thread, or on this one with
  // OVERLOADED.
  void Get(Key key, Budget budget, Done done) ABSL_LOCKS_EXCLUDED(mu_) {
    Member member{std::move(key), std::move(budget), std::move(done)};
    if (options_.max_batch <= 1) return GetUnmerged(std::move(member));
    switch (Add(&member)) {
      case Added::kWaits:
        return;
      case Added::kWantsWorker:
        if (!executor_.RunWork([this] { Work(); })) Dismiss();
        return;
      case Added::kNoRoom:
        return std::move(member.done)(Overloaded());
    }
  }

  PointReaderStats stats() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return stats_;
  }

 private:
  using Batch = PointBatch<Key, Row>;
  using Member = typename Batch::Member;
  // Kills the statement when its last member has left.
  struct Passengers {
    std::atomic<int> aboard;
    const std::shared_ptr<Cancellation> all_left = std::make_shared<Cancellation>();
  };
  // How a try ended, and whether it got as far as a session.
  struct Try {
    absl::Status status;
    bool had_session;
  };

  enum class Added { kWaits, kWantsWorker, kNoRoom };

  static constexpr size_t kBusy = 4;  // a batch of so many says that a fuller one is worth waiting for
  size_t FullEnough() const { return std::min<size_t>(16, static_cast<size_t>(options_.max_batch)); }
  size_t Waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return queue_.size() - taken_; }

  static absl::Status Overloaded() { return OverloadedError("too many calls wait for the database"); }

  // Queues the call. A thread is woken once per batch, not per call: by whoever finds none at work, or fills its batch.
  Added Add(Member* member) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (Waiting() >= static_cast<size_t>(options_.max_queued)) return Added::kNoRoom;
    queue_.push_back(std::move(*member));
    if (lingering_) {
      if (Waiting() == FullEnough()) full_.Signal();
      return Added::kWaits;
    }
    if (workers_ == options_.max_statements) return Added::kWaits;
    ++workers_;
    return Added::kWantsWorker;
  }

  // A database thread serves batches until none waits, without going back to the executor in between. It is a worker
  // until its answers are out: the last one to retire lets the reader be destroyed.
  void Work() ABSL_LOCKS_EXCLUDED(mu_) {
    Batch batch;
    do {
      while (Take(&batch)) Serve(&batch);
      if (options_.delivery != nullptr) options_.delivery->Flush();
    } while (!Retire());
  }

  // False when somebody waits again: whoever came meanwhile may have counted on this worker.
  bool Retire() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (Waiting() > 0) return false;
    if (--workers_ == 0) idle_.SignalAll();
    return true;
  }

  // Closes the next batch. False when nobody waits.
  bool Take(Batch* batch) ABSL_LOCKS_EXCLUDED(mu_) {
    batch->members().clear();
    absl::MutexLock lock(&mu_);
    if (last_batch_ >= kBusy && !lingering_ && Waiting() < FullEnough()) Linger();
    const size_t count = std::min(Waiting(), static_cast<size_t>(options_.max_batch));
    last_batch_ = count;
    if (count == 0) return false;
    if (count == queue_.size()) {
      queue_.swap(batch->members());
      return true;
    }
    const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(taken_);
    std::move(first, first + static_cast<std::ptrdiff_t>(count), std::back_inserter(batch->members()));
    taken_ += count;
    if (taken_ == queue_.size() || taken_ > static_cast<size_t>(options_.max_queued)) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    return true;
  }

  void Linger() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    lingering_ = true;
    const absl::Time until = absl::Now() + options_.linger;
    while (Waiting() < FullEnough() && !full_.WaitWithDeadline(&mu_, until)) {
    }
    lingering_ = false;
  }

  // The executor takes no work: whoever waits is refused, unless another worker is there to serve them.
  void Dismiss() ABSL_LOCKS_EXCLUDED(mu_) {
    for (;;) {
      std::vector<Member> refused;
      {
        absl::MutexLock lock(&mu_);
        if (workers_ > 1 || Waiting() == 0) {
          if (--workers_ == 0) idle_.SignalAll();
          return;
        }
        refused.assign(std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(taken_)),
                       std::make_move_iterator(queue_.end()));
        queue_.clear();
        taken_ = 0;
      }
      // Who comes meanwhile may count on this worker, so it looks again before it goes.
      for (Member& member : refused) std::move(member.done)(Overloaded());
    }
  }

  void GetUnmerged(Member member) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      ++workers_;
    }
    const auto batch = std::make_shared<Batch>();
    batch->members().push_back(std::move(member));
    const bool taken = executor_.RunWork([this, batch] {
      Serve(batch.get());
      EndWork();
    });
    if (taken) return;
    batch->Fail(Overloaded());
    EndWork();
  }

  void EndWork() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (--workers_ == 0) idle_.SignalAll();
  }

  void Serve(Batch* batch) {
    batch->DropLeavers(options_.now());
    if (batch->members().empty()) return;
    batch->SortKeys();
    const Try merged = ReadMerged(batch);
    if (merged.status.ok()) {
      Deliver(batch);
    } else if (merged.had_session && MayDifferAlone(merged.status)) {
      ServeAlone(&batch->members());
    } else {
      batch->Fail(merged.status);
    }
  }

  void Deliver(Batch* batch) {
    const auto answer = [this, batch] { batch->Deliver(options_.now()); };
    if (options_.delivery == nullptr) return answer();
    options_.delivery->Deliver(answer);
  }

  Try ReadMerged(Batch* batch) ABSL_LOCKS_EXCLUDED(mu_) {
    const std::vector<Member>& members = batch->members();
    {
      absl::MutexLock lock(&mu_);
      stats_.reads += static_cast<std::int64_t>(members.size());
      ++stats_.statements;
    }
    if (members.size() == 1) return ReadOnce(members[0].budget, batch);
    Budget budget{absl::InfinitePast(), nullptr};
    bool all_can_leave = true;
    for (const Member& member : members) {
      budget.deadline = std::max(budget.deadline, member.budget.deadline);
      all_can_leave = all_can_leave && member.budget.cancellation != nullptr;
    }
    if (!all_can_leave) return ReadOnce(budget, batch);
    Passengers passengers{static_cast<int>(members.size())};
    budget.cancellation = passengers.all_left;
    for (const Member& member : members) {
      member.budget.cancellation->Listen([&passengers] {
        if (--passengers.aboard == 0) passengers.all_left->Cancel();
      });
    }
    Try merged = ReadOnce(budget, batch);
    for (const Member& member : members) member.budget.cancellation->Listen(nullptr);
    return merged;
  }

  // One statement on one session. The lease is back before anybody is answered.
  Try ReadOnce(const Budget& budget, Batch* batch) {
    batch->rows()->clear();
    absl::StatusOr<Lease> lease = executor_.pool().Acquire(budget);
    if (!lease.ok()) return {lease.status(), false};
    absl::Status status = read_(**lease, batch->keys(), batch->rows());
    if (status.ok() && !batch->MatchRows()) {
      (*lease)->Distrust();
      status = Stray();
    }
    return {std::move(status), true};
  }

  absl::Status Stray() ABSL_LOCKS_EXCLUDED(mu_) {
    Fault fault;
    fault.fate = SessionFate::kDiscard;
    fault.reason = "INTERNAL";
    absl::MutexLock lock(&mu_);
    ++stats_.strays;
    return FaultStatus(absl::StatusCode::kInternal, "the database answered with a row that was not asked for", fault);
  }

  // What happened to the session is no answer to any of the members; what the server said to the statement is.
  static bool MayDifferAlone(const absl::Status& status) {
    const absl::optional<Fault> fault = FaultOf(status);
    return fault.has_value() && fault->fate != SessionFate::kKeep;
  }

  void ServeAlone(std::vector<Member>* members) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      stats_.alone += static_cast<std::int64_t>(members->size());
    }
    Batch alone;
    absl::Status no_session;  // then there is none for the others either
    for (Member& member : *members) {
      alone.members().clear();
      alone.members().push_back(std::move(member));
      alone.DropLeavers(options_.now());
      if (alone.members().empty()) continue;
      alone.SortKeys();
      const Try answer = no_session.ok() ? ReadOnce(Budget(alone.members()[0].budget), &alone) : Try{no_session, true};
      if (answer.status.ok()) {
        alone.Deliver(options_.now());
      } else {
        if (!answer.had_session && answer.status.code() == absl::StatusCode::kUnavailable) no_session = answer.status;
        alone.Fail(answer.status);
      }
    }
  }

  Executor& executor_;
  const Options options_;
  const Read read_;

  mutable absl::Mutex mu_;
  absl::CondVar full_;                              // for the lingering worker
  absl::CondVar idle_;                              // for the destructor
  std::vector<Member> queue_ ABSL_GUARDED_BY(mu_);  // the first `taken_` are gone already
  size_t taken_ ABSL_GUARDED_BY(mu_) = 0;
  size_t last_batch_ ABSL_GUARDED_BY(mu_) = 0;
  int workers_ ABSL_GUARDED_BY(mu_) = 0;         // threads in Work, or on their way to it
  bool lingering_ ABSL_GUARDED_BY(mu_) = false;  // one of them, in Linger
  PointReaderStats stats_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_POINT_READER_H_
