#ifndef BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_
#define BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "services/data_access/budget.h"
#include "services/data_access/driver.h"

namespace bonnie::data_access {

// Stops statements whose budget ends: KILL QUERY from a connection of its own (a killer that waits for a pool starves
// with it). MySQL has no time limit for writes, and a client that stops reading does not stop the server.
//
// A KILL QUERY that did not end its statement within 500 ms is followed by KILL of the connection.
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

  // Watches the statement that runs on the connection with these facts, from construction to End().
  class Watch {
   public:
    // `watchdog` may be null: then nothing is watched.
    Watch(Watchdog* watchdog, const ServerFacts& facts, const Budget& budget);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Call when the statement has returned. Blocks while a KILL is under way (a late one would hit the session's next
    // statement), at most 500 ms.
    Outcome End();
    // After End: whether the KILL got no answer, so that it may still strike. The session must be closed.
    bool may_strike_later() const { return may_strike_later_; }

   private:
    friend class Watchdog;
    struct Entry;

    Watchdog* const watchdog_;
    const Budget& budget_;
    std::shared_ptr<Entry> entry_;  // null once ended
    bool may_strike_later_ = false;
  };

  // Ends a connection that its client has given up, and whatever it still runs (KILL id). Blocks, at most about 3 s.
  // Does nothing when the server was restarted since: connection numbers begin anew.
  void KillConnection(const ServerFacts& facts);

  // Statements killed since the start.
  std::int64_t kills() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_WATCHDOG_H_
