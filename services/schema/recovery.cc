#include "services/schema/recovery.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/operation_list.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Transaction;

// The statements of the unfinished revision, the way that it was going; null when its file is gone.
const std::vector<RevisionStatement>* SectionOf(const MigrationFolder& folder, const Unfinished& unfinished) {
  if (!folder.graph().Contains(unfinished.revision)) return nullptr;
  const Revision& revision = folder.at(unfinished.revision);
  if (unfinished.direction == Direction::kUp) return &revision.up;
  return revision.down.has_value() ? &*revision.down : nullptr;
}

absl::Status CheckIsUnfinished(data_access::Querier& querier, const std::string& prefix, const Unfinished* unfinished) {
  if (prefix.empty() || (unfinished != nullptr && absl::StartsWith(unfinished->operation_id, prefix))) {
    return absl::OkStatus();
  }
  BONNIE_ASSIGN_OR_RETURN(OperationRow row, FindOperationRow(querier, prefix));
  return server::FailedPrecondition(
      "OPERATION_ENDED",
      absl::StrCat("operation ", row.operation_id, " left nothing unfinished",
                   unfinished == nullptr ? "" : absl::StrCat("; ", unfinished->operation_id, " did")));
}

}  // namespace

// The lease, and what is unfinished under it.
class Recovery::Held {
 public:
  std::unique_ptr<DdlSession> ddl;
  std::unique_ptr<Lease> lease;  // after ddl: given back first
  LedgerState ledger;
  std::string operation_id;

  const Unfinished& unfinished() const { return *ledger.unfinished; }
  absl::Status Fenced(absl::FunctionRef<absl::Status(Transaction&)> unit) {
    return RunInTransaction(ddl->session(), {}, [&](Transaction& transaction) -> absl::Status {
      BONNIE_RETURN_IF_ERROR(HoldFence(transaction, lease->fence()));
      return unit(transaction);
    });
  }
};

absl::StatusOr<RecoveryReport> Recovery::Look(const std::string& prefix) const {
  BONNIE_ASSIGN_OR_RETURN(auto ddl, DdlSession::Open(driver_, options_.connect, options_.lock_wait));
  return LookWith(*ddl, prefix);
}

absl::StatusOr<RecoveryReport> Recovery::LookWith(DdlSession& ddl, const std::string& prefix) const {
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, ReadLedger(ddl.session()));
  BONNIE_ASSIGN_OR_RETURN(absl::optional<LeaseHolder> holder, CurrentHolder(ddl.session()));
  if (holder.has_value()) {
    return server::FailedPrecondition(
        "OPERATION_RUNNING",
        absl::StrCat("operation ", holder->operation_id, " runs, for ", holder->identity, ": watch it, or cancel it"),
        {{"operation", holder->operation_id}, {"identity", holder->identity}});
  }
  RecoveryReport report;
  const Unfinished* unfinished = ledger.unfinished.has_value() ? &*ledger.unfinished : nullptr;
  BONNIE_RETURN_IF_ERROR(CheckIsUnfinished(ddl.session(), prefix, unfinished));
  if (unfinished == nullptr) return report;
  report.operation_id = unfinished->operation_id;
  report.revision = unfinished->revision;
  report.direction = unfinished->direction;
  BONNIE_ASSIGN_OR_RETURN(OperationRow row, FindOperationRow(ddl.session(), unfinished->operation_id));
  report.to = row.to;
  BONNIE_ASSIGN_OR_RETURN(std::int64_t running_on, LeaseSession(ddl.session()));
  for (const auto& [ordinal, journalled] : unfinished->steps) {
    RecoveryReport::Step step{ordinal, journalled.statement};
    step.still_running = running_on != 0 && !journalled.done;
    if (!step.still_running) {
      BONNIE_ASSIGN_OR_RETURN(StepFinding finding, FindOut(ddl, journalled));
      step.state = finding.state;
    }
    report.steps.push_back(std::move(step));
  }
  const auto folder = dir_.Load();
  const auto* section = folder.ok() ? SectionOf(**folder, *unfinished) : nullptr;
  report.statements_total = section == nullptr ? 0 : static_cast<int>(section->size());
  return report;
}

absl::StatusOr<RecoveryReport> Recovery::Undecided(const std::string& prefix) const {
  BONNIE_ASSIGN_OR_RETURN(RecoveryReport report, Look(prefix));
  if (report.operation_id.empty()) {
    return server::FailedPrecondition("NOTHING_UNFINISHED", "no operation was cut off: there is nothing to decide");
  }
  for (const RecoveryReport::Step& step : report.steps) {
    if (!step.still_running) continue;
    return server::FailedPrecondition("OPERATION_STILL_RUNNING",
                                      absl::StrCat("the server still runs statement ", step.ordinal, " of revision ",
                                                   report.revision, ": wait for its end, or cancel it"),
                                      {{"operation", report.operation_id}});
  }
  return report;
}

absl::StatusOr<RecoveryReport> Recovery::Decide(const std::string& prefix, const Decider& decider, const char* outcome,
                                                absl::FunctionRef<absl::Status(Held&)> write) const {
  BONNIE_RETURN_IF_ERROR(Undecided(prefix).status());  // before the lease, which would wait
  Held held;
  held.operation_id = decider.operation_id;
  BONNIE_ASSIGN_OR_RETURN(held.ddl, DdlSession::Open(driver_, options_.connect, options_.lock_wait));
  BONNIE_ASSIGN_OR_RETURN(held.lease, Lease::Acquire(driver_, {options_.connect, options_.guard_timeout}, *held.ddl,
                                                     decider.identity, decider.operation_id, decider.keep_waiting));
  BONNIE_ASSIGN_OR_RETURN(held.ledger, ReadLedger(held.ddl->session()));
  const Unfinished* unfinished = held.ledger.unfinished.has_value() ? &*held.ledger.unfinished : nullptr;
  BONNIE_RETURN_IF_ERROR(CheckIsUnfinished(held.ddl->session(), prefix, unfinished));
  if (unfinished == nullptr)
    return server::FailedPrecondition("NOTHING_UNFINISHED", "somebody finished the operation meanwhile");
  Plan record{.site = options_.site,  // of who decided what
              .from = held.ledger.HeadIds(),
              .to = held.ledger.HeadIds(),
              .direction = unfinished->direction};
  record.fingerprint = Sha256Hex(absl::StrCat(outcome, " ", unfinished->revision, " ", unfinished->operation_id));
  BONNIE_RETURN_IF_ERROR(held.Fenced([&](Transaction& transaction) {
    return BeginOperation(transaction, decider.operation_id, held.lease->fence(), decider.identity, record);
  }));
  const absl::Status written = write(held);
  const auto details = server::DetailsOf(written);
  const std::string how = written.ok() ? outcome : details.has_value() ? details->reason : "failed";
  BONNIE_RETURN_IF_ERROR(
      held.Fenced([&](Transaction& transaction) { return EndOperation(transaction, decider.operation_id, how); }));
  BONNIE_RETURN_IF_ERROR(written);
  held.lease.reset();
  return LookWith(*held.ddl, "");
}

absl::Status Recovery::WriteAssumeDone(Held& held, int ordinal) const {
  BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
  const Unfinished& unfinished = held.unfinished();
  const auto* section = SectionOf(*folder, unfinished);
  if (section == nullptr || ordinal < 1 || ordinal > static_cast<int>(section->size())) {
    return server::Error(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("ordinal: revision ", unfinished.revision, " has no statement ", ordinal),
                         {.reason = "ORDINAL_UNKNOWN"});
  }
  const RevisionStatement& statement = (*section)[ordinal - 1];
  if (!RunsOn(statement, held.ddl->session().flavour())) {
    return server::Error(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("ordinal: statement ", ordinal, " of revision ", unfinished.revision, " is for ",
                                      statement.only, " alone (versions/", folder->at(unfinished.revision).file_name,
                                      ":", statement.line, "), and does not run here"),
                         {.reason = "ORDINAL_UNKNOWN"});
  }
  const auto found = unfinished.steps.find(ordinal);
  if (found != unfinished.steps.end() && found->second.done) return absl::OkStatus();
  for (int before = 1; before < ordinal; ++before) {
    const auto step = unfinished.steps.find(before);
    if ((step != unfinished.steps.end() && step->second.done) ||
        !RunsOn((*section)[before - 1], held.ddl->session().flavour())) {
      continue;
    }
    return server::FailedPrecondition("ORDINAL_TOO_EARLY",
                                      absl::StrCat("ordinal: statement ", before, " of revision ", unfinished.revision,
                                                   " comes before it and is not done; decide about that one first"),
                                      {{"revision", unfinished.revision}, {"ordinal", absl::StrCat(before)}});
  }
  PlanStep step{.revision = unfinished.revision, .ordinal = ordinal, .sql = statement.sql};
  return held.Fenced([&](Transaction& transaction) -> absl::Status {
    // A row of its own, with the statement as the file has it now; of the old operation, whose goal still holds.
    if (found != unfinished.steps.end()) BONNIE_RETURN_IF_ERROR(MarkUndone(transaction, found->second.entry));
    return AddJournalStep(transaction, unfinished.operation_id, held.lease->fence(), step, unfinished.direction, "",
                          /*done=*/true)
        .status();
  });
}

absl::StatusOr<RecoveryReport> Recovery::AssumeDone(const std::string& prefix, int ordinal,
                                                    const Decider& decider) const {
  return Decide(prefix, decider, kOutcomeAssumedDone, [&](Held& held) { return WriteAssumeDone(held, ordinal); });
}

absl::StatusOr<RecoveryReport> Recovery::Abandon(const std::string& prefix, const Decider& decider) const {
  return Decide(prefix, decider, kOutcomeAbandoned, [&](Held& held) {
    return held.Fenced([&](Transaction& transaction) {
      return AbandonRevision(transaction, held.operation_id, held.lease->fence(), held.unfinished());
    });
  });
}

}  // namespace bonnie::schema
