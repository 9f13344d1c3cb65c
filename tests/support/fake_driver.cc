#include "tests/support/fake_driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/data_access/fault.h"

namespace bonnie::data_access {

Sql GetItemsSql(size_t ids) {
  static const std::map<size_t, std::string>* const texts = [] {
    auto* made = new std::map<size_t, std::string>();
    std::string marks = "?";
    for (size_t n = 1; n <= 64; ++n, marks += ", ?") {
      (*made)[n] = absl::StrCat("SELECT id, name FROM items WHERE id IN (", marks, ")");
    }
    return made;
  }();
  return Sql{"items.get_many", texts->at(ids).c_str()};
}

class FakeConnection final : public Connection {
 public:
  FakeConnection(FakeDriver* driver, ServerFacts facts) : driver_(driver), facts_(std::move(facts)) {}
  ~FakeConnection() override { driver_->Disconnect(facts_.connection_id); }

  absl::StatusOr<Rows> Query(const Statement& statement, Phase phase) override {
    if (absl::Status entered = driver_->Enter(facts_.connection_id, statement.text(), phase); !entered.ok())
      return entered;
    if (statement.text() != kSleep.text) return driver_->Get(facts_.connection_id, statement);
    return driver_->Sleep(facts_.connection_id, std::get<double>(statement.parameters()[0]), phase);
  }
  absl::StatusOr<std::int64_t> Execute(const Statement& statement, Phase phase) override {
    if (absl::Status entered = driver_->Enter(facts_.connection_id, statement.text(), phase); !entered.ok())
      return entered;
    return driver_->Write(facts_.connection_id, statement, phase);
  }
  absl::Status ExecuteText(absl::string_view sql, Phase phase) override {
    if (absl::Status entered = driver_->Enter(facts_.connection_id, sql, phase); !entered.ok()) return entered;
    return driver_->RunText(facts_.connection_id, sql, phase);
  }
  absl::StatusOr<Rows> QueryText(absl::string_view sql) override {
    if (absl::Status entered = driver_->Enter(facts_.connection_id, sql, Phase::kReading); !entered.ok())
      return entered;
    Rows rows(1);
    rows.AddInteger(1);
    return rows;
  }
  std::vector<absl::StatusOr<Rows>> QueryTexts(const std::vector<std::string>& texts) override {
    std::vector<absl::StatusOr<Rows>> answers;
    for (const std::string& text : texts) answers.push_back(QueryText(text));
    return answers;
  }

  absl::Status Ping() override { return driver_->Enter(facts_.connection_id, "PING", Phase::kReading); }
  const ServerFacts& facts() const override { return facts_; }

 private:
  FakeDriver* const driver_;
  const ServerFacts facts_;
};

FakeDriver::FakeDriver() {
  facts_.flavour = Flavour::kMariaDb;
  facts_.version = "10.11.0-Fake";
  facts_.max_allowed_packet = 16 << 20;
  facts_.wait_timeout = absl::Hours(8);
  facts_.started = absl::UnixEpoch();
}

FakeDriver::~FakeDriver() = default;

absl::StatusOr<std::unique_ptr<Connection>> FakeDriver::Connect(const ConnectOptions& options) {
  absl::MutexLock lock(&mu_);
  ++attempts_;
  ++connecting_;
  most_connecting_ = std::max(most_connecting_, connecting_);
  const absl::Duration delay = connect_delay_;
  mu_.Unlock();
  absl::SleepFor(delay);
  mu_.Lock();
  --connecting_;
  if (connect_failure_.number != 0) {
    return Classify(facts_.flavour, Phase::kConnecting, connect_failure_.number, connect_failure_.server_text);
  }
  ServerFacts facts = facts_;
  facts.schema = options.schema;
  facts.connection_id = static_cast<std::uint64_t>(++opened_);
  threads_[facts.connection_id] = Thread();
  most_open_ = std::max(most_open_, static_cast<int>(threads_.size()));
  return std::make_unique<FakeConnection>(this, std::move(facts));
}

// Notes the statement, and fails it where it is to fail.
absl::Status FakeDriver::Enter(std::uint64_t id, absl::string_view text, Phase phase) {
  std::function<void(absl::string_view)> hook;
  {
    absl::MutexLock lock(&mu_);
    hook = hook_;
  }
  if (hook) hook(text);
  absl::MutexLock lock(&mu_);
  statements_.emplace_back(text);
  Thread& thread = threads_[id];
  if (thread.lost) return Classify(facts_.flavour, phase, 2026, "TLS/SSL error: unexpected eof while reading");
  thread.interrupted = false;  // one that came while nothing ran
  for (Failure& failure : failures_) {
    if (failure.times == 0 || !absl::StrContains(text, failure.text)) continue;
    --failure.times;
    const absl::Status status = Classify(facts_.flavour, phase, failure.number, failure.server_text);
    if (FaultOf(status)->fate >= SessionFate::kDiscard) thread.lost = true;
    // A deadlock has rolled the transaction back, and the session is in autocommit.
    if (failure.number == 1213) {
      thread.uncommitted.clear();
      thread.in_transaction = false;
    }
    return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Rows> FakeDriver::Sleep(std::uint64_t id, double seconds, Phase phase) {
  absl::MutexLock lock(&mu_);
  Thread& thread = threads_[id];
  const absl::Time until = absl::Now() + absl::Seconds(seconds);
  thread.running = true;
  while (!thread.lost && !thread.interrupted && !changed_.WaitWithDeadline(&mu_, until)) {
  }
  thread.running = false;
  if (thread.lost) return Classify(facts_.flavour, phase, 2026, "TLS/SSL error: unexpected eof while reading");
  if (std::exchange(thread.interrupted, false)) return Classify(facts_.flavour, phase, 1317, "interrupted");
  Rows rows(1);
  rows.AddInteger(0);
  return rows;
}

absl::Status FakeDriver::RunText(std::uint64_t id, absl::string_view sql, Phase) {
  std::uint64_t other = 0;
  if (absl::ConsumePrefix(&sql, "KILL QUERY "))
    return absl::SimpleAtoi(sql, &other) ? Kill(other, false) : absl::OkStatus();
  if (absl::ConsumePrefix(&sql, "KILL ")) return absl::SimpleAtoi(sql, &other) ? Kill(other, true) : absl::OkStatus();
  absl::MutexLock lock(&mu_);
  Thread& thread = threads_[id];
  if (absl::StartsWith(sql, "START TRANSACTION")) {
    thread.in_transaction = true;
  } else if (sql == "COMMIT" || sql == "ROLLBACK") {
    if (sql == "COMMIT") {
      for (auto& [key, item] : thread.uncommitted) items_[key] = std::move(item);
    }
    thread.uncommitted.clear();
    thread.in_transaction = false;
  }
  return absl::OkStatus();
}

absl::Status FakeDriver::Kill(std::uint64_t id, bool whole) {
  absl::Duration delay;
  {
    absl::MutexLock lock(&mu_);
    delay = kill_delay_;
  }
  absl::SleepFor(delay);
  absl::MutexLock lock(&mu_);
  const auto found = threads_.find(id);
  if (found == threads_.end()) return Classify(facts_.flavour, Phase::kReading, 1094, "Unknown thread id");
  Thread& thread = found->second;
  if (whole) {
    thread.lost = true;
  } else if (!ignore_kill_query_) {
    thread.interrupted = true;
  }
  changed_.SignalAll();
  return absl::OkStatus();
}

FakeDriver::Item FakeDriver::Look(const Thread& thread, std::int64_t id) const {
  if (const auto found = thread.uncommitted.find(id); found != thread.uncommitted.end()) return found->second;
  if (const auto found = items_.find(id); found != items_.end()) return found->second;
  return absl::nullopt;
}

void FakeDriver::Put(Thread& thread, std::int64_t id, Item item) {
  (thread.in_transaction ? thread.uncommitted : items_)[id] = std::move(item);
}

absl::StatusOr<Rows> FakeDriver::Get(std::uint64_t id, const Statement& statement) {
  absl::MutexLock lock(&mu_);
  Rows rows(2);
  std::set<std::int64_t> keys;
  for (const Value& value : statement.parameters()) keys.insert(std::get<std::int64_t>(value));
  for (const std::int64_t key : keys) {
    const Item item = Look(threads_[id], key);
    if (!item.has_value()) continue;
    rows.AddInteger(key);
    if (item->has_value()) {
      rows.AddText(**item);
    } else {
      rows.AddNull();
    }
  }
  return rows;
}

absl::StatusOr<std::int64_t> FakeDriver::Write(std::uint64_t id, const Statement& statement, Phase phase) {
  absl::MutexLock lock(&mu_);
  if (facts_.read_only) {
    return Classify(facts_.flavour, phase, 1290, "The server is running with the --read-only option");
  }
  Thread& thread = threads_[id];
  const bool update = statement.text() == kUpdateItem.text;
  const std::int64_t key = std::get<std::int64_t>(statement.parameters()[update ? 1 : 0]);
  const bool exists = Look(thread, key).has_value();
  if (statement.text() == kDeleteItem.text) {
    Put(thread, key, absl::nullopt);
    return exists ? 1 : 0;
  }
  if (update != exists) {
    if (update) return 0;
    return Classify(facts_.flavour, phase, 1062, absl::StrCat("Duplicate entry '", key, "' for key 'PRIMARY'"));
  }
  const Value& name = statement.parameters()[update ? 0 : 1];
  absl::optional<std::string> text;
  if (const auto* given = std::get_if<std::string>(&name)) text = *given;
  if (text.has_value() && text->size() > 20) {
    return Classify(facts_.flavour, phase, 1406, "Data too long for column 'name' at row 1");
  }
  Put(thread, key, text);
  return 1;
}

void FakeDriver::Disconnect(std::uint64_t id) {
  absl::MutexLock lock(&mu_);
  threads_.erase(id);
}

void FakeDriver::Fail(absl::string_view text, int number, absl::string_view server_text, int times) {
  absl::MutexLock lock(&mu_);
  failures_.push_back({std::string(text), number, std::string(server_text), times});
}

void FakeDriver::FailConnects(int number, absl::string_view server_text) {
  absl::MutexLock lock(&mu_);
  connect_failure_ = {"", number, std::string(server_text), 0};
}

void FakeDriver::DelayConnects(absl::Duration delay) {
  absl::MutexLock lock(&mu_);
  connect_delay_ = delay;
}

void FakeDriver::BreakConnections() {
  absl::MutexLock lock(&mu_);
  for (auto& [id, thread] : threads_) thread.lost = true;
  changed_.SignalAll();
}

void FakeDriver::Restart() {
  BreakConnections();
  absl::MutexLock lock(&mu_);
  facts_.started += absl::Hours(1);
}

void FakeDriver::DelayKills(absl::Duration delay) {
  absl::MutexLock lock(&mu_);
  kill_delay_ = delay;
}

void FakeDriver::IgnoreKillQuery() {
  absl::MutexLock lock(&mu_);
  ignore_kill_query_ = true;
}

void FakeDriver::SetReadOnly(bool read_only) {
  absl::MutexLock lock(&mu_);
  facts_.read_only = read_only;
}

void FakeDriver::SetFlavour(Flavour flavour) {
  absl::MutexLock lock(&mu_);
  facts_.flavour = flavour;
}

void FakeDriver::SetWaitTimeout(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  facts_.wait_timeout = timeout;
}

void FakeDriver::OnStatement(std::function<void(absl::string_view)> hook) {
  absl::MutexLock lock(&mu_);
  hook_ = std::move(hook);
}

int FakeDriver::connections_opened() const {
  absl::MutexLock lock(&mu_);
  return opened_;
}

int FakeDriver::connections_open() const {
  absl::MutexLock lock(&mu_);
  return static_cast<int>(threads_.size());
}

int FakeDriver::most_connections_open() const {
  absl::MutexLock lock(&mu_);
  return most_open_;
}

int FakeDriver::most_connecting() const {
  absl::MutexLock lock(&mu_);
  return most_connecting_;
}

int FakeDriver::connect_attempts() const {
  absl::MutexLock lock(&mu_);
  return attempts_;
}

std::vector<std::string> FakeDriver::statements() const {
  absl::MutexLock lock(&mu_);
  return statements_;
}

int FakeDriver::count(absl::string_view text) const {
  absl::MutexLock lock(&mu_);
  return static_cast<int>(std::count_if(statements_.begin(), statements_.end(),
                                        [text](const std::string& ran) { return absl::StrContains(ran, text); }));
}

absl::optional<std::string> FakeDriver::item(std::int64_t id) const {
  absl::MutexLock lock(&mu_);
  const auto found = items_.find(id);
  if (found == items_.end() || !found->second.has_value()) return absl::nullopt;
  return found->second->value_or("");
}

void FakeDriver::SetItem(std::int64_t id, std::string name) {
  absl::MutexLock lock(&mu_);
  items_[id] = absl::optional<std::string>(std::move(name));
}

}  // namespace bonnie::data_access
