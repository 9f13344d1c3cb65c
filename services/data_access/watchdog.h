#ifndef BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_
#define BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/driver.h"

namespace bonnie::data_access {

// Stops statements whose budget ends: KILL QUERY from a connection of its own (a killer that waits for a pool starves with
// it). MySQL has no time limit for writes, and a client that stops reading does not stop the server (data-access.md 0.9, 0.10).
//
// Thread-safe. Outlives every session that uses it; `driver` outlives the watchdog.
class Watchdog {
 public:
  // `connect` names the server; the connection is opened at the first need and kept.
  Watchdog(Driver& driver, ConnectOptions connect);
  ~Watchdog();

  // How a watch ended.
  enum class Outcome {
    kFinished,   // not touched
    kDeadline,   // killed, or about to be, because the deadline passed
    kCancelled,  // the same because of the cancellation
  };

  // Watches the statement that runs on `connection_id` from construction to End().
  class Watch {
   public:
    Watch(Watchdog* watchdog, std::uint64_t connection_id, const Budget& budget);
    ~Watch();
    // Call when the statement has returned. Blocks while a KILL is under way (a late one would hit the session's next
    // statement), at most 500 ms and the answer to `KILL id` after that.
    Outcome End();

   private:
    Watchdog* const watchdog_;  // null: watches nothing
    struct Entry;
    std::shared_ptr<Entry> entry_;
    friend class Watchdog;
  };

  // Statements killed since the start.
  std::int64_t kills() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_
