#ifndef BONNIE_SERVICES_SCHEMA_OPERATION_CONTROL_H_
#define BONNIE_SERVICES_SCHEMA_OPERATION_CONTROL_H_

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/driver.h"
#include "services/schema/ddl_session.h"

namespace bonnie::schema {

// How others end an operation that a Runner runs: before its next statement, and by stopping the one that it runs.
//
// The statement is stopped by KILL QUERY over a second connection. The data_access::Watchdog is no use here: it follows
// with KILL of the connection after 500 ms, and undoing a long ALTER takes longer than that.
//
// Thread-safe, but for Run, which is the runner's.
class OperationControl {
 public:
  // The process ends: stop before the next statement.
  void Stop() { stopping_ = true; }
  // Somebody wants it to end: stop before the next statement.
  void Cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

  // Asked between statements. kUnavailable SHUTTING_DOWN. kAborted OPERATION_CANCELLED.
  absl::Status MayGoOn() const;
  // The same, saying before what: such as "versions/0002.sql:5".
  absl::Status MayGoOn(absl::string_view before) const;

  // Runs `statement` on `ddl` so that Interrupt stops it. Blocks for as long as it takes, and while a KILL is under
  // way, lest that strikes what the session runs next.
  absl::Status Run(DdlSession& ddl, absl::FunctionRef<absl::Status()> statement) ABSL_LOCKS_EXCLUDED(mu_);

  // Stops the statement that Run runs; does nothing when there is none. Blocks for a new connection as `connect` says.
  // It ends with error 1317 once the server has undone it, or is done if it was too far. A KILL that comes before the
  // statement has reached the server is lost: repeat until it ends. Errors of the connection.
  absl::Status Interrupt(data_access::Driver& driver, const data_access::ConnectOptions& connect)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> cancelled_ = false;
  absl::Mutex mu_;
  std::uint64_t running_on_ ABSL_GUARDED_BY(mu_) = 0;  // connection id; 0: no statement runs
  bool interrupted_ ABSL_GUARDED_BY(mu_) = false;      // since that statement began
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OPERATION_CONTROL_H_
