#ifndef BONNIE_SERVICES_SCHEMA_STATEMENT_MONITOR_H_
#define BONNIE_SERVICES_SCHEMA_STATEMENT_MONITOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/lock_waits.h"
#include "services/schema/progress.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// What a monitor sees of a statement: how far it is, and, when it waits for a table, who uses that.
struct StatementSight {
  StatementProgress progress;
  std::vector<Blocker> blockers;
};

// Looks, from a second connection, at the statement that a DDL session runs, about every second while it lasts. Most
// statements are quicker than the first look, so the connection is opened when a look is first wanted, and kept.
//
// Begin and End are for one thread; a thread of its own looks.
class StatementMonitor {
 public:
  // Looks at the statements of `connection_id`. Calls `on_sight` between Begin and End, on its own thread, one call at
  // a time; it must not block. A database that does not answer is asked again later. `driver` outlives it.
  StatementMonitor(data_access::Driver& driver, data_access::ConnectOptions connect, std::int64_t connection_id,
                   std::function<void(const StatementSight&)> on_sight);
  ~StatementMonitor();

  // A statement that touches `objects` begins.
  void Begin(std::vector<SchemaObject> objects) ABSL_LOCKS_EXCLUDED(mu_);
  // It has ended; nothing is told of it any more. Answers whom it was last seen to wait for.
  std::vector<Blocker> End() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Watch() ABSL_LOCKS_EXCLUDED(mu_);
  absl::optional<StatementSight> Look(const std::vector<SchemaObject>& objects);

  data_access::Driver& driver_;
  const data_access::ConnectOptions connect_;
  const std::int64_t connection_id_;
  const std::function<void(const StatementSight&)> on_sight_;
  std::unique_ptr<data_access::Session> session_;  // of the watching thread

  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  int statement_ ABSL_GUARDED_BY(mu_) = 0;  // counts Begin and End: odd while one runs
  absl::Time begun_ ABSL_GUARDED_BY(mu_);
  absl::Time next_look_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  std::vector<SchemaObject> objects_ ABSL_GUARDED_BY(mu_);
  std::vector<Blocker> blockers_ ABSL_GUARDED_BY(mu_);
  absl::CondVar wake_;
  std::thread thread_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STATEMENT_MONITOR_H_
