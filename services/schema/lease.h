#ifndef BONNIE_SERVICES_SCHEMA_LEASE_H_
#define BONNIE_SERVICES_SCHEMA_LEASE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/ddl_session.h"

namespace bonnie::schema {

struct LeaseOptions {
  data_access::ConnectOptions connect;
  // Whole seconds after which the server drops a guard that is silent: what a successor waits after our network died.
  absl::Duration guard_timeout = absl::Seconds(30);
};

// The right to change one database, held by one operation at a time, everywhere.
//
// Three things together: the lease's row gives a fence number, which every journal write checks (ledger.h); a guard
// connection holds a named lock for as long as this process lives, so that the next one sees at once that we died, and
// the server drops it when the network is lost; the DDL session holds another, so that the next one sees that a
// statement of ours still runs, and waits for it: a fence cannot stop a statement that was sent. Named
// locks end with their connections and, unlike connection ids, mean nothing else after a restart of the server. They
// are local to a server, so a holder on another server of a cluster is believed for a minute after it last renewed its
// row.
//
// Used by one thread at a time; a thread of its own renews it.
class Lease {
 public:
  // Takes the lease for the session `ddl`, which outlives it.
  // Blocks while a statement of a dead holder still runs; ends its connection when it only sleeps. `keep_waiting` is
  // asked now and then. kAborted LEASE_HELD: somebody holds it; who is in the message and the details.
  // kFailedPrecondition LEASE_OBSTRUCTED: a connection of another account holds a named lock of the lease. kUnavailable
  // SHUTTING_DOWN: keep_waiting returned false. Errors of CheckLedger.
  static absl::StatusOr<std::unique_ptr<Lease>> Acquire(data_access::Driver& driver, const LeaseOptions& options,
                                                        DdlSession& ddl, const std::string& identity,
                                                        const std::string& operation_id,
                                                        const std::function<bool()>& keep_waiting);
  // Gives it back unless that was done, or the database is gone.
  ~Lease();

  std::int64_t fence() const { return fence_; }
  // kAborted LEASE_HELD or kUnavailable: the guard connection is lost, so somebody else may take over once our
  // statement ends.
  absl::Status Check() const;

 private:
  Lease(DdlSession& ddl, std::unique_ptr<data_access::Session> guard, absl::Duration renew_every)
      : ddl_(ddl), guard_(std::move(guard)), renew_every_(renew_every) {}
  absl::Status TakeRow(const std::string& identity, const std::string& operation_id);
  void Renew() ABSL_LOCKS_EXCLUDED(mu_);

  DdlSession& ddl_;
  const std::unique_ptr<data_access::Session> guard_;  // once taken, of the renewing thread
  const absl::Duration renew_every_;
  std::int64_t fence_ = 0;  // constant once taken; 0: not taken
  std::atomic<bool> lost_ = false;
  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::thread renewer_;
};

// Who is applying now; nullopt when nobody is, or the ledger is not there. Blocks for the queries.
struct LeaseHolder {
  std::int64_t fence = 0;
  std::int64_t connection_id = 0;
  std::string identity;
  std::string operation_id;
};
absl::StatusOr<absl::optional<LeaseHolder>> CurrentHolder(data_access::Querier& querier);

// The connection whose statement still runs under the lease, of a holder that lives or one that died; 0 for none. On a
// cluster: on this server. Blocks for a query.
absl::StatusOr<std::int64_t> LeaseSession(data_access::Querier& querier);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LEASE_H_
