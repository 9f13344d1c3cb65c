#include "services/schema/canceller.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/ddl_session.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/operation_list.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr absl::Duration kAgain = absl::Seconds(1);           // a KILL that came too early is lost
constexpr absl::Duration kLook = absl::Milliseconds(100);     // whether a killed connection has gone
constexpr absl::Duration kReserve = absl::Milliseconds(200);  // to say that it has not ended yet
constexpr absl::Duration kLockWait = absl::Seconds(2);

std::string OutcomeOf(const absl::Status& status) {
  if (status.ok()) return kOutcomeDone;
  const auto details = server::DetailsOf(status);
  return details.has_value() ? details->reason : "failed";
}

absl::Status Ended(const std::string& id, absl::string_view how) {
  return server::Error(absl::StatusCode::kFailedPrecondition, absl::StrCat("operation ", id, how),
                       {.reason = "OPERATION_ENDED", .metadata = {{"operation", id}}});
}

bool IsOver(const data_access::Budget& budget) {
  return absl::Now() + kReserve >= budget.deadline ||
         (budget.cancellation != nullptr && budget.cancellation->cancelled());
}

}  // namespace

absl::StatusOr<Cancelled> Canceller::Cancel(Operation& operation, const data_access::Budget& budget) const {
  if (const absl::optional<absl::Status> outcome = operation.outcome(); outcome.has_value()) {
    const std::string how = OutcomeOf(*outcome);
    if (how == "OPERATION_CANCELLED") return Cancelled{operation.id(), true, how};  // asked again
    return Ended(operation.id(), absl::StrCat(" has ended: ", how));
  }
  operation.control().Cancel();
  for (;;) {
    BONNIE_RETURN_IF_ERROR(operation.control().Interrupt(driver_, connect_));
    const absl::optional<absl::Status> outcome =
        operation.Await(std::min(absl::Now() + kAgain, budget.deadline - kReserve));
    if (outcome.has_value()) return Cancelled{operation.id(), true, OutcomeOf(*outcome)};
    if (IsOver(budget)) return Cancelled{operation.id(), false, ""};
  }
}

absl::StatusOr<Cancelled> Canceller::CancelElsewhere(absl::string_view prefix,
                                                     const data_access::Budget& budget) const {
  BONNIE_ASSIGN_OR_RETURN(auto ddl, DdlSession::Open(driver_, connect_, kLockWait));
  BONNIE_ASSIGN_OR_RETURN(OperationRow row, FindOperationRow(ddl->session(), prefix));
  if (!row.begin_time.has_value())
    return Ended(row.operation_id, " is a plan that nobody has applied; reject it instead");
  if (row.end_time.has_value()) return Ended(row.operation_id, absl::StrCat(" has ended: ", row.outcome));
  BONNIE_ASSIGN_OR_RETURN(LeaseRow lease, ReadLease(ddl->session()));
  BONNIE_ASSIGN_OR_RETURN(std::int64_t running_on, LeaseSession(ddl->session()));
  if (running_on == 0 || lease.operation_id != row.operation_id || lease.connection_id != running_on) {
    return Ended(row.operation_id, " was cut off, and nothing of it runs any more");
  }
  (void)ddl->Run(absl::StrCat("KILL CONNECTION ", running_on));  // gone meanwhile is as good
  for (;;) {
    BONNIE_ASSIGN_OR_RETURN(std::int64_t now_on, LeaseSession(ddl->session()));
    if (now_on != running_on) return Cancelled{row.operation_id, true, ""};
    if (IsOver(budget)) return Cancelled{row.operation_id, false, ""};
    absl::SleepFor(kLook);
  }
}

}  // namespace bonnie::schema
