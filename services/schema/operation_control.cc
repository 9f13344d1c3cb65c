#include "services/schema/operation_control.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/server/error.h"

namespace bonnie::schema {

absl::Status OperationControl::MayGoOn() const { return MayGoOn("its next statement"); }

absl::Status OperationControl::MayGoOn(absl::string_view before) const {
  if (cancelled_) {
    return server::Error(absl::StatusCode::kAborted,
                         absl::StrCat("the operation was cancelled before ", before,
                                      "; what ran stays, and the next operation goes on from there"),
                         {.reason = "OPERATION_CANCELLED"});
  }
  if (stopping_) {
    return server::Error(absl::StatusCode::kUnavailable,
                         absl::StrCat("the service stops before ", before, "; run again to go on from there"),
                         {.reason = "SHUTTING_DOWN"});
  }
  return absl::OkStatus();
}

absl::Status OperationControl::Run(DdlSession& ddl, absl::FunctionRef<absl::Status()> statement) {
  {
    absl::MutexLock lock(&mu_);
    running_on_ = ddl.session().facts().connection_id;
    interrupted_ = false;
  }
  const absl::Status run = statement();
  bool interrupted = false;
  {
    absl::MutexLock lock(&mu_);
    running_on_ = 0;
    interrupted = interrupted_;
  }
  // A KILL QUERY that found the session idle strikes its next statement: here is one that does not matter.
  if (interrupted) (void)ddl.Run("DO 0");
  return run;
}

// Under the lock on purpose, though it talks to the database: while a KILL is under way the session must run nothing
// else.
absl::Status OperationControl::Interrupt(data_access::Driver& driver, const data_access::ConnectOptions& connect) {
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<data_access::Connection> killer, driver.Connect(connect));
  absl::MutexLock lock(&mu_);
  if (running_on_ == 0) return absl::OkStatus();
  interrupted_ = true;
  const absl::Status killed =
      killer->ExecuteText(absl::StrCat("KILL QUERY ", running_on_), data_access::Phase::kReading);
  const bool gone = !killed.ok() && killer->Ping().ok();  // no such connection any more: as good
  return gone ? absl::OkStatus() : killed;
}

}  // namespace bonnie::schema
