#include "services/schema/statement_monitor.h"

#include <utility>

#include "absl/time/clock.h"

namespace bonnie::schema {

namespace {

constexpr absl::Duration kFirstLook = absl::Milliseconds(400);  // before the shortest wait for a table ends
constexpr absl::Duration kLookEvery = absl::Seconds(1);
// An ALTER of a day must not leave a hundred thousand events.
constexpr absl::Duration kLookLessAfter = absl::Minutes(10);
constexpr absl::Duration kLookLessEvery = absl::Seconds(10);

data_access::ConnectOptions Quick(data_access::ConnectOptions connect) {
  connect.program_name = "bonnie-schema-monitor";
  connect.read_timeout = absl::Seconds(5);
  return connect;
}

}  // namespace

StatementMonitor::StatementMonitor(data_access::Driver& driver, data_access::ConnectOptions connect,
                                   std::int64_t connection_id, std::function<void(const StatementSight&)> on_sight)
    : driver_(driver),
      connect_(Quick(std::move(connect))),
      connection_id_(connection_id),
      on_sight_(std::move(on_sight)) {
  thread_ = std::thread([this] { Watch(); });
}

StatementMonitor::~StatementMonitor() {
  {
    absl::MutexLock lock(&mu_);
    ended_ = true;
    wake_.Signal();
  }
  thread_.join();
}

void StatementMonitor::Begin(std::vector<SchemaObject> objects) {
  absl::MutexLock lock(&mu_);
  ++statement_;
  begun_ = absl::Now();
  next_look_ = begun_ + kFirstLook;
  objects_ = std::move(objects);
  blockers_.clear();
  wake_.Signal();
}

std::vector<Blocker> StatementMonitor::End() {
  absl::MutexLock lock(&mu_);
  ++statement_;
  next_look_ = absl::InfiniteFuture();
  return std::move(blockers_);
}

void StatementMonitor::Watch() {
  absl::MutexLock lock(&mu_);
  while (!ended_) {
    if (absl::Now() < next_look_) {
      wake_.WaitWithDeadline(&mu_, next_look_);
      continue;
    }
    const int statement = statement_;
    const std::vector<SchemaObject> objects = objects_;
    mu_.Unlock();
    absl::optional<StatementSight> sight = Look(objects);
    mu_.Lock();
    if (statement != statement_) continue;  // it has ended meanwhile
    const absl::Time now = absl::Now();
    next_look_ = now + (now - begun_ < kLookLessAfter ? kLookEvery : kLookLessEvery);
    if (!sight.has_value()) continue;
    sight->progress.elapsed = now - begun_;
    if (!sight->blockers.empty()) blockers_ = sight->blockers;
    on_sight_(*sight);  // under the lock, so that nothing is told after End
  }
}

absl::optional<StatementSight> StatementMonitor::Look(const std::vector<SchemaObject>& objects) {
  if (session_ == nullptr) {
    absl::StatusOr<std::unique_ptr<data_access::Connection>> connection = driver_.Connect(connect_);
    if (!connection.ok()) return absl::nullopt;
    session_ = std::make_unique<data_access::Session>(*std::move(connection), nullptr);
  }
  StatementSight sight;
  absl::StatusOr<StatementProgress> progress = ReadProgress(*session_, connection_id_);
  if (progress.ok() && progress->waits_for_table()) {
    absl::StatusOr<std::vector<Blocker>> blockers = ReadBlockers(*session_, connection_id_, objects);
    if (blockers.ok()) sight.blockers = *std::move(blockers);
  }
  if (!progress.ok()) {
    session_.reset();
    return absl::nullopt;
  }
  sight.progress = *std::move(progress);
  return sight;
}

}  // namespace bonnie::schema
