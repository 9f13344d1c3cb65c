#include "services/data_access/watchdog.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/fault.h"

namespace bonnie::data_access {
namespace {

constexpr absl::Duration kEscalateAfter = absl::Milliseconds(500);
constexpr absl::Duration kPingAfter = absl::Minutes(1);  // network devices forget silent connections
constexpr absl::Duration kDownFor = absl::Seconds(1);    // after a failure to connect, no other try

// The same run of the server: connection numbers begin anew with each.
bool SameRun(absl::Time a, absl::Time b) { return a == b || (a - b < absl::Seconds(2) && b - a < absl::Seconds(2)); }

}  // namespace

struct Watchdog::Watch::Entry {
  enum class State { kWatching, kKilling, kKilled, kFailed };

  std::uint64_t connection_id;
  absl::Time server_started;
  absl::Time due;  // of the next KILL
  State state = State::kWatching;
  bool whole_connection = false;  // the next KILL is for all of it
  bool cancelled = false;
};

class Watchdog::Impl {
 public:
  using Entry = Watch::Entry;
  using State = Entry::State;

  Impl(Driver& driver, ConnectOptions connect) : driver_(driver), connect_(std::move(connect)) {
    // A killer that waits long is of no use.
    connect_.connect_timeout = std::min(connect_.connect_timeout, absl::Seconds(2));
    connect_.read_timeout = absl::Seconds(2);
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      wake_.Signal();
    }
    thread_.join();
  }

  void Add(const std::shared_ptr<Entry>& entry) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    entries_.push_back(entry);
    if (entry->due < sleeps_until_) wake_.Signal();
  }

  void Cancel(Entry* entry) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (entry->state != State::kWatching) return;
    entry->cancelled = true;
    entry->due = absl::InfinitePast();
    wake_.Signal();
  }

  // Waits until no KILL is under way, at most `patience`; then forgets the entry and answers what became of it.
  State Remove(const std::shared_ptr<Entry>& entry, absl::Duration patience) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (entry->state == State::kKilling) {
      const absl::Time until = absl::Now() + patience;
      while (entry->state == State::kKilling && !answered_.WaitWithDeadline(&mu_, until)) {
      }
    }
    const auto found = std::find(entries_.begin(), entries_.end(), entry);
    if (found != entries_.end()) {
      std::swap(*found, entries_.back());
      entries_.pop_back();
    }
    return entry->state;
  }

  void AwaitKill(const std::shared_ptr<Entry>& entry, absl::Duration patience) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    const absl::Time until = absl::Now() + patience;
    while (entry->state <= State::kKilling && !answered_.WaitWithDeadline(&mu_, until)) {
    }
  }

  std::int64_t kills() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return kills_;
  }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    while (!stopping_) {
      if (const std::shared_ptr<Entry> due = NextDue(); due != nullptr) {
        Strike(due);
      } else if (killer_ != nullptr && absl::Now() - killer_used_ > kPingAfter) {
        mu_.Unlock();
        PingKiller();
        mu_.Lock();
      } else {
        sleeps_until_ = std::min(Earliest(), absl::Now() + kPingAfter);
        wake_.WaitWithDeadline(&mu_, sleeps_until_);
        sleeps_until_ = absl::InfinitePast();  // awake: nobody needs to signal
      }
    }
  }

  std::shared_ptr<Entry> NextDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const absl::Time now = absl::Now();
    for (const std::shared_ptr<Entry>& entry : entries_) {
      if (entry->due <= now) return entry;
    }
    return nullptr;
  }

  absl::Time Earliest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    absl::Time earliest = absl::InfiniteFuture();
    for (const std::shared_ptr<Entry>& entry : entries_) earliest = std::min(earliest, entry->due);
    return earliest;
  }

  void Strike(const std::shared_ptr<Entry>& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const bool whole = entry->whole_connection;
    entry->state = State::kKilling;
    mu_.Unlock();
    const bool answered = Kill(*entry, whole);
    mu_.Lock();
    entry->state = answered ? State::kKilled : State::kFailed;
    entry->whole_connection = true;
    entry->due = whole ? absl::InfiniteFuture() : absl::Now() + kEscalateAfter;
    ++kills_;
    answered_.SignalAll();
  }

  // True when the server has answered, so that no KILL is on its way any more. Called without the lock, on thread_
  // only.
  bool Kill(const Entry& entry, bool whole) {
    const std::string sql = absl::StrCat(whole ? "KILL " : "KILL QUERY ", entry.connection_id);
    for (int attempt = 0; attempt < 2; ++attempt) {  // the connection may have died since it was used last
      if (killer_ == nullptr && !Connect()) return false;
      if (!SameRun(killer_->facts().started, entry.server_started)) return true;
      killer_used_ = absl::Now();
      const absl::Status status = killer_->ExecuteText(sql, Phase::kReading);
      const absl::optional<Fault> fault = FaultOf(status);
      if (!fault.has_value() || fault->fate < SessionFate::kDiscard) return true;  // also 1094, no such connection
      killer_.reset();
    }
    return false;
  }

  bool Connect() {
    const absl::Time now = absl::Now();
    if (now - connect_failed_ < kDownFor) return false;
    absl::StatusOr<std::unique_ptr<Connection>> connection = driver_.Connect(connect_);
    if (!connection.ok()) {
      connect_failed_ = absl::Now();
      return false;
    }
    killer_ = *std::move(connection);
    return true;
  }

  void PingKiller() {
    killer_used_ = absl::Now();
    if (!killer_->Ping().ok()) killer_.reset();
  }

  Driver& driver_;
  ConnectOptions connect_;
  std::thread thread_;

  // thread_ only.
  std::unique_ptr<Connection> killer_;
  absl::Time killer_used_;
  absl::Time connect_failed_ = absl::InfinitePast();

  mutable absl::Mutex mu_;
  absl::CondVar wake_;                                                // for thread_
  absl::CondVar answered_;                                            // for those who wait for a KILL
  std::vector<std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mu_);  // a few: as many as statements run
  absl::Time sleeps_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::int64_t kills_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

Watchdog::Watchdog(Driver& driver, ConnectOptions connect)
    : impl_(std::make_unique<Impl>(driver, std::move(connect))) {}

Watchdog::~Watchdog() = default;

std::int64_t Watchdog::kills() const { return impl_->kills(); }

void Watchdog::KillConnection(const ServerFacts& facts) {
  const auto entry = std::make_shared<Watch::Entry>();
  entry->connection_id = facts.connection_id;
  entry->server_started = facts.started;
  entry->due = absl::InfinitePast();
  entry->whole_connection = true;
  impl_->Add(entry);
  impl_->AwaitKill(entry, absl::Seconds(3));
  impl_->Remove(entry, absl::ZeroDuration());
}

Watchdog::Watch::Watch(Watchdog* watchdog, const ServerFacts& facts, const Budget& budget)
    : watchdog_(watchdog), budget_(budget) {
  if (watchdog_ == nullptr) return;
  if (budget.deadline == absl::InfiniteFuture() && budget.cancellation == nullptr) return;
  entry_ = std::make_shared<Entry>();
  entry_->connection_id = facts.connection_id;
  entry_->server_started = facts.started;
  entry_->due = budget.deadline;
  Impl* const impl = watchdog_->impl_.get();
  impl->Add(entry_);
  if (budget.cancellation == nullptr) return;
  budget.cancellation->Listen([impl, entry = entry_.get()] { impl->Cancel(entry); });
}

Watchdog::Watch::~Watch() { End(); }

Watchdog::Outcome Watchdog::Watch::End() {
  if (entry_ == nullptr) return Outcome::kFinished;
  if (budget_.cancellation != nullptr) budget_.cancellation->Listen(nullptr);
  const Entry::State state = watchdog_->impl_->Remove(entry_, kEscalateAfter);
  const std::shared_ptr<Entry> entry = std::move(entry_);
  entry_ = nullptr;
  if (state == Entry::State::kWatching) return Outcome::kFinished;
  may_strike_later_ = state != Entry::State::kKilled;
  return entry->cancelled ? Outcome::kCancelled : Outcome::kDeadline;  // no longer shared: see Remove
}

}  // namespace bonnie::data_access
