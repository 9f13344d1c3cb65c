#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/data_access/driver.h"

namespace bonnie::data_access {

// The statements that a FakeDriver knows. On a real server they want the table
//   CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20) NULL)
inline constexpr Sql kInsertItem{"items.insert", "INSERT INTO items (id, name) VALUES (?, ?)"};
inline constexpr Sql kGetItem{"items.get", "SELECT id, name FROM items WHERE id = ?"};
inline constexpr Sql kUpdateItem{"items.update", "UPDATE items SET name = ? WHERE id = ?"};
inline constexpr Sql kDeleteItem{"items.delete", "DELETE FROM items WHERE id = ?"};
inline constexpr Sql kSleep{"sleep", "SELECT SLEEP(?)"};
// For 1, 2, 4 … 64 ids.
Sql GetItemsSql(size_t ids);

// A Driver to an imaginary server in this process: one table, transactions as READ COMMITTED without locks, KILL and
// SLEEP as on a real one. It passes the same contract suite (tests/contract). On top of that it fails as it is told to.
//
// Thread-safe; outlives its connections.
class FakeDriver final : public Driver {
 public:
  FakeDriver();
  ~FakeDriver() override;

  absl::StatusOr<std::unique_ptr<Connection>> Connect(const ConnectOptions& options) override ABSL_LOCKS_EXCLUDED(mu_);

  // ---- what happens next ----
  // The next `times` statements whose text contains `text` fail with what the server says under this number.
  void Fail(absl::string_view text, int number, absl::string_view server_text = "", int times = 1)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Every attempt to connect fails so, until it is set to 0.
  void FailConnects(int number, absl::string_view server_text = "") ABSL_LOCKS_EXCLUDED(mu_);
  // Every attempt to connect takes so long.
  void DelayConnects(absl::Duration delay) ABSL_LOCKS_EXCLUDED(mu_);
  // The server dies: every connection that is open now is lost. New ones can be made.
  void BreakConnections() ABSL_LOCKS_EXCLUDED(mu_);
  // The same, and a new one is started: it counts its connections anew.
  void Restart() ABSL_LOCKS_EXCLUDED(mu_);
  // KILL statements take so long before they strike.
  void DelayKills(absl::Duration delay) ABSL_LOCKS_EXCLUDED(mu_);
  // KILL QUERY is accepted and does nothing; KILL works.
  void IgnoreKillQuery() ABSL_LOCKS_EXCLUDED(mu_);
  // Writes fail with 1290, and new connections learn it at login.
  void SetReadOnly(bool read_only) ABSL_LOCKS_EXCLUDED(mu_);
  void SetFlavour(Flavour flavour) ABSL_LOCKS_EXCLUDED(mu_);
  void SetWaitTimeout(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mu_);
  // Called with each statement's text before it runs, without the lock.
  void OnStatement(std::function<void(absl::string_view text)> hook) ABSL_LOCKS_EXCLUDED(mu_);

  // ---- what happened ----
  int connections_opened() const ABSL_LOCKS_EXCLUDED(mu_);
  int connections_open() const ABSL_LOCKS_EXCLUDED(mu_);
  int most_connections_open() const ABSL_LOCKS_EXCLUDED(mu_);
  int most_connecting() const ABSL_LOCKS_EXCLUDED(mu_);
  int connect_attempts() const ABSL_LOCKS_EXCLUDED(mu_);
  // Texts that ran on every connection, in order; "PING" for a ping.
  std::vector<std::string> statements() const ABSL_LOCKS_EXCLUDED(mu_);
  // How many of them contain `text`.
  int count(absl::string_view text) const ABSL_LOCKS_EXCLUDED(mu_);
  absl::optional<std::string> item(std::int64_t id) const ABSL_LOCKS_EXCLUDED(mu_);
  void SetItem(std::int64_t id, std::string name) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class FakeConnection;
  using Item = absl::optional<absl::optional<std::string>>;  // nullopt: deleted; within: NULL

  struct Failure {
    std::string text;
    int number;
    std::string server_text;
    int times;
  };
  // The server's side of a connection.
  struct Thread {
    bool lost = false;
    bool interrupted = false;  // KILL QUERY, not yet noticed
    bool running = false;
    bool in_transaction = false;
    std::map<std::int64_t, Item> uncommitted;
  };

  absl::Status Enter(std::uint64_t id, absl::string_view text, Phase phase) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<Rows> Sleep(std::uint64_t id, double seconds, Phase phase) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status RunText(std::uint64_t id, absl::string_view sql, Phase phase) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Kill(std::uint64_t id, bool whole) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<Rows> Get(std::uint64_t id, const Statement& statement) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::int64_t> Write(std::uint64_t id, const Statement& statement, Phase phase)
      ABSL_LOCKS_EXCLUDED(mu_);
  Item Look(const Thread& thread, std::int64_t id) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Put(Thread& thread, std::int64_t id, Item item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Disconnect(std::uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);

  mutable absl::Mutex mu_;
  absl::CondVar changed_;
  std::map<std::int64_t, Item> items_ ABSL_GUARDED_BY(mu_);
  std::map<std::uint64_t, Thread> threads_ ABSL_GUARDED_BY(mu_);
  std::vector<Failure> failures_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> statements_ ABSL_GUARDED_BY(mu_);
  std::function<void(absl::string_view)> hook_ ABSL_GUARDED_BY(mu_);
  Failure connect_failure_ ABSL_GUARDED_BY(mu_) = {"", 0, "", 0};
  absl::Duration connect_delay_ ABSL_GUARDED_BY(mu_);
  absl::Duration kill_delay_ ABSL_GUARDED_BY(mu_);
  ServerFacts facts_ ABSL_GUARDED_BY(mu_);
  bool ignore_kill_query_ ABSL_GUARDED_BY(mu_) = false;
  int opened_ ABSL_GUARDED_BY(mu_) = 0;
  int attempts_ ABSL_GUARDED_BY(mu_) = 0;
  int connecting_ ABSL_GUARDED_BY(mu_) = 0;
  int most_connecting_ ABSL_GUARDED_BY(mu_) = 0;
  int most_open_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace bonnie::data_access
